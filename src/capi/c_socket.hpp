#pragma once

#include "base/short_mutex.hpp"
#include "capi/engine_socket.hpp"
#include "capi/error_numbers.hpp"
#include "capi/option_table.hpp"
#include "capi/settings.hpp"
#include "engine/socket_core.hpp"

#include <monocoque/message.hpp>

#include <zmq.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

namespace monocoque::capi {

class context;
class event_descriptor;
class monitor_feed;
class part;

/// What `zmq_socket` answers: a socket of the engine, of whose messages zmq.h sends and receives one frame at
/// a time, and whose options may change at any time.
///
/// Functions answer as those of zmq.h do: a number that is not negative, or -1 with `errno` set. Thread-safe
/// but for `close`, as long as the frames of one message come from one thread and go to one.
class c_socket {
 public:
  c_socket(context& owner, std::shared_ptr<engine::socket_core> core, settings chosen);
  ~c_socket();
  c_socket(const c_socket&) = delete;
  c_socket& operator=(const c_socket&) = delete;

  /// Null, with `errno` ENOTSOCK, if that is none, or is closed.
  [[nodiscard]] static c_socket* in(void* handle) noexcept {
    auto* const found = static_cast<c_socket*>(handle);
    if (found != nullptr && found->tag_.load(std::memory_order_relaxed) == alive) return found;
    fail(ENOTSOCK);
    return nullptr;
  }

  // -- traffic.cpp
  int send(std::span<const std::byte> payload, int flags);
  /// `what` is left empty on success, untouched otherwise.
  int send(part& what, int flags);
  int receive(std::span<std::byte> into, int flags);
  int receive(part& into, int flags);
  /// As libzmq sees it, which has no descriptor for what is. Here all sockets are.
  [[nodiscard]] bool is_thread_safe() const noexcept {
    return core_->type() > socket_type::stream && core_->type() != socket_type::dgram;
  }
  /// What is ready now of `wanted`: ZMQ_POLLIN, ZMQ_POLLOUT. Errors: terminated.
  [[nodiscard]] result<short> ready(short wanted);
  /// The same of both, for ZMQ_EVENTS.
  [[nodiscard]] result<short> events();

  // -- endpoints.cpp
  int bind(const char* endpoint);
  int connect(const char* endpoint);
  /// Gives up an endpoint, connected or bound, as zmq_disconnect and zmq_unbind both do.
  int give_up(const char* endpoint);
  /// The number that the peer is known by; 0, with `errno` set: none.
  std::uint32_t connect_peer(const char* endpoint);
  int disconnect_peer(std::uint32_t routing_id);

  // -- groups.cpp
  int join(const char* group, bool in);

  // -- options.cpp
  int set_option(int option, const void* value, std::size_t size);
  int get_option(int option, void* into, std::size_t* size);

  // -- monitor.cpp
  int monitor(const char* endpoint, std::uint64_t events, int version, int type);
  /// Has the monitor tell of what waits for each peer, and from each.
  int monitor_queues();

  /// As zmq_close: nobody may use it any more.
  void close() noexcept;

  [[nodiscard]] engine::socket_core& core() const noexcept { return *core_; }
  /// Sends if that is possible without waiting, though a mark may have been reached.
  engine::attempt_code send_now(message& what);
  /// Frames of the last message are left, of which only parts were received.
  [[nodiscard]] bool receives_more() const noexcept { return has_incoming_.load(std::memory_order_relaxed); }

 private:
  int send_to_group(std::string_view group, bytes&& payload, int flags);
  template <class Content>
  int send_whole(Content&& what, std::size_t size, int flags);
  int add_part(bytes&& payload, int flags, std::uint32_t routing_id = 0);
  int send_single(bytes&& payload, int flags, std::uint32_t routing_id);
  int send_collected(message&& whole, int answer, int flags);
  void take_back_last(message&& whole);
  error wait_and_take(engine::attempt_code tried, message& into, int flags);
  template <class Give, class Name>
  int receive_part(int flags, Give give, Name name);
  [[nodiscard]] std::chrono::milliseconds timeout(int flags, engine::direction doing) const noexcept;
  void note_blocked(engine::direction doing) noexcept;
  /// Where sending and receiving alternate, it is not the other's turn while frames are left.
  [[nodiscard]] bool must_receive_first() { return receives_more() && alternates(); }
  [[nodiscard]] bool alternates();

  int subscribe(option_value topic, bool add);
  result<void> bring_up_to_date();
  bool become(socket_type type, const socket_options& options);
  [[nodiscard]] bool drops_what_has_no_room();
  int answer_of_new(const result<void>& outcome);
  int descriptor();
  void stop_monitor() noexcept;

  static constexpr std::uint32_t alive = 0xbaddecaf;
  static constexpr std::uint32_t closed = 0xdeadbeef;
  std::atomic<std::uint32_t> tag_{alive};
  context& owner_;
  engine_socket core_;
  const socket_type type_;

  base::short_mutex parts_mutex_;  // guards the next three, but for a look at the flags
  message outgoing_;               // frames that were sent with ZMQ_SNDMORE
  message incoming_;               // what is left of it is to be received next
  std::size_t next_part_ = 0;
  /// Or, of SERVER, PEER and RADIO, that what is sent is to get a frame in front. They are always ready to
  /// send.
  std::atomic<bool> has_outgoing_;
  std::atomic<bool> has_incoming_{false};

  std::mutex settings_mutex_;
  settings settings_;
  std::atomic<event_descriptor*> descriptor_{nullptr};  // owned; made when ZMQ_FD is asked for
  std::shared_ptr<monitor_feed> monitor_;
};

}  // namespace monocoque::capi
