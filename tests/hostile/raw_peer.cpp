#include "tests/hostile/raw_peer.hpp"

#include "tests/socket/support.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace monocoque::test {
namespace {

[[noreturn]] void fail(const std::string& doing) {
  throw std::runtime_error("raw peer: " + doing + ": " + std::strerror(errno));
}

void await_input(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) {
    throw std::runtime_error("raw peer: the other side neither sends nor closes");
  }
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string endpoint_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
  return "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

}  // namespace

raw_peer::raw_peer(const std::string& endpoint) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const auto port = static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
  const sockaddr_in to = loopback(port);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect " + endpoint);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

raw_peer::~raw_peer() { close(); }

void raw_peer::close() {
  if (const int fd = std::exchange(fd_, -1); fd >= 0) ::close(fd);
}

void raw_peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void raw_peer::send(std::string_view data) const {
  while (!data.empty()) {
    const ssize_t sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
    // Refused in the middle of what was wrong: the test looks at the reason elsewhere.
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
    if (sent < 0) fail("send");
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void raw_peer::drip(std::string_view data) const {
  for (std::size_t i = 0; i < data.size(); ++i) send(data.substr(i, 1));
}

std::string raw_peer::receive(std::size_t size) const {
  std::string received(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    await_input(fd_);
    const ssize_t got = ::recv(fd_, received.data() + filled, size - filled, 0);
    if (got < 0) fail("receive");
    if (got == 0) throw std::runtime_error("raw peer: closed after " + std::to_string(filled) + " bytes");
    filled += static_cast<std::size_t>(got);
  }
  return received;
}

std::string raw_peer::receive_until_closed() const {
  std::string received;
  std::array<char, 4096> some{};
  for (;;) {
    await_input(fd_);
    const ssize_t got = ::recv(fd_, some.data(), some.size(), 0);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) return received;
    if (got < 0) fail("receive");
    received.append(some.data(), static_cast<std::size_t>(got));
  }
}

void raw_peer::half_close() const { ::shutdown(fd_, SHUT_WR); }
std::string raw_peer::address() const { return endpoint_of(fd_); }

raw_listener::raw_listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in any = loopback(0);
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) fail("bind");
  if (::listen(fd_, 10) != 0) fail("listen");
}
raw_listener::~raw_listener() { ::close(fd_); }
std::string raw_listener::endpoint() const { return endpoint_of(fd_); }

raw_peer raw_listener::accept() const {
  await_input(fd_);
  const int accepted = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (accepted < 0) fail("accept");
  return raw_peer(accepted);
}

namespace speak {

std::string u64(std::uint64_t value) {
  std::string out(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(value >> (56 - 8 * i));
  return out;
}

std::string greeting(int major, int minor, std::string_view mechanism) {
  std::string out = "\xff" + u64(1) + "\x7f";
  out += static_cast<char>(major);
  out += static_cast<char>(minor);
  out.append(mechanism).resize(greeting_size, '\0');
  return out;
}

std::string property(std::string_view name, std::string_view value) {
  std::string out(1, static_cast<char>(name.size()));
  out.append(name).append(u64(value.size()).substr(4)).append(value);
  return out;
}

std::string command(std::string_view name, std::string_view data) {
  std::string body(1, static_cast<char>(name.size()));
  body.append(name).append(data);
  const bool is_long = body.size() > 255;
  std::string out(1, is_long ? '\x06' : '\x04');
  out += is_long ? u64(body.size()) : std::string(1, static_cast<char>(body.size()));
  return out + body;
}

std::string ready(std::string_view socket_type, std::string_view more_properties) {
  return command("READY", property("Socket-Type", socket_type).append(more_properties));
}

std::string frame(std::string_view payload, bool more) {
  const bool is_long = payload.size() > 255;
  std::string out(1, static_cast<char>((more ? 1 : 0) | (is_long ? 2 : 0)));
  out += is_long ? u64(payload.size()) : std::string(1, static_cast<char>(payload.size()));
  return out.append(payload);
}

std::string v1_frame(std::string_view payload, bool more) {
  std::string out;
  if (payload.size() < 254) {
    out += static_cast<char>(payload.size() + 1);
  } else {
    out += "\xff" + u64(payload.size() + 1);
  }
  out += more ? '\x01' : '\0';
  return out.append(payload);
}

}  // namespace speak

void shake_hands(const raw_peer& peer, std::string_view socket_type, int minor,
                 std::string_view more_properties) {
  peer.send(speak::greeting(3, minor) + speak::ready(socket_type, more_properties));
  (void)peer.receive(speak::greeting_size);
  const std::string head = peer.receive(2);
  if (head[0] != '\x04') throw std::runtime_error("raw peer: no short command follows the greeting");
  const std::string body = peer.receive(static_cast<unsigned char>(head[1]));
  if (body.substr(1, 5) != "READY") throw std::runtime_error("raw peer: refused with " + body);
}

}  // namespace monocoque::test
