#include "transport/dialer.hpp"

#include "transport/resolve.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

namespace monocoque::transport {
namespace {

error failed(error reason, const endpoint& where) {
  return std::move(reason).with_doing("connect").with_endpoint(where.text);
}

result<void> bind_source(int fd, const tcp_host& source, int family) {
  result<socket_address> from = resolve_source(source, family);
  if (!from) return std::move(from).error();
  const int on = 1;
  // A chosen port must be usable again at once when the connection is retried. A free one is better chosen at
  // connect, when the target is known: then one local port serves for many targets.
  const bool set = from->port() != 0
                       ? ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
                       : ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0;
  if (set && ::bind(fd, from->data(), from->size()) == 0) return {};
  return error::from_errno(errno).with_detail("source " + from->to_endpoint());
}

}  // namespace

result<dialled> open_dialer(const endpoint& where, const socket_address& target,
                            const stream_options& options) {
  dialled made{unique_fd(::socket(target.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), target};
  if (!made.fd) return failed(error::from_errno(errno), where);
  result<void> done = apply_options(made.fd.fd(), target.family(), options);
  if (done) done = bind_to_device(made.fd.fd(), target.family(), options);
  if (done && where.source) done = bind_source(made.fd.fd(), *where.source, target.family());
  if (!done) return failed(std::move(done).error(), where);
  if (target.is_loopback() || target.is_any()) spare_loopback_pacing(made.fd.fd(), options);
  return made;
}

bool is_self_connected(int fd) noexcept {
  const socket_address local = socket_address::of_socket(fd);
  if (local.family() != AF_INET && local.family() != AF_INET6) return false;
  return local == socket_address::of_peer(fd);
}

}  // namespace monocoque::transport
