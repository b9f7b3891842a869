#pragma once

#include <monocoque/context.hpp>
#include <monocoque/detail/lanes.hpp>
#include <monocoque/detail/payload.hpp>
#include <monocoque/detail/socket_operation.hpp>
#include <monocoque/frame_view.hpp>
#include <monocoque/message.hpp>
#include <monocoque/monitor.hpp>
#include <monocoque/options.hpp>
#include <monocoque/peer_status.hpp>
#include <monocoque/result.hpp>
#include <monocoque/socket_type.hpp>
#include <monocoque/stats.hpp>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

/// What all socket types share. Made as one of the types in <monocoque/sockets.hpp>; move-only.
///
/// Thread-safe with a threaded context: any member but the destructor, the move and `close` from any thread,
/// and a multipart message is sent whole or not at all. With an inline context all calls belong to the loop's
/// thread.
///
/// Plain calls throw monocoque::exception; the twin that takes `as_result` first answers a result instead.
/// Timeouts and deadlines below 0 are as 0. An object that was moved from fails with errc::closed.
/// Every wait ends with errc::closed when the socket is closed, errc::terminated when the context is shut
/// down, errc::cancelled when its stop token fires (a coroutine's own token counts too), errc::timed_out at
/// its deadline.
class socket {
 public:
  socket(socket&& other) noexcept;
  socket& operator=(socket&& other) noexcept;
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;
  /// Closes without waiting: what is not sent yet is sent in the background for the linger time.
  ~socket();

  // -- endpoints ("tcp://host:port", "ipc://path", "inproc://name"; docs/guide.md has the forms)
  /// Listens on `endpoint`. `tcp://*:0` takes a free port: see last_endpoint. Errors: invalid_endpoint,
  /// unsupported_transport, transport_mismatch, resolve_failed, the system's (address in use, permission
  /// denied).
  void bind(std::string_view endpoint) { bind(as_result, endpoint).value(); }
  result<void> bind(as_result_tag, std::string_view endpoint);
  /// Connects to `endpoint`, now and again whenever the connection is lost (inproc: once); does not wait for
  /// the peer to be there.
  void connect(std::string_view endpoint, const connect_options& options = {}) {
    connect(as_result, endpoint, options).value();
  }
  result<void> connect(as_result_tag, std::string_view endpoint, const connect_options& options = {});
  /// Stops listening on what `bind` was given, or what last_endpoint answered; its connections are closed as
  /// well.
  void unbind(std::string_view endpoint) { unbind(as_result, endpoint).value(); }
  result<void> unbind(as_result_tag, std::string_view endpoint);
  /// Gives up a connected endpoint (the newest of that name); messages queued for it linger as on close.
  void disconnect(std::string_view endpoint) { disconnect(as_result, endpoint).value(); }
  result<void> disconnect(as_result_tag, std::string_view endpoint);
  /// Ends the connection of one peer: `*message.peer()`, `*event.peer` or the `info` of a peer_status, the
  /// object itself, not a copy. What is queued for it is dropped. An endpoint that we connected to is
  /// connected to again. Errors: no_such_peer.
  void disconnect(const peer_info& peer) { disconnect(as_result, peer).value(); }
  result<void> disconnect(as_result_tag, const peer_info& peer);
  /// Bound endpoints accept no more connections until `resume_accept`: the system keeps those that come, as
  /// many as `backlog` says. Peers that are there stay. Over inproc it has no effect.
  void pause_accept();
  void resume_accept();
  /// The endpoint bound or connected last, wildcards resolved: "tcp://0.0.0.0:41234". Empty if none.
  [[nodiscard]] std::string last_endpoint() const;

  // -- state
  [[nodiscard]] socket_type type() const noexcept;
  /// The options it was made with.
  [[nodiscard]] const socket_options& options() const noexcept;
  /// True if a send (receive) now would neither wait nor be refused for the socket's state.
  [[nodiscard]] bool can_send() const;
  [[nodiscard]] bool can_receive() const;
  /// Peers whose handshake is done.
  [[nodiscard]] std::size_t peer_count() const;
  [[nodiscard]] std::vector<peer_status> peers() const;
  /// Messages dropped so far, for whatever reason (no subscriber is not a drop; a full one is).
  [[nodiscard]] std::uint64_t dropped_count() const;
  /// What it has done and what it holds. Keeps the socket for less than a microsecond a peer, and not for all
  /// peers at once: totals and each peer's figures are of one moment, one peer's and another's are not.
  [[nodiscard]] socket_stats stats() const;
  /// The socket's events from now on.
  [[nodiscard]] class monitor monitor();

  /// Closes: no more calls; waits until what is queued was sent, at most `deadline` (and at most the linger
  /// time). Returns the number of messages that were dropped unsent. Always returns in time. Idempotent.
  /// In a coroutine, on the loop's own thread, it cannot wait: what is queued is sent in the background until
  /// the deadline, and the number is that of the messages dropped so far.
  std::size_t close(std::chrono::milliseconds deadline = infinite);

