#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#pragma GCC visibility push(default)

namespace monocoque {

/// What can go wrong, whoever is to blame. Values of this enum make a `std::error_code` in the category
/// "monocoque"; errors of the operating system keep their own code in `std::generic_category()`.
enum class errc {
  // Ordinary outcomes of an operation that may have to wait.
  would_block = 1,  ///< nothing to receive, or no room to send, and the call was told not to wait
  timed_out,        ///< the deadline passed first
  cancelled,        ///< the stop token fired first
  closed,           ///< the socket was closed
  terminated,       ///< the context was shut down
  forked,           ///< the context belongs to the process that this one was forked from

  // The caller's arguments and the state of the socket.
  invalid_argument,       ///< an argument or option is out of its range
  invalid_endpoint,       ///< the endpoint text does not parse
  unsupported_transport,  ///< the endpoint's transport is not built in
  transport_mismatch,     ///< the endpoint's transport is not for this socket type, or not for this call
  no_such_endpoint,       ///< unbind or disconnect of something that is not bound or connected
  no_such_peer,           ///< disconnect of a peer that is not connected (any more)
  not_supported,          ///< this socket type does not have this operation or option
  wrong_state,            ///< REQ must receive before it sends again, REP must receive first, ...
  would_deadlock,         ///< a blocking call on the thread that would have to do the work
  wrong_thread,           ///< an inline context, or a poller's coroutine, on another thread than its own
  unroutable,             ///< ROUTER with mandatory routing, STREAM: no such peer (libzmq: EHOSTUNREACH)
  resolve_failed,         ///< the host name or interface is not known
  internal,               ///< an invariant of Monocoque itself does not hold; please report it

  // What a peer did.
  bad_greeting,           ///< not a ZMTP greeting (RFC 37, section "Greeting")
  unsupported_version,    ///< a ZMTP version that is not spoken here
  mechanism_mismatch,     ///< the two sides are set to different security mechanisms
  bad_command,            ///< a command that does not parse
  unexpected_command,     ///< a command that has no place there
  bad_frame,              ///< reserved flag bits, a command with MORE, or the like
  frame_too_large,        ///< a frame over the limit
  message_over_limit,     ///< a message over the limit for its size or for its number of frames
  metadata_too_large,     ///< a READY with more metadata than the limit
  bad_metadata,           ///< metadata that does not parse
  socket_type_mismatch,   ///< a pair of socket types that may not talk (RFC 37, "Socket-Type")
  duplicate_routing_id,   ///< a second peer with the same routing id, and hand-over is off
  second_peer,            ///< PAIR talks to one peer only
  refused_by_peer,        ///< the peer sent an ERROR command; its reason is in the detail
  authentication_failed,  ///< the peer did not let us in, or we did not let it in; the detail says why
  decryption_failed,      ///< what the peer sent is not what its key makes: altered, repeated, or another key
  handshake_timeout,      ///< the handshake took longer than allowed
  peer_disconnected,      ///< the peer closed the connection
  heartbeat_timeout,      ///< nothing came from the peer for longer than heartbeats allow
  peer_too_slow,          ///< the peer did not take its messages, and the socket is to disconnect such peers
  limit_reached,          ///< a limit of this socket's: connections, or what one peer may make it hold
};

/// The category "monocoque". Thread-safe.
[[nodiscard]] const std::error_category& error_category() noexcept;
[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

/// The identifier of a code as written in this header, such as "would_block"; "unknown" for a foreign value.
[[nodiscard]] std::string_view name_of(errc code) noexcept;

}  // namespace monocoque

template <>
struct std::is_error_code_enum<monocoque::errc> : std::true_type {};

namespace monocoque {

/// A code and, where they are known, the endpoint, the peer and a detail. Cheap when only the code is set
/// (no allocation), cheap to copy always. A value type; distinct objects may be used from distinct threads.
class error {
 public:
  error() noexcept = default;
  error(errc code) noexcept : value_(static_cast<int>(code)) {}  // NOLINT(google-explicit-constructor)
  error(std::error_code code) noexcept                           // NOLINT(google-explicit-constructor)
      : value_(code.value()), foreign_(code.category() == error_category() ? nullptr : &code.category()) {}
  error(std::error_code code, std::string detail);

  /// The error that `errno_value` stands for, as `doing` was attempted ("bind", "connect").
  [[nodiscard]] static error from_errno(int errno_value, std::string doing = {});

  [[nodiscard]] error with_doing(std::string doing) &&;        ///< what was attempted: "bind"
  [[nodiscard]] error with_endpoint(std::string endpoint) &&;  ///< where: "tcp://*:80"
  [[nodiscard]] error with_peer(std::string peer) &&;          ///< who: "tcp://10.0.0.1:4711"
  [[nodiscard]] error with_detail(std::string detail) &&;      ///< what exactly: "flags 0xf8"

  /// True if there is an error: a default-constructed one stands for success.
  explicit operator bool() const noexcept { return value_ != 0; }
  [[nodiscard]] std::error_code code() const noexcept;
  [[nodiscard]] std::string_view doing() const noexcept;
  [[nodiscard]] std::string_view endpoint() const noexcept;
  [[nodiscard]] std::string_view peer() const noexcept;
  [[nodiscard]] std::string_view detail() const noexcept;

  /// What, where and why in one line: `bind tcp://*:80: permission denied`.
  [[nodiscard]] std::string message() const;

  friend bool operator==(const error& left, errc right) noexcept {
    return left.value_ == static_cast<int>(right) && left.foreign_ == nullptr;
  }

 private:
  struct context {
    std::string doing, endpoint, peer, detail;
  };
  context& writable();

  // Not a std::error_code, whose default constructor calls into the library, for every send that succeeds.
  int value_ = 0;
  const std::error_category* foreign_ = nullptr;  // null: this library's own
  std::shared_ptr<context> context_;
};

/// What the plain (throwing) calls throw. `code()` is the error code, `what()` the whole line.
class exception : public std::system_error {
 public:
  explicit exception(error reason);
  [[nodiscard]] const error& reason() const noexcept { return reason_; }
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  error reason_;
  std::string text_;
};

}  // namespace monocoque

#pragma GCC visibility pop
