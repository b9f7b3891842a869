#pragma once

#include <monocoque/bytes.hpp>
#include <monocoque/curve_keys.hpp>
#include <monocoque/task.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#pragma GCC visibility push(default)

namespace monocoque {

/// The process at the other end of an ipc connection, as the kernel vouches: the one that connected.
struct peer_process {
  int pid = 0;  ///< 0: it is in a process namespace that cannot be seen from here
  unsigned uid = 0;
  unsigned gid = 0;
};

/// A peer that wants to be let in, and what it has shown. Its password is wiped with the object.
struct auth_request {
  std::string mechanism;                          ///< "NULL", "PLAIN", "CURVE"
  std::string endpoint;                           ///< of ours that it is connected to: "tcp://0.0.0.0:5555"
  std::string address;                            ///< its own: "tcp://10.0.0.1:40312", "ipc://..."
  std::string domain;                             ///< socket_options::zap_domain
  std::string username{};                         ///< PLAIN, up to 255 bytes
  std::string password{};                         ///< PLAIN, up to 255 bytes
  curve_public_key public_key{};                  ///< CURVE: it has proven that it has the secret half
  bytes routing_id{};                             ///< as announced; with PLAIN that comes later
  std::string socket_type{};                      ///< as announced; with PLAIN that comes later
  std::map<std::string, std::string> metadata{};  ///< as announced; with PLAIN that comes later
  std::optional<peer_process> process{};          ///< ipc

  auth_request() = default;
  auth_request(const auth_request&) = default;
  auth_request(auth_request&&) noexcept = default;
  auth_request& operator=(const auth_request&) = default;
  auth_request& operator=(auth_request&&) noexcept = default;
  ~auth_request();
};

/// What may be wrong with a ZAP handler, or with what it answers (RFC 27).
enum class zap_flaw : std::uint8_t {
  none,
  no_handler,        ///< there is none
  no_reply,          ///< it has gone, has too much to do, or takes too long
  malformed_reply,   ///< it is not 7 frames, of which the first is empty
  bad_request_id,    ///< it is for another request
  bad_version,       ///< it is not of version 1.0
  invalid_status,    ///< its status is none of 200, 300, 400 and 500
  invalid_metadata,  ///< its metadata does not parse
};

/// The answer to an auth_request, with the status codes of ZAP (RFC 27).
struct auth_verdict {
  enum class status_code : std::uint16_t {
    allowed = 200,
    unavailable = 300,  ///< cannot be decided now; the peer is disconnected and may come again
    denied = 400,
    failed = 500,  ///< the authenticator is broken
  };
  status_code status = status_code::failed;
  std::string user_id{};                          ///< allowed: peer_info::user_id of what the peer sends
  std::map<std::string, std::string> metadata{};  ///< allowed: joins peer_info::metadata
  std::string reason{};            ///< otherwise, for our log and events; the peer learns the status alone
  zap_flaw flaw = zap_flaw::none;  ///< unavailable, failed: of an answer that was to come by ZAP
  /// allowed: when a stop is requested the peer is disconnected (errc::authentication_failed, `reason`).
  std::stop_token revoked{};

  [[nodiscard]] static auth_verdict allow(std::string user_id = {},
                                          std::map<std::string, std::string> metadata = {});
  [[nodiscard]] static auth_verdict deny(std::string reason = {});
  [[nodiscard]] static auth_verdict unavailable(std::string reason = {});
  [[nodiscard]] static auth_verdict fail(std::string reason = {});

  /// Allowed until `token` has a stop requested: `auth_verdict::allow("joe").until(token)`.
  [[nodiscard]] auth_verdict until(std::stop_token token) && {
    revoked = std::move(token);
    return std::move(*this);
  }
};

namespace detail {
/// Where an answer goes: the connection that asked. Thread-safe.
class auth_sink {
 public:
  virtual ~auth_sink() = default;
  virtual void answered(auth_verdict verdict) noexcept = 0;
};
}  // namespace detail

/// Answers one auth_request later, from any thread. Copies answer the same one; the first answer counts. When
/// the last copy is gone without an answer, that is a verdict `fail`. After the deadline
/// (socket_options::authentication_timeout), or when the peer has gone, an answer does nothing.
class auth_answer {
 public:
  explicit auth_answer(std::shared_ptr<detail::auth_sink> to);
  /// Thread-safe, never waits.
  void operator()(auth_verdict verdict) const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// Decides which peers are let in: any callable of one of these forms, copyable as std::function asks.
///
/// - `auth_verdict(const auth_request&)`: decides at once. Runs on the loop that the connection lives on, so
///   it must not take long; with several I/O threads on several at a time.
/// - `task<auth_verdict>(auth_request)`: a coroutine, on the context's coroutine loop; may wait for whatever
///   it likes, and is asked to stop at the deadline. The callable itself is kept until it is over.
/// - `void(auth_request, auth_answer)`: may pass the answer on to another thread and return.
///
/// It is called with nothing locked. What it throws is a verdict `fail`.
class authenticator {
 public:
  using immediate = std::function<auth_verdict(const auth_request&)>;
  using coroutine = std::function<task<auth_verdict>(auth_request)>;
  using deferred = std::function<void(auth_request, auth_answer)>;

  authenticator() noexcept = default;  ///< none
  template <class Callable>
    requires(!std::same_as<std::remove_cvref_t<Callable>, authenticator>)
  // NOLINTNEXTLINE(google-explicit-constructor,bugprone-forwarding-reference-overload)
  authenticator(Callable&& callable) {
    if constexpr (std::is_invocable_v<Callable&, auth_request, auth_answer>) {
      form_.template emplace<deferred>(std::forward<Callable>(callable));
    } else if constexpr (std::is_invocable_r_v<task<auth_verdict>, Callable&, auth_request>) {
      form_.template emplace<coroutine>(std::forward<Callable>(callable));
    } else {
      form_.template emplace<immediate>(std::forward<Callable>(callable));
    }
  }

  explicit operator bool() const noexcept { return form_.index() != 0; }
  using forms = std::variant<std::monostate, immediate, coroutine, deferred>;
  /// For the library.
  [[nodiscard]] const forms& form() const noexcept { return form_; }

 private:
  forms form_;
};

}  // namespace monocoque

#pragma GCC visibility pop