  /// For the library.
  [[nodiscard]] const std::shared_ptr<engine::socket_core>& core() const noexcept { return core_; }

 protected:
  socket(context& owner, socket_type type, socket_options options);

  // -- sending: waits while no peer can take the message, at most options().send_timeout
  void send(message what, std::stop_token stop = {}) {
    if (!lanes_->out.put(what)) send_slowly(what, stop);
  }
  /// A message of one frame, encoded straight from the caller's memory: text, or a contiguous range of bytes.
  void send(std::string&& what, std::stop_token stop = {}) {
    if (what.size() < worth_adopting) return send(std::string_view(what), std::move(stop));
    send_adopted(std::move(what), stop);
  }
  template <detail::payload Payload>
  void send(const Payload& what, std::stop_token stop = {}) {
    const std::span<const std::byte> bytes = detail::bytes_of(what);
    if (!lanes_->out.put(bytes)) send_slowly(bytes, stop);
  }
  /// A message of several frames, encoded straight from the caller's memory: `send({topic, body})`.
  void send(std::span<const frame_view> frames, std::stop_token stop = {}) {
    if (!lanes_->out.put(frames)) send_slowly(frames, stop);
  }
  void send(std::initializer_list<frame_view> frames, std::stop_token stop = {}) {
    send(std::span(frames.begin(), frames.size()), std::move(stop));
  }
  /// A message of one frame of `size` bytes that `fill(std::span<std::byte>)` writes, if possible right where
  /// it goes out from, which saves the copy: where there is one peer, or a publisher whose subscribers take
  /// all. `fill` is called once, must write all of it, and must neither use this socket nor take long, since
  /// it may run with the socket locked; if it throws, nothing is sent.
  template <std::invocable<std::span<std::byte>> Fill>
  void send_in_place(std::size_t size, Fill&& fill, std::stop_token stop = {}) {
    if (lanes_->out.put_in_place(size, fill) || sent_in_place(size, detail::payload_writer(fill))) return;
    message made(bytes::make(size, fill));
    send_slowly(made, stop);
  }
  /// The same with as many frames as `sizes` has: `fill(std::size_t index, std::span<std::byte>)` is called
  /// for each, in order, and must leave the sizes as they are. Right where they go out from only if there is
  /// one peer. No sizes: one empty frame.
  template <std::invocable<std::size_t, std::span<std::byte>> Fill>
  void send_in_place(std::span<const std::size_t> sizes, Fill&& fill, std::stop_token stop = {}) {
    if (lanes_->out.put_in_place(sizes, fill) || sent_in_place(sizes, detail::frames_writer(fill))) return;
    message made = message::make(sizes, fill);
    send_slowly(made, stop);
  }
  template <std::invocable<std::size_t, std::span<std::byte>> Fill>
  void send_in_place(std::initializer_list<std::size_t> sizes, Fill&& fill, std::stop_token stop = {}) {
    send_in_place(std::span(sizes.begin(), sizes.size()), fill, std::move(stop));
  }
  /// On failure `what` is untouched; on success it is left empty.
  result<void> send(as_result_tag, message& what, std::stop_token stop = {});
  result<void> send(as_result_tag, message&& what, std::stop_token stop = {}) {
    return send(as_result, what, std::move(stop));
  }
  /// False, with `what` untouched, if it could not be sent within `timeout`.
  [[nodiscard]] bool send_for(message& what, std::chrono::milliseconds timeout, std::stop_token stop = {});
  result<void> send_for(as_result_tag, message& what, std::chrono::milliseconds timeout,
                        std::stop_token stop = {});
  /// False, with `what` untouched, if it cannot be sent at once.
  [[nodiscard]] bool try_send(message& what);
  [[nodiscard]] bool try_send(message&& what) { return try_send(what); }
  template <detail::payload Payload>
  [[nodiscard]] bool try_send(const Payload& what) {
    const std::span<const std::byte> bytes = detail::bytes_of(what);
    return lanes_->out.put(bytes) || try_send_slowly(bytes);
  }
  [[nodiscard]] bool try_send(std::span<const frame_view> frames) {
    return lanes_->out.put(frames) || try_send_slowly(frames);
  }
  [[nodiscard]] bool try_send(std::initializer_list<frame_view> frames) {
    return try_send(std::span(frames.begin(), frames.size()));
  }
  result<void> try_send(as_result_tag, message& what);
  /// `co_await s.async_send(m)`. The message lives in the awaitable until it is sent.
  [[nodiscard]] send_operation async_send(message what) { return {live(), *lanes_, std::move(what)}; }
  [[nodiscard]] send_result_operation async_send(as_result_tag, message what) {
    return {live(), *lanes_, std::move(what)};
  }
  /// The same from the caller's memory, which must stay as it is until the await is over.
  template <detail::payload Payload>
  [[nodiscard]] send_payload_operation async_send(const Payload& what) {
    return {live(), *lanes_, detail::bytes_of(what)};
  }

