#include "capi/part.hpp"

#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

namespace monocoque::capi {

// It lies in memory of the caller's, and is moved bytewise.
static_assert(std::is_trivially_copyable_v<part>);

void part::reserve_long(std::size_t size) {
  constexpr std::size_t largest = std::numeric_limits<std::ptrdiff_t>::max() - sizeof(base::heap_buffer);
  if (size > largest) throw std::bad_alloc();
  base::heap_buffer* const block = base::heap_buffer::make(size);
  set_long({block->data(), size, block});
}

void part::adopt(void* data, std::size_t size, void (*release)(void*, void*), void* hint) {
  set_long({static_cast<std::byte*>(data), size, base::foreign_buffer::make(data, release, hint)});
  if (release == nullptr) flags_ |= shared;
}

void part::take_long(bytes&& payload) {
  const std::size_t size = payload.size();
  if (payload.is_inline()) {
    reserve(size);
    detail::copy_short(data(), payload.data(), size);
  } else {
    // libzmq lets those who receive write there, and nobody else looks at this part of a slab.
    auto* const where =
        const_cast<std::byte*>(payload.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    set_long({where, size, payload.let_go()});
  }
}

bytes part::payload() const {
  if (form_ != form::long_payload) return bytes::copy(span());
  long_owner()->retain();
  return bytes::take(*long_owner(), long_data(), long_size());
}

void part::share(part& other) noexcept {
  std::memcpy(static_cast<void*>(this), &other, sizeof other);
  if (form_ == form::long_payload) {
    long_owner()->retain();
    flags_ |= shared;
    other.flags_ |= shared;
  }
  if ((flags_ & far_group) != 0) group_block()->retain();
  if (peer_ == nullptr) return;
  detail::peer_ref known = detail::peer_ref::prepaid(peer_);
  detail::peer_ref again = known;
  other.peer_ = known.let_go();
  peer_ = again.let_go();
}

void part::set_group(std::string_view name) {
  const far_name made{name.size() < sizeof group_ ? nullptr : base::heap_buffer::make(name.size() + 1)};
  base::heap_buffer* const before = (flags_ & far_group) != 0 ? group_block() : nullptr;
  char* const text = made.block != nullptr ? reinterpret_cast<char*>(made.block->data()) : group_;
  if (!name.empty()) std::memmove(text, name.data(), name.size());  // may be a part of the name before
  text[name.size()] = '\0';
  if (made.block != nullptr) std::memcpy(group_, &made, sizeof made);
  flags_ = static_cast<std::uint8_t>(made.block != nullptr ? flags_ | far_group : flags_ & ~far_group);
  if (before != nullptr) before->release();
}

const peer_info* part::peer() const noexcept {
  if (peer_ == nullptr) return nullptr;
  detail::peer_ref known = detail::peer_ref::prepaid(peer_);
  const peer_info* const found = known.get();
  static_cast<void>(known.let_go());  // it stays where it is
  return found;
}

}  // namespace monocoque::capi
