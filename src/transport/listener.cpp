#include "transport/listener.hpp"

#include "transport/ipc_listener.hpp"

#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace monocoque::transport {
namespace {

error listening_failed(int errno_value, const endpoint& where) {
  return error::from_errno(errno_value, "bind").with_endpoint(where.text);
}

bool switch_option(int fd, int level, int option, int value) noexcept {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

result<listening_socket> listen_on_tcp(const endpoint& where, const socket_address& at,
                                       const stream_options& options) {
  unique_fd fd(::socket(at.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return listening_failed(errno, where);
  // Without it a port could not be bound again for a minute after a listener with connections has gone.
  if (!switch_option(fd.fd(), SOL_SOCKET, SO_REUSEADDR, 1)) return listening_failed(errno, where);
  // Whether an IPv6 socket takes IPv4 peers must not depend on a sysctl.
  if (at.family() == AF_INET6 && !switch_option(fd.fd(), IPPROTO_IPV6, IPV6_V6ONLY, 0))
    return listening_failed(errno, where);
  result<void> set = apply_options(fd.fd(), at.family(), options);
  if (set) set = bind_to_device(fd.fd(), at.family(), options);
  if (!set) return std::move(set).error().with_doing("bind").with_endpoint(where.text);
  if (at.is_loopback()) spare_loopback_pacing(fd.fd(), options);  // accepted connections inherit it
  if (::bind(fd.fd(), at.data(), at.size()) != 0) return listening_failed(errno, where);
  if (::listen(fd.fd(), options.backlog) != 0) return listening_failed(errno, where);
  std::string last_endpoint = socket_address::of_socket(fd.fd()).to_endpoint();
  return listening_socket(std::move(fd), std::move(last_endpoint), {});
}

/// A number that the system tells about a socket; none if it does not.
std::optional<int> ask_socket(int fd, int option) noexcept {
  int answer = 0;
  socklen_t size = sizeof answer;
  if (::getsockopt(fd, SOL_SOCKET, option, &answer, &size) != 0) return std::nullopt;
  return answer;
}

bool listens_for(scheme wanted, int fd) noexcept {
  const int family = ask_socket(fd, SO_DOMAIN).value_or(AF_UNSPEC);
  const bool fits = wanted == scheme::ipc ? family == AF_UNIX : family == AF_INET || family == AF_INET6;
  return fits && ask_socket(fd, SO_TYPE) == SOCK_STREAM && ask_socket(fd, SO_ACCEPTCONN) == 1;
}

result<listening_socket> take_over(int fd, const endpoint& where) {
  if (!listens_for(where.scheme, fd)) {
    return error(make_error_code(errc::invalid_argument),
                 "descriptor " + std::to_string(fd) + " does not listen for this transport")
        .with_doing("bind")
        .with_endpoint(where.text);
  }
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    return listening_failed(errno, where);
  std::string last_endpoint = socket_address::of_socket(fd).to_endpoint();
  return listening_socket(unique_fd(fd), std::move(last_endpoint), {});
}

}  // namespace

listening_socket::listening_socket(unique_fd fd, std::string last_endpoint, owned_path file) noexcept
    : fd_(std::move(fd)), last_endpoint_(std::move(last_endpoint)), file_(std::move(file)) {}

listening_socket& listening_socket::operator=(listening_socket&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::move(other.fd_);
  last_endpoint_ = std::move(other.last_endpoint_);
  file_ = std::move(other.file_);
  return *this;
}

void listening_socket::close() noexcept {
  // The file first: as long as the socket listens, no other binder takes it for dead.
  file_.remove();
  fd_.reset();
}

result<listening_socket> listen_on(const endpoint& where, const socket_address& at,
                                   const stream_options& options) {
  if (options.listening_descriptor >= 0) return take_over(options.listening_descriptor, where);
  return where.scheme == scheme::ipc ? listen_on_ipc(where, at, options) : listen_on_tcp(where, at, options);
}

}  // namespace monocoque::transport
