#include "tests/socket/socks_support.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace monocoque::test {
namespace {

/// That many bytes; none if the other side ends before.
std::optional<std::string> read_all(int fd, std::size_t size) {
  std::string all(size, '\0');
  for (std::size_t have = 0; have < size;) {
    const ssize_t got = ::recv(fd, all.data() + have, size - have, 0);
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return all;
}
/// The same, with their number in front.
std::optional<std::string> read_counted(int fd) {
  const auto size = read_all(fd, 1);
  return size ? read_all(fd, static_cast<unsigned char>((*size)[0])) : std::nullopt;
}

bool send_all(int fd, std::string_view words) {
  while (!words.empty()) {
    const ssize_t sent = ::send(fd, words.data(), words.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    words.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  return at;
}

}  // namespace

socks_proxy::socks_proxy(manners own) : manners_(std::move(own)) {
  sockaddr_in at = loopback(0);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listening_, address, size) != 0 || ::listen(listening_, 8) != 0 ||
      ::getsockname(listening_, address, &size) != 0 || ::pipe(stop_pipe_) != 0)
    throw std::runtime_error("no place for a proxy");
  place_ = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

socks_proxy::~socks_proxy() {
  thread_.request_stop();
  (void)!::write(stop_pipe_[1], "", 1);
  thread_.join();
  for (const int fd : {listening_, stop_pipe_[0], stop_pipe_[1]}) ::close(fd);
}

std::vector<std::string> socks_proxy::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void socks_proxy::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> watched{pollfd{listening_, POLLIN, 0}, pollfd{stop_pipe_[0], POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), -1) < 0 || watched[1].revents != 0) return;
    const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    serve_one(client);
    ::close(client);
  }
}

void socks_proxy::serve_one(int client) {
  if (manners_.is_silent) return relay(client, client);
  if (!manners_.instead.empty()) {
    send_all(client, manners_.instead);
    return;
  }
  if (!let_in(client)) return;
  const int target = connect_for(client);
  if (target < 0) return;
  relay(client, target);
  ::close(target);
}

bool socks_proxy::answer(int client, std::string_view words) const {
  if (!manners_.byte_by_byte) return send_all(client, words);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!send_all(client, words.substr(i, 1))) return false;
    std::this_thread::yield();
  }
  return true;
}

bool socks_proxy::let_in(int client) {
  using namespace std::string_view_literals;
  if (!read_all(client, 1)) return false;
  const auto methods = read_counted(client);
  if (!methods) return false;
  if (manners_.username.empty()) return answer(client, "\x05\x00"sv);
  if (methods->find('\x02') == std::string::npos) {
    answer(client, "\x05\xff"sv);
    return false;
  }
  if (!answer(client, "\x05\x02"sv) || !read_all(client, 1)) return false;
  const auto username = read_counted(client);
  const auto password = read_counted(client);
  const bool known = username == manners_.username && password == manners_.password;
  return answer(client, known ? "\x01\x00"sv : "\x01\x01"sv) && known;
}

/// Names and IPv6 addresses are all this machine.
int socks_proxy::connect_for(int client) {
  const auto request = read_all(client, 4);
  if (!request) return -1;
  std::optional<std::string> host;
  std::string said;
  switch ((*request)[3]) {
    case 1: host = read_all(client, sizeof(in_addr)), said = "ipv4"; break;
    case 3: host = read_counted(client), said = "name " + host.value_or(""); break;
    case 4: host = read_all(client, sizeof(in6_addr)), said = "ipv6"; break;
    default: return -1;
  }
  const auto port = read_all(client, sizeof(std::uint16_t));
  if (!host || !port) return -1;
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(said);
  }
  std::string verdict("\x05", 1);
  verdict += static_cast<char>(manners_.verdict);
  verdict.append("\0\x03\x05proxy\0\0", 10);
  if (!answer(client, verdict) || manners_.verdict != 0) return -1;
  std::uint16_t number = 0;
  std::memcpy(&number, port->data(), sizeof number);
  const sockaddr_in at = loopback(ntohs(number));
  const int target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(target, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return target;
  ::close(target);
  return -1;
}

/// Until one side ends, or the proxy does; with only one side, nothing is passed on.
void socks_proxy::relay(int client, int target) const {
  std::array<pollfd, 3> watched{pollfd{client, POLLIN, 0}, pollfd{target, POLLIN, 0},
                                pollfd{stop_pipe_[0], POLLIN, 0}};
  std::array<char, 4096> buffer{};
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0 || watched[2].revents != 0) return;
    for (std::size_t from = 0; from < 2; ++from) {
      if (watched[from].revents == 0) continue;
      const ssize_t got = ::recv(watched[from].fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) return;
      if (got < 0 || client == target) continue;
      if (!send_all(watched[1 - from].fd, {buffer.data(), static_cast<std::size_t>(got)})) return;
    }
  }
}

}  // namespace monocoque::test
