#pragma once

#include "base/temporary_folder.hpp"
#include "transport/endpoint.hpp"
#include "transport/listener.hpp"
#include "transport/resolve.hpp"

#include <poll.h>
#include <string>
#include <sys/socket.h>

/// What the tests of this room share. Test programs only.
namespace monocoque::transport::testing {

using base::temporary_folder;

/// Parses, resolves and listens on the first address.
inline result<listening_socket> listen_on_text(const std::string& text, const stream_options& options = {}) {
  result<endpoint> where = parse_endpoint(text, purpose::bind);
  if (!where) return std::move(where).error();
  auto found = resolve(*where, purpose::bind, options.ipv6);
  if (!found) return std::move(found).error();
  return listen_on(*where, found->front(), options);
}

/// Waits for `events`; only a broken test ever waits for the whole of the 10 s.
inline bool becomes(int fd, short events) {
  pollfd watched{fd, events, 0};
  return ::poll(&watched, 1, 10'000) == 1;
}

inline unique_fd accept_one(int listener) {
  if (!becomes(listener, POLLIN)) return unique_fd();
  return unique_fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

inline bool has_loopback_ipv6() { return listen_on_text("tcp://[::1]:*", {.ipv6 = true}).has_value(); }

inline bool contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

}  // namespace monocoque::transport::testing
