#include "io/uring_buffers.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace monocoque::io {

namespace {

// The free tail of a slab that is shorter is left unused.
constexpr std::size_t min_tail = 8 * 1024;
constexpr std::size_t tail_alignment = 64;
constexpr std::align_val_t page_alignment{4096};

}  // namespace

void uring_buffers::free_ring::operator()(io_uring_buf_ring* memory) const noexcept {
  ::operator delete(memory, page_alignment);
}

uring_buffers::~uring_buffers() {
  for (place& one : places_) {
    if (one.slab != nullptr) one.slab->release();
  }
}

int uring_buffers::attach(io_uring& ring) {
  void* memory = ::operator new(max_buffers * sizeof(io_uring_buf), page_alignment);
  entries_.reset(static_cast<io_uring_buf_ring*>(memory));
  io_uring_buf_ring_init(entries_.get());
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(memory);
  registration.ring_entries = max_buffers;
  registration.bgid = group;
  return io_uring_register_buf_ring(&ring, &registration, 0);
}

bool uring_buffers::stock() noexcept {
  if (wanted_ == 0) wanted_ = first_buffers;
  for (unsigned buffer = 0; buffer < wanted_ && available_ < wanted_; ++buffer) {
    place& one = places_[buffer];
    if (one.slab != nullptr) continue;
    try {
      one.slab = slabs_->take();
    } catch (const std::bad_alloc&) {
      break;
    }
    one.used = 0;
    provide(buffer);
  }
  return available_ > 0;
}

void uring_buffers::want_more() noexcept {
  wanted_ = std::min(max_buffers, std::max(first_buffers, wanted_ * 2));
}

bytes uring_buffers::consume(unsigned buffer, std::size_t size) noexcept {
  --available_;
  place& one = places_[buffer];
  const std::byte* filled = one.slab->data() + one.used;
  bytes data;
  if (size <= bytes::inline_capacity) {
    if (size > 0) data = bytes::share(*one.slab, filled, size);  // a copy: the memory is free again
  } else {
    one.used += (size + tail_alignment - 1) / tail_alignment * tail_alignment;
    if (one.used + min_tail > one.slab->capacity()) {
      data = bytes::take(*std::exchange(one.slab, nullptr), filled, size);
      (void)stock();
      return data;
    }
    data = bytes::share(*one.slab, filled, size);
  }
  provide(buffer);
  return data;
}

void uring_buffers::provide(unsigned buffer) noexcept {
  place& one = places_[buffer];
  const auto length = static_cast<unsigned>(one.slab->capacity() - one.used);
  io_uring_buf_ring_add(entries_.get(), one.slab->data() + one.used, length,
                        static_cast<unsigned short>(buffer), io_uring_buf_ring_mask(max_buffers), 0);
  io_uring_buf_ring_advance(entries_.get(), 1);
  ++available_;
}

}  // namespace monocoque::io