  /// Takes over the memory of a long one.
  [[nodiscard]] send_text_operation async_send(std::string&& what) {
    return {live(), *lanes_, std::move(what)};
  }
  /// Several frames.
  [[nodiscard]] send_frames_operation async_send(std::span<const frame_view> frames) {
    return {live(), *lanes_, frames};
  }
  /// As send_in_place; `fill` is called before this returns.
  template <std::invocable<std::span<std::byte>> Fill>
  [[nodiscard]] send_in_place_operation async_send_in_place(std::size_t size, Fill&& fill) {
    return {live(), *lanes_, size, fill};
  }
  template <std::invocable<std::size_t, std::span<std::byte>> Fill>
  [[nodiscard]] send_in_place_operation async_send_in_place(std::span<const std::size_t> sizes, Fill&& fill) {
    return {live(), *lanes_, sizes, fill};
  }
  template <std::invocable<std::size_t, std::span<std::byte>> Fill>
  [[nodiscard]] send_in_place_operation async_send_in_place(std::initializer_list<std::size_t> sizes,
                                                            Fill&& fill) {
    return async_send_in_place(std::span(sizes.begin(), sizes.size()), fill);
  }

  // -- receiving: waits for a message, at most options().receive_timeout
  [[nodiscard]] message receive(std::stop_token stop = {}) {
    message received;
    if (!lanes_->in.take(received)) receive_slowly(received, stop);
    return received;
  }
  [[nodiscard]] result<message> receive(as_result_tag, std::stop_token stop = {});
  /// None if there was none within `timeout`.
  [[nodiscard]] std::optional<message> receive_for(std::chrono::milliseconds timeout,
                                                   std::stop_token stop = {});
  [[nodiscard]] result<message> receive_for(as_result_tag, std::chrono::milliseconds timeout,
                                            std::stop_token stop = {});
  /// None if there is none now.
  [[nodiscard]] std::optional<message> try_receive() {
    std::optional<message> received(std::in_place);
    if (!lanes_->in.take(*received)) try_receive_slowly(received);
    return received;
  }
  [[nodiscard]] result<message> try_receive(as_result_tag);
  /// `message m = co_await s.async_receive();`
  [[nodiscard]] receive_operation async_receive() { return receive_operation(live(), *lanes_); }
  [[nodiscard]] receive_result_operation async_receive(as_result_tag) {
    return receive_result_operation(live(), *lanes_);
  }
  /// As async_receive, with a deadline: `std::optional<message>`, none at the deadline.
  [[nodiscard]] receive_for_operation async_receive_for(std::chrono::milliseconds timeout) {
    return receive_for_operation(live(), *lanes_, timeout);
  }

  /// Throws if this object was moved from.
  [[nodiscard]] engine::socket_core& live() const {
    if (!core_) throw_moved_from();
    return *core_;
  }

  friend struct socket_access;
  std::shared_ptr<engine::socket_core> core_;

 private:
  [[noreturn]] static void throw_moved_from();
  void send_slowly(message& what, const std::stop_token& stop);
  void send_slowly(std::span<const std::byte> payload, const std::stop_token& stop);
  void send_slowly(std::span<const frame_view> frames, const std::stop_token& stop);
  bool sent_in_place(std::size_t size, const detail::payload_writer& fill);
  bool sent_in_place(std::span<const std::size_t> sizes, const detail::frames_writer& fill);
  void send_adopted(std::string&& what, const std::stop_token& stop);
  bool try_send_slowly(std::span<const std::byte> payload);
  bool try_send_slowly(std::span<const frame_view> frames);
  void receive_slowly(message& into, const std::stop_token& stop);
  void try_receive_slowly(std::optional<message>& received);

  static constexpr std::size_t worth_adopting = 8 * 1024;  // larger payloads are not copied on their way out
  detail::lanes* lanes_;                                   // the core's
};

/// A socket that only sends.
class sending_socket : public socket {
 public:
  using socket::async_send;
  using socket::async_send_in_place;
  using socket::send;
  using socket::send_for;
  using socket::send_in_place;
  using socket::try_send;

 protected:
  using socket::socket;
};

/// A socket that only receives.
class receiving_socket : public socket {
 public:
  using socket::async_receive;
  using socket::async_receive_for;
  using socket::receive;
  using socket::receive_for;
  using socket::try_receive;

 protected:
  using socket::socket;
};

/// A socket that does both.
class duplex_socket : public socket {
 public:
  using socket::async_receive;
  using socket::async_receive_for;
  using socket::async_send;
  using socket::async_send_in_place;
  using socket::receive;
  using socket::receive_for;
  using socket::send;
  using socket::send_for;
  using socket::send_in_place;
  using socket::try_receive;
  using socket::try_send;

 protected:
  using socket::socket;
};

}  // namespace monocoque

#pragma GCC visibility pop
