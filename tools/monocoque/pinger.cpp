#include "pinger.hpp"

#include "exit_status.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tool {
namespace {

constexpr std::size_t greeting_size = 64;
/// A longer command is none that is of use here.
constexpr std::uint64_t max_command = 64 * 1024;
constexpr unsigned char flag_long = 2, flag_command = 4;

/// What has begun to come may take so long to come whole.
constexpr std::chrono::seconds frame_time{10};

/// The caller asked for the end.
struct stopped {};

struct place {
  sockaddr_storage address{};
  socklen_t size = 0;
};

[[noreturn]] void refuse(const std::string& address) {
  throw std::runtime_error(address + ": no address to send heartbeats to");
}

place parse_ipc(std::string_view path, const std::string& whole) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof local.sun_path) refuse(whole);
  std::memcpy(local.sun_path, path.data(), path.size());
  if (path[0] == '@') local.sun_path[0] = '\0';
  place made;
  const std::size_t end = path[0] == '@' ? path.size() : path.size() + 1;
  made.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + end);
  std::memcpy(&made.address, &local, sizeof local);
  return made;
}

place parse(const std::string& address) {
  const std::string_view text = address;
  if (text.starts_with("ipc://")) return parse_ipc(text.substr(6), address);
  const auto colon = text.rfind(':');
  if (!text.starts_with("tcp://") || colon < 6) refuse(address);
  std::string host(text.substr(6, colon - 6));
  const auto port = htons(static_cast<std::uint16_t>(std::stoul(address.substr(colon + 1))));
  place made;
  if (host.starts_with('[')) {
    sockaddr_in6 where{};
    where.sin6_family = AF_INET6;
    where.sin6_port = port;
    host = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, host.c_str(), &where.sin6_addr) != 1) refuse(address);
    std::memcpy(&made.address, &where, made.size = sizeof where);
  } else {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = port;
    if (::inet_pton(AF_INET, host.c_str(), &where.sin_addr) != 1) refuse(address);
    std::memcpy(&made.address, &where, made.size = sizeof where);
  }
  return made;
}

std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string octets(size, '\0');
  for (std::size_t i = size; i-- > 0; value >>= 8U) octets[i] = static_cast<char>(value & 0xffU);
  return octets;
}

std::string own_greeting() {
  std::string greeting = '\xff' + big_endian(1, 8) + '\x7f' + std::string("\x03\x01NULL");
  greeting.resize(greeting_size);
  return greeting;
}

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

pinger::pinger(const std::string& address, monocoque::socket_type type, clock::time_point deadline,
               std::stop_token stop)
    : deadline_(deadline), stop_(std::move(stop)) {
  const place where = parse(address);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  fd_ = ::socket(where.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const std::stop_callback wake(stop_, [this] { (void)eventfd_write(wake_, 1); });
  try {
    if (fd_ < 0 || wake_ < 0) fail("heartbeats");
    const int on = 1;
    if (where.address.ss_family != AF_UNIX) ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&where.address), where.size) != 0 &&
        errno != EINPROGRESS)
      fail("heartbeats");
    wait_for(POLLOUT);
    shake_hands(type);
  } catch (const stopped&) {
    return;  // the next ping sees it
  } catch (...) {
    ::close(fd_);
    ::close(wake_);
    throw;
  }
}

pinger::~pinger() {
  ::close(fd_);
  ::close(wake_);
}

void pinger::shake_hands(monocoque::socket_type type) {
  send(own_greeting());
  std::array<char, greeting_size> greeting;
  read(greeting);
  const std::string name(name_of(type));
  send_command("READY", "\x0bSocket-Type" + big_endian(name.size(), 4) + name);
  const frame answer = next_frame();
  if (!answer.command || !answer.body.starts_with("\x05READY"))
    throw std::runtime_error("the peer takes no second connection for heartbeats");
}

