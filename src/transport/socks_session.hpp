#pragma once

#include "transport/socks_handshake.hpp"

#include <monocoque/result.hpp>

namespace monocoque::transport {

/// A SOCKS handshake over a connection to the proxy, which is somebody else's: non-blocking, open until the
/// end, and used for nothing else meanwhile.
class socks_session {
 public:
  socks_session(int fd, const tcp_host& target, socks_credentials who) : fd_(fd), handshake_(target, who) {}

  /// Goes on as far as that is possible without waiting. The answer: POLLIN or POLLOUT, which is to be waited
  /// for before the next call, or 0: what is read and written from now on is the target's. Errors: those of
  /// the connection, and of socks_handshake.
  [[nodiscard]] result<short> go_on();

 private:
  [[nodiscard]] result<bool> send_some();
  [[nodiscard]] result<bool> read_some();

  const int fd_;
  socks_handshake handshake_;
};

}  // namespace monocoque::transport
