// Sending and receiving, a frame at a time.

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "capi/event_descriptor.hpp"
#include "capi/numbered_peers.hpp"
#include "capi/part.hpp"

#include <monocoque/detail/copy_short.hpp>
#include <monocoque/routing_number.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/uio.h>
#include <utility>

namespace monocoque::capi {
namespace {

using engine::attempt_code;
using engine::direction;
using engine::on_signal;

/// Longer payloads are not copied on their way out (architecture, "Size tiers").
constexpr std::size_t worth_sharing = 8 * 1024;
constexpr std::size_t longest_short_copy = 256;

int as_answer(std::size_t size) noexcept { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

std::chrono::milliseconds c_socket::timeout(int flags, direction doing) const noexcept {
  return (flags & ZMQ_DONTWAIT) != 0 ? std::chrono::milliseconds(0) : core_->timeout(doing);
}

/// Somebody who waits for ZMQ_FD is to hear when it would not block any more.
void c_socket::note_blocked(direction doing) noexcept {
  if (event_descriptor* const watching = descriptor_.load(std::memory_order_acquire)) watching->arm(doing);
}

/// A message that is complete, from wherever it lies.
template <class Content>
int c_socket::send_whole(Content&& what, std::size_t size, int flags) {
  attempt_code tried = core_->try_send(what);
  if (tried == engine::succeeded) return as_answer(size);
  const error failed = core_->send_after(tried, what, timeout(flags, direction::send), {}, on_signal::fail);
  if (!failed) return as_answer(size);
  if (failed == errc::timed_out) note_blocked(direction::send);
  // A routing id and nothing behind it goes nowhere, as libzmq has it.
  const bool has_ids = core_->type() == socket_type::router || core_->type() == socket_type::stream;
  if (failed == errc::invalid_argument && has_ids) return as_answer(size);
  return fail(failed);
}

/// A ROUTER that does not insist, and is raw: other than it the engine's STREAM waits, or tells.
bool c_socket::drops_what_has_no_room() {
  if (type_ != socket_type::router || core_->type() == type_) return false;
  const std::lock_guard lock(settings_mutex_);
  return !settings_.engine.router_mandatory;
}

attempt_code c_socket::send_now(message& what) {
  const attempt_code sent = core_->try_send(what);
  return sent == errc::would_block && core_->make_room() ? core_->try_send(what) : sent;
}

bool c_socket::alternates() {
  if (core_->type() != socket_type::req) return core_->type() == socket_type::rep;
  const std::lock_guard lock(settings_mutex_);
  return !settings_.engine.req_relaxed;
}

int c_socket::send(std::span<const std::byte> payload, int flags) {
  if (must_receive_first()) return fail(EFSM);
  if ((flags & ZMQ_SNDMORE) == 0 && !has_outgoing_.load(std::memory_order_relaxed))
    return send_whole(payload, payload.size(), flags);
  if (core_->type() == socket_type::radio) return send_to_group({}, bytes::copy(payload), flags);
  return add_part(bytes::copy(payload), flags);
}

int c_socket::send(part& what, int flags) {
  if (must_receive_first()) return fail(EFSM);
  const std::size_t size = what.size();
  const bool is_whole = (flags & ZMQ_SNDMORE) == 0 && !has_outgoing_.load(std::memory_order_relaxed);
  int answer = -1;
  if (!is_whole && core_->type() == socket_type::radio) {
    answer = send_to_group(what.group(), what.payload(), flags);
  } else if (!is_whole) {
    answer = add_part(what.payload(), flags, what.routing_id());
  } else if (size < worth_sharing) {
    answer = send_whole(what.span(), size, flags);
  } else {
    message shared(what.payload());
    answer = send_whole(shared, size, flags);
  }
  if (answer >= 0) what.clear();
  return answer;
}

int c_socket::send_to_group(std::string_view group, bytes&& payload, int flags) {
  if ((flags & ZMQ_SNDMORE) != 0) return fail(EINVAL);
  const std::size_t size = payload.size();
  message whole(group);
  whole.push_back(std::move(payload));
  return send_whole(whole, size, flags);
}

/// One of several frames. Like libzmq, this waits for a peer with the first of them, or fails there.
int c_socket::add_part(bytes&& payload, int flags, std::uint32_t routing_id) {
  if (pattern::has_single_frames(core_->type())) return send_single(std::move(payload), flags, routing_id);
  const int answer = as_answer(payload.size());
  // A STREAM's messages are of two frames, whatever is said of the second.
  const bool ends_pair =
      core_->type() == socket_type::stream && has_outgoing_.load(std::memory_order_relaxed);
  const bool is_last = (flags & ZMQ_SNDMORE) == 0 || ends_pair;
  if (!has_outgoing_.load(std::memory_order_relaxed) && !drops_what_has_no_room()) {
    const attempt_code possible = core_->probe_send(payload.span());
    if (const error failed =
            core_->probe_after(possible, payload.span(), timeout(flags, direction::send), on_signal::fail)) {
      if (failed == errc::timed_out) note_blocked(direction::send);
      return fail(failed);
    }
  }
  message whole;
  {
    const std::lock_guard lock(parts_mutex_);
    if (!has_outgoing_.load(std::memory_order_relaxed)) {
      outgoing_ = message(std::move(payload));
      has_outgoing_.store(true, std::memory_order_relaxed);
    } else {
      outgoing_.push_back(std::move(payload));
    }
    if (!is_last) return answer;
    whole = std::exchange(outgoing_, {});
    has_outgoing_.store(false, std::memory_order_relaxed);
  }
  return send_collected(std::move(whole), answer, flags);
}

/// The first frame has found a peer. If that is gone, so is the message, as in libzmq.
int c_socket::send_collected(message&& whole, int answer, int flags) {
  const attempt_code tried = send_now(whole);
  const bool is_gone = tried == errc::unroutable || (tried == errc::would_block && drops_what_has_no_room());
  if (tried == engine::succeeded || is_gone) return answer;
  const error failed = core_->send_after(tried, whole, timeout(flags, direction::send), {}, on_signal::fail);
  if (!failed || failed == errc::unroutable) return answer;
  if (failed != errc::invalid_argument) take_back_last(std::move(whole));
  return fail(failed);
}

/// The last frame could not be sent: it is the caller's again, and the others stay.
void c_socket::take_back_last(message&& whole) {
  const std::lock_guard lock(parts_mutex_);
  outgoing_ = message(whole.pop_front());
  while (whole.size() > 1) outgoing_.push_back(whole.pop_front());
  has_outgoing_.store(true, std::memory_order_relaxed);
}

/// What follows an attempt that has failed.
error c_socket::wait_and_take(attempt_code tried, message& into, int flags) {
  error failed = core_->receive_after(tried, into, timeout(flags, direction::receive), {}, on_signal::fail);
  if (failed == errc::timed_out) note_blocked(direction::receive);
  return failed;
}

/// The next frame goes to `give(bytes&&, peer_ref&&, has_more)`, which answers its size; and then, if the
/// message has a frame in front that zmq.h has apart, the message to `name`.
template <class Give, class Name>
int c_socket::receive_part(int flags, Give give, Name name) {
  if (!has_incoming_.load(std::memory_order_relaxed)) {
    message whole;
    if (const attempt_code tried = core_->try_receive(whole); tried != engine::succeeded) [[unlikely]] {
      if (const error failed = wait_and_take(tried, whole, flags)) return fail(failed);
    }
    if (!whole.has_several()) return give(std::move(whole.only_frame()), whole.take_peer(), false);
    if (numbers_peers(core_->type()) || core_->type() == socket_type::dish) {
      const int answer = give(bytes(whole[1]), whole.take_peer(), false);
      name(whole);
      return answer;
    }
    const std::lock_guard lock(parts_mutex_);
    incoming_ = std::move(whole);
    next_part_ = 0;
    has_incoming_.store(true, std::memory_order_relaxed);
  }
  const std::lock_guard lock(parts_mutex_);
  bytes next = incoming_[next_part_];
  const bool has_more = ++next_part_ < incoming_.size();
  detail::peer_ref from = has_more ? incoming_.peer_reference() : incoming_.take_peer();
  if (!has_more) {
    incoming_.clear();
    has_incoming_.store(false, std::memory_order_relaxed);
  }
  return give(std::move(next), std::move(from), has_more);
}

int c_socket::receive(std::span<std::byte> into, int flags) {
  const auto give = [&](bytes&& next, detail::peer_ref&&, bool) {
    const std::size_t stored = std::min(into.size(), next.size());
    if (stored <= longest_short_copy) {
      monocoque::detail::copy_short(into.data(), next.data(), stored);
    } else {
      std::memcpy(into.data(), next.data(), stored);
    }
    return as_answer(next.size());
  };
  return receive_part(flags, give, [](const message&) {});
}

int c_socket::receive(part& into, int flags) {
  const auto give = [&](bytes&& next, detail::peer_ref&& from, bool has_more) {
    const int size = as_answer(next.size());
    into.take(std::move(next), std::move(from));
    into.set_more(has_more);
    return size;
  };
  return receive_part(flags, give, [&](const message& whole) {
    if (core_->type() == socket_type::dish) {
      into.set_group(whole.view(0));
    } else {
      into.set_routing_id(routing_id_of(whole));
    }
  });
}

result<short> c_socket::ready(short wanted) {
  if (const result<void> usable = core_->require_usable("zmq_poll"); !usable) return usable.error();
  int found = 0;
  if ((wanted & ZMQ_POLLIN) != 0 && (receives_more() || core_->ready_for(direction::receive)))
    found |= ZMQ_POLLIN;
  if ((wanted & ZMQ_POLLOUT) != 0 && !must_receive_first() &&
      (has_outgoing_.load(std::memory_order_relaxed) || core_->ready_for(direction::send)))
    found |= ZMQ_POLLOUT;
  return static_cast<short>(found);
}

result<short> c_socket::events() {
  event_descriptor* const watching = descriptor_.load(std::memory_order_acquire);
  if (watching != nullptr) watching->begin_anew();
  const result<short> found = ready(ZMQ_POLLIN | ZMQ_POLLOUT);
  if (!found || watching == nullptr) return found;
  if ((*found & ZMQ_POLLIN) == 0) watching->arm(direction::receive);
  if ((*found & ZMQ_POLLOUT) == 0) watching->arm(direction::send);
  return found;
}

}  // namespace monocoque::capi

namespace {

using monocoque::capi::c_socket;
using monocoque::capi::fail;
using monocoque::capi::guard;
using monocoque::capi::part;

/// `buffer` may be null if there is nothing in it.
std::span<const std::byte> as_span(const void* buffer, size_t size) {
  return {static_cast<const std::byte*>(buffer), size};
}

}  // namespace

int zmq_send(void* handle, const void* buf, size_t len, int flags) {
  c_socket* const sending = c_socket::in(handle);
  if (sending == nullptr) return -1;
  return guard(-1, [&] { return sending->send(as_span(buf, len), flags); });
}

int zmq_send_const(void* handle, const void* buf, size_t len, int flags) {
  c_socket* const sending = c_socket::in(handle);
  if (sending == nullptr) return -1;
  return guard(-1, [&] {
    zmq_msg_t room;
    part& constant = part::init(&room);
    // Nothing is written there.
    constant.adopt(const_cast<void*>(buf), len, nullptr,
                   nullptr);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    const int answer = sending->send(constant, flags);
    constant.close();
    return answer;
  });
}

int zmq_recv(void* handle, void* buf, size_t len, int flags) {
  c_socket* const receiving = c_socket::in(handle);
  if (receiving == nullptr) return -1;
  return guard(-1, [&] { return receiving->receive({static_cast<std::byte*>(buf), len}, flags); });
}

int zmq_msg_send(zmq_msg_t* msg, void* handle, int flags) {
  c_socket* const sending = c_socket::in(handle);
  if (sending == nullptr) return -1;
  part* const what = part::in(msg);
  if (what == nullptr) return -1;
  return guard(-1, [&] { return sending->send(*what, flags); });
}

int zmq_msg_recv(zmq_msg_t* msg, void* handle, int flags) {
  c_socket* const receiving = c_socket::in(handle);
  if (receiving == nullptr) return -1;
  part* const into = part::in(msg);
  if (into == nullptr) return -1;
  return guard(-1, [&] { return receiving->receive(*into, flags); });
}

int zmq_sendmsg(void* handle, zmq_msg_t* msg, int flags) { return zmq_msg_send(msg, handle, flags); }
int zmq_recvmsg(void* handle, zmq_msg_t* msg, int flags) { return zmq_msg_recv(msg, handle, flags); }

/// Each element is a frame.
int zmq_sendiov(void* handle, iovec* iov, size_t count, int flags) {
  c_socket* const sending = c_socket::in(handle);
  if (sending == nullptr) return -1;
  if (count == 0 || iov == nullptr) return fail(EINVAL);
  return guard(-1, [&] {
    int answer = 0;
    for (size_t i = 0; i < count && answer >= 0; ++i) {
      const int how = i + 1 < count ? flags | ZMQ_SNDMORE : flags & ~ZMQ_SNDMORE;
      answer = sending->send(as_span(iov[i].iov_base, iov[i].iov_len), how);
    }
    return answer;
  });
}

/// Up to `*count` frames of a message, each in memory of malloc that is the caller's; answers how many.
int zmq_recviov(void* handle, iovec* iov, size_t* count, int flags) {
  c_socket* const receiving = c_socket::in(handle);
  if (receiving == nullptr) return -1;
  if (count == nullptr || *count == 0 || iov == nullptr) return fail(EINVAL);
  return guard(-1, [&] {
    const size_t room = std::exchange(*count, 0);
    do {
      zmq_msg_t msg;
      part& frame = part::init(&msg);
      if (const int size = receiving->receive(frame, flags); size < 0) return size;
      iovec& into = iov[*count];
      into.iov_len = frame.size();
      into.iov_base = std::malloc(frame.size());  // NOLINT(cppcoreguidelines-no-malloc): C code frees it
      if (into.iov_base == nullptr && frame.size() != 0) {
        frame.close();
        return fail(ENOMEM);
      }
      if (frame.size() != 0) std::memcpy(into.iov_base, frame.data(), frame.size());
      frame.close();
      ++*count;
    } while (receiving->receives_more() && *count < room);
    return static_cast<int>(*count);
  });
}