std::optional<std::chrono::nanoseconds> pinger::ping(clock::time_point deadline) {
  deadline_ = deadline;
  const std::stop_callback wake(stop_, [this] { (void)eventfd_write(wake_, 1); });
  const std::string context = big_endian(++number_, sizeof number_);
  const std::string pong = "\x04PONG" + context;
  try {
    const auto sent = clock::now();
    send_command("PING", std::string(2, '\0') + context);  // no time to live
    for (;;) {
      const frame next = next_frame();
      if (next.command && next.body == pong) return clock::now() - sent;
      react_to(next);
    }
  } catch (const stopped&) {
    return std::nullopt;
  }
}

bool pinger::idle_until(clock::time_point when) {
  const std::stop_callback wake(stop_, [this] { (void)eventfd_write(wake_, 1); });
  try {
    while (is_ready(POLLIN, when)) {
      deadline_ = when + frame_time;
      react_to(next_frame());
    }
    return true;
  } catch (const stopped&) {
    return false;
  }
}

void pinger::react_to(const frame& what) {
  constexpr std::size_t ttl_end = 1 + 4 + 2;
  if (what.body.starts_with("\x04PING") && what.body.size() >= ttl_end)
    send_command("PONG", what.body.substr(ttl_end));
  if (what.body.starts_with("\x05"
                            "ERROR"))
    throw std::runtime_error("the peer refused heartbeats");
}

/// The body of a message's frame is passed over.
pinger::frame pinger::next_frame() {
  std::array<char, 9> header{};
  read(std::span(header).first(2));
  const auto flags = static_cast<unsigned char>(header[0]);
  const bool is_long = (flags & flag_long) != 0;
  if (is_long) read(std::span(header).subspan(2));
  std::uint64_t size = 0;
  for (const char each : std::span(header).subspan(1, is_long ? 8 : 1))
    size = size << 8U | static_cast<unsigned char>(each);
  frame found{.command = (flags & flag_command) != 0};
  if (found.command && size <= max_command) {
    found.body.resize(static_cast<std::size_t>(size));
    read(found.body);
    return found;
  }
  std::array<char, 4096> dropped;
  while (size > 0) {
    const std::size_t part = std::min<std::uint64_t>(size, dropped.size());
    read(std::span(dropped).first(part));
    size -= part;
  }
  return found;
}

void pinger::send_command(std::string_view name, std::string_view data) {
  std::string body(1, static_cast<char>(name.size()));
  body.append(name).append(data);
  const bool is_long = body.size() > 255;
  std::string whole(1, static_cast<char>(is_long ? flag_command | flag_long : flag_command));
  send(whole.append(big_endian(body.size(), is_long ? 8 : 1)).append(body));
}

void pinger::send(std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      data.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      wait_for(POLLOUT);
    } else if (errno != EINTR) {
      fail("heartbeats");
    }
  }
}

void pinger::read(std::span<char> into) {
  while (!into.empty()) {
    const ssize_t got = ::recv(fd_, into.data(), into.size(), 0);
    if (got > 0) {
      into = into.subspan(static_cast<std::size_t>(got));
    } else if (got == 0) {
      throw std::runtime_error("the peer closed the connection");
    } else if (errno == EAGAIN) {
      wait_for(POLLIN);
    } else if (errno != EINTR) {
      fail("heartbeats");
    }
  }
}

void pinger::wait_for(short events) {
  while (!is_ready(events, deadline_)) {
    if (clock::now() >= deadline_) throw gave_up("no answer to a heartbeat in time");
  }
}

bool pinger::is_ready(short events, clock::time_point until) {
  if (stop_.stop_requested()) throw stopped();
  constexpr std::chrono::milliseconds longest = std::chrono::hours(1);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  std::array<pollfd, 2> watched{{{fd_, events, 0}, {wake_, POLLIN, 0}}};
  const auto limit = std::clamp(left, std::chrono::milliseconds(0), longest);
  ::poll(watched.data(), watched.size(), static_cast<int>(limit.count()));
  if (stop_.stop_requested()) throw stopped();
  return watched[0].revents != 0;
}

}  // namespace tool
