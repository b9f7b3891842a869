#include "rivals/plain_socket.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bench {

namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

struct address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

address tcp_address(std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  in.sin_port = htons(port);
  address made;
  std::memcpy(&made.storage, &in, sizeof in);
  made.size = sizeof in;
  return made;
}

/// Of an abstract name, given with its @.
address ipc_address(std::string_view name) {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path + 1, name.data() + 1, std::min(name.size(), sizeof un.sun_path) - 1);
  address made;
  std::memcpy(&made.storage, &un, sizeof un);
  made.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  return made;
}

address address_of(const std::string& endpoint) {
  if (endpoint.starts_with("ipc://")) return ipc_address(std::string_view(endpoint).substr(6));
  const std::string port = endpoint.substr(endpoint.rfind(':') + 1);
  return tcp_address(port == "*" ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoi(port)));
}

int open_for(const address& where) {
  const int fd = ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  return fd;
}

void no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails on ipc, where there is no delay
}

}  // namespace

plain_socket::~plain_socket() {
  if (fd_ >= 0) close(fd_);
}

plain_socket::plain_socket(plain_socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

plain_socket plain_socket::connect(const std::string& endpoint) {
  const address where = address_of(endpoint);
  plain_socket made(open_for(where));
  if (::connect(made.fd_, where.get(), where.size) != 0) fail("connect");
  no_delay(made.fd_);
  return made;
}

plain_socket plain_socket::listen(const duty& mine) {
  const std::string endpoint = mine.endpoint_to_bind();
  const address where = address_of(endpoint);
  plain_socket made(open_for(where));
  if (::bind(made.fd_, where.get(), where.size) != 0) fail("bind");
  if (::listen(made.fd_, 1024) != 0) fail("listen");
  if (endpoint.starts_with("ipc://")) {
    mine.shared.announce(endpoint);
    return made;
  }
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  if (getsockname(made.fd_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) fail("getsockname");
  mine.shared.announce("tcp://127.0.0.1:" + std::to_string(ntohs(bound.sin_port)));
  return made;
}

plain_socket plain_socket::accept() const {
  plain_socket made(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  if (made.fd_ < 0) fail("accept");
  no_delay(made.fd_);
  return made;
}

void plain_socket::send(std::span<const std::byte> data) const {
  while (!data.empty()) {
    const ssize_t sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    data = data.subspan(static_cast<std::size_t>(sent));
  }
}

std::size_t plain_socket::receive(std::span<std::byte> into) const {
  const ssize_t size = ::recv(fd_, into.data(), into.size(), 0);
  if (size < 0) fail("recv");
  if (size == 0) throw std::runtime_error("the other side closed");
  return static_cast<std::size_t>(size);
}

std::size_t plain_socket::receive_spinning(std::span<std::byte> into) const {
  for (;;) {
    const ssize_t size = ::recv(fd_, into.data(), into.size(), MSG_DONTWAIT);
    if (size > 0) return static_cast<std::size_t>(size);
    if (size == 0) throw std::runtime_error("the other side closed");
    if (errno != EAGAIN) fail("recv");
  }
}

void plain_socket::reset_on_close() const {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

std::vector<plain_socket> connections_of(const duty& mine, unsigned count) {
  std::vector<plain_socket> made;
  if (mine.binds) {
    const plain_socket listener = plain_socket::listen(mine);
    for (unsigned i = 0; i < count; ++i) made.push_back(listener.accept());
  } else {
    made.push_back(plain_socket::connect(mine.endpoint()));
  }
  return made;
}

}  // namespace bench
