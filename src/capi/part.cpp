#include "capi/part.hpp"

#include "capi/error_numbers.hpp"

#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

namespace monocoque::capi {

// It lies in memory of the caller's, and is moved bytewise.
static_assert(std::is_trivially_copyable_v<part>);

part* part::in(zmq_msg_t* where) noexcept {
  auto* const found = reinterpret_cast<part*>(where);
  if (found != nullptr && (found->form_ == form::short_payload || found->form_ == form::long_payload))
    return found;
  fail(EFAULT);
  return nullptr;
}

const part* part::in(const zmq_msg_t* where) noexcept {
  return in(const_cast<zmq_msg_t*>(where));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

part& part::init(zmq_msg_t* where) noexcept {
  auto& made = *reinterpret_cast<part*>(where);
  made.peer_ = nullptr;
  made.short_size_ = 0;
  made.form_ = form::short_payload;
  made.flags_ = 0;
  made.routing_id_ = 0;
  made.group_[0] = '\0';
  return made;
}

part::place part::long_place() const noexcept {
  place found;
  std::memcpy(&found, storage_, sizeof found);
  return found;
}

void part::set_long(const place& where) noexcept {
  std::memcpy(storage_, &where, sizeof where);
  form_ = form::long_payload;
}

void part::reserve(std::size_t size) {
  if (size <= short_capacity) {
    short_size_ = static_cast<std::uint8_t>(size);
    return;
  }
  constexpr std::size_t largest = std::numeric_limits<std::ptrdiff_t>::max() - sizeof(base::heap_buffer);
  if (size > largest) throw std::bad_alloc();
  base::heap_buffer* const block = base::heap_buffer::make(size);
  set_long({block->data(), size, block});
}

void part::adopt(void* data, std::size_t size, void (*release)(void*, void*), void* hint) {
  set_long({static_cast<std::byte*>(data), size, base::foreign_buffer::make(data, release, hint)});
  if (release == nullptr) flags_ |= shared;
}

void part::take(bytes&& payload, detail::peer_ref&& from) {
  const std::size_t size = payload.size();
  if (payload.is_inline()) {
    reserve(size);
    if (size != 0) std::memcpy(data(), payload.data(), size);
  } else {
    // libzmq lets those who receive write there, and nobody else looks at this part of a slab.
    auto* const where =
        const_cast<std::byte*>(payload.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    set_long({where, size, payload.let_go()});
  }
  peer_ = from.let_go();
}

bytes part::payload() const {
  if (form_ != form::long_payload) return bytes::copy(span());
  const place there = long_place();
  there.owner->retain();
  return bytes::take(*there.owner, there.data, there.size);
}

void part::clear() noexcept {
  if (form_ == form::long_payload) long_place().owner->release();
  // Dropped by the reference's own destructor.
  if (peer_ != nullptr) static_cast<void>(detail::peer_ref::prepaid(peer_));
  peer_ = nullptr;
  form_ = form::short_payload;
  short_size_ = 0;
  flags_ = 0;
  routing_id_ = 0;
  group_[0] = '\0';
}

void part::close() noexcept {
  clear();
  form_ = form::closed;
}

void part::share(part& other) noexcept {
  std::memcpy(static_cast<void*>(this), &other, sizeof other);
  if (form_ == form::long_payload) {
    long_place().owner->retain();
    flags_ |= shared;
    other.flags_ |= shared;
  }
  if (peer_ == nullptr) return;
  detail::peer_ref known = detail::peer_ref::prepaid(peer_);
  detail::peer_ref again = known;
  other.peer_ = known.let_go();
  peer_ = again.let_go();
}

std::byte* part::data() noexcept { return form_ == form::long_payload ? long_place().data : storage_; }

std::size_t part::size() const noexcept {
  return form_ == form::long_payload ? long_place().size : short_size_;
}

std::span<const std::byte> part::span() const noexcept {
  if (form_ != form::long_payload) return {storage_, short_size_};
  const place there = long_place();
  return {there.data, there.size};
}

void part::set_more(bool has_more) noexcept {
  flags_ = static_cast<std::uint8_t>(has_more ? flags_ | more : flags_ & ~more);
}

const peer_info* part::peer() const noexcept {
  if (peer_ == nullptr) return nullptr;
  detail::peer_ref known = detail::peer_ref::prepaid(peer_);
  const peer_info* const found = known.get();
  static_cast<void>(known.let_go());  // it stays where it is
  return found;
}

}  // namespace monocoque::capi
