#pragma once

#include "transport/address.hpp"
#include "transport/endpoint.hpp"
#include "transport/owned_path.hpp"
#include "transport/stream_options.hpp"
#include "transport/unique_fd.hpp"

#include <monocoque/result.hpp>

#include <string>

namespace monocoque::transport {

/// A socket that listens, and the ipc file that it made. Owned by the engine's listener, used by one thread
/// at a time. The descriptor can be handed on (release_fd) to io's acceptor while this stays behind to remove
/// the file; the order of the two ends does not matter, but the file is best removed first, so that nobody
/// sees it dead. Move-only.
class listening_socket {
 public:
  listening_socket() noexcept = default;
  listening_socket(unique_fd fd, std::string last_endpoint, owned_path file) noexcept;
  listening_socket(listening_socket&&) noexcept = default;
  listening_socket& operator=(listening_socket&& other) noexcept;
  ~listening_socket() { close(); }

  /// -1 once it is released or closed.
  [[nodiscard]] int fd() const noexcept { return fd_.fd(); }
  /// The caller closes the descriptor from now on.
  [[nodiscard]] int release_fd() noexcept { return fd_.release(); }
  /// What was really bound: "tcp://0.0.0.0:49152", "ipc:///tmp/monocoque-x/socket". Stays after close().
  [[nodiscard]] const std::string& last_endpoint() const noexcept { return last_endpoint_; }
  /// The ipc file that close() removes, absolute; empty if there is none.
  [[nodiscard]] const std::string& unlink_path() const noexcept { return file_.path(); }

  /// Removes the ipc file, if it is still the one this made, and closes the descriptor, if it was not
  /// released. Idempotent; the destructor does it.
  void close() noexcept;

 private:
  unique_fd fd_;
  std::string last_endpoint_;
  owned_path file_;
};

/// A listening socket on `at`, which is one of what resolve(where, purpose::bind, ...) returned:
/// non-blocking, close-on-exec, SO_REUSEADDR and TCP_NODELAY (which accepted sockets inherit) for tcp.
///
/// ipc: a socket that somebody listens on is never taken (EADDRINUSE), nor is anything that is not a socket;
/// a file that a dead process left is replaced. May wait some 200 ms in all for others that bind in the same
/// folder.
///
/// With `options.listening_descriptor`: that one, wherever it listens. `at` does not count, and a file of ipc
/// is left to whoever made it. errc::invalid_argument, and the descriptor as it was, unless it listens and is
/// of the endpoint's transport.
///
/// Errors are the system's, with `bind` and the endpoint: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOENT (no such
/// folder).
[[nodiscard]] result<listening_socket> listen_on(const endpoint& where, const socket_address& at,
                                                 const stream_options& options);

}  // namespace monocoque::transport
