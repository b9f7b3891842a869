// zmq_setsockopt and zmq_getsockopt.

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "capi/event_descriptor.hpp"
#include "capi/option_table.hpp"
#include "engine/context_core.hpp"

#include <monocoque/z85.hpp>

#include <zmq.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace monocoque::capi {
namespace {

/// Where zmq_getsockopt puts its answer.
struct place {
  void* into;
  std::size_t* size;
  bool may_be_larger = true;  // than a number

  /// The rest of the room becomes 0, as with libzmq.
  int put(const void* value, std::size_t value_size) const noexcept {
    if (*size < value_size) return fail(EINVAL);
    if (value_size != 0) std::memcpy(into, value, value_size);
    std::memset(static_cast<std::byte*>(into) + value_size, 0, *size - value_size);
    *size = value_size;
    return 0;
  }
  template <class Number>
  int operator()(Number number) const noexcept
    requires std::is_arithmetic_v<Number>
  {
    if (!may_be_larger && *size != sizeof number) return fail(EINVAL);
    return put(&number, sizeof number);
  }
  int operator()(const std::string& octets) const noexcept { return put(octets.data(), octets.size()); }
  int operator()(const c_string& string) const noexcept {
    return put(string.text.c_str(), string.text.size() + 1);
  }
  /// 32 octets, or text, as there is room for.
  int operator()(const curve_key& key) const {
    if (*size == key.data.size()) return put(key.data.data(), key.data.size());
    if (*size != curve_public_key::z85_size + 1) return fail(EINVAL);
    return (*this)(c_string{z85_encode(key.data)});
  }
};

}  // namespace

int c_socket::subscribe(option_value topic, bool add) {
  const bool by_hand = core_->type() == socket_type::xpub;
  if (core_->type() != socket_type::sub && !by_hand) return fail(EINVAL);
  const result<void> done =
      by_hand ? core_->subscribe_last_peer(topic.bytes(), add) : core_->subscribe(topic.bytes(), add);
  if (done) return 0;
  return done.error() == errc::terminated ? fail(done.error()) : fail(EINVAL);
}

int c_socket::set_option(int option, const void* value, std::size_t size) {
  if (const result<void> usable = core_->require_usable("zmq_setsockopt"); !usable)
    return fail(usable.error());
  const option_value given{value, size};
  if (option == ZMQ_SUBSCRIBE || option == ZMQ_UNSUBSCRIBE) return subscribe(given, option == ZMQ_SUBSCRIBE);
  const option_row* const row = find_option(option);
  if (row == nullptr || row->set == nullptr || !row->is_of(type_)) return fail(EINVAL);
  const std::lock_guard lock(settings_mutex_);
  settings changed = settings_;
  if (!row->set(changed, given)) return fail(EINVAL);
  const bool stays = changed.engine_type() == core_->type();
  // What makes no whole yet does so at the latest when it is needed: `bring_up_to_date`.
  const bool taken = stays ? static_cast<bool>(core_->change_options(changed.engine_options()))
                           : become(changed.engine_type(), changed.engine_options());
  if (!taken) return fail(EINVAL);
  settings_ = std::move(changed);
  return 0;
}

/// A ROUTER becomes a STREAM, or one again, as long as nothing depends on what it was.
bool c_socket::become(socket_type type, const socket_options& options) {
  const bool is_used = !core_->last_endpoint().empty() || monitor_ || has_outgoing_.load() ||
                       descriptor_.load(std::memory_order_relaxed) != nullptr;
  if (is_used) return false;
  auto made = engine::socket_core::make(core_->context().shared_from_this(), type, options);
  if (!made) return false;
  core_.replace(*std::move(made));
  return true;
}

/// Before an endpoint comes that the settings are for.
result<void> c_socket::bring_up_to_date() {
  const std::lock_guard lock(settings_mutex_);
  if (settings_.mechanism == ZMQ_NULL) return {};
  result<socket_options> whole = settings_.complete();
  if (!whole) return std::move(whole).error();
  return core_->change_options(*std::move(whole));
}

int c_socket::descriptor() {
  const std::lock_guard lock(settings_mutex_);
  event_descriptor* known = descriptor_.load(std::memory_order_acquire);
  if (known == nullptr) {
    auto made = event_descriptor::make(core_.shared());
    if (!made) return fail(made.error());
    known = made->release();
    descriptor_.store(known, std::memory_order_release);
  }
  return known->fd();
}

int c_socket::get_option(int option, void* into, std::size_t* size) {
  if (const result<void> usable = core_->require_usable("zmq_getsockopt"); !usable)
    return fail(usable.error());
  if (into == nullptr || size == nullptr) return fail(EINVAL);
  const place answer{into, size};
  switch (option) {
    case ZMQ_RCVMORE: return answer(receives_more() ? 1 : 0);
    case ZMQ_LAST_ENDPOINT: return answer(c_string{core_->last_endpoint()});
    case ZMQ_THREAD_SAFE: return answer(is_thread_safe() ? 1 : 0);
    case ZMQ_FD: {
      if (is_thread_safe()) return fail(EINVAL);
      const int fd = *size < sizeof(int) ? fail(EINVAL) : descriptor();
      return fd < 0 ? -1 : answer(fd);
    }
    case ZMQ_TOPICS_COUNT: {
      constexpr unsigned types =
          types_of(socket_type::pub, socket_type::xpub, socket_type::sub, socket_type::xsub);
      const bool has_topics = (types >> static_cast<unsigned>(core_->type()) & 1U) != 0;
      return has_topics ? answer(static_cast<int>(core_->topic_count())) : fail(EINVAL);
    }
    case ZMQ_EVENTS: {
      if (*size < sizeof(int)) return fail(EINVAL);
      const result<short> ready = events();
      return ready ? answer(int{*ready}) : fail(ready.error());
    }
    default: break;
  }
  // With a STREAM it is that of the peer, which has none of its own to tell.
  if (option == ZMQ_ROUTING_ID && type_ == socket_type::stream) return answer(core_->last_routing_id().str());
  const option_row* const row = find_option(option);
  if (row == nullptr || row->get == nullptr) return fail(EINVAL);
  const std::lock_guard lock(settings_mutex_);
  return std::visit(place{into, size, false}, row->get(settings_));
}

}  // namespace monocoque::capi

using monocoque::capi::c_socket;
using monocoque::capi::guard;

int zmq_setsockopt(void* handle, int option, const void* optval, size_t optvallen) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] { return of->set_option(option, optval, optvallen); });
}

int zmq_getsockopt(void* handle, int option, void* optval, size_t* optvallen) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] { return of->get_option(option, optval, optvallen); });
}
