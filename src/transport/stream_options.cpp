#include "transport/stream_options.hpp"

#include "transport/option_setter.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>

namespace monocoque::transport {
namespace {

bool is_internet(int family) noexcept { return family == AF_INET || family == AF_INET6; }

int milliseconds(std::chrono::milliseconds span) noexcept {
  constexpr std::chrono::milliseconds::rep most = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(span.count(), most));
}

}  // namespace

result<void> apply_options(int fd, int family, const stream_options& options) {
  option_setter setter(fd);
  setter.set_unless_negative(SOL_SOCKET, SO_SNDBUF, options.send_buffer, "SO_SNDBUF");
  setter.set_unless_negative(SOL_SOCKET, SO_RCVBUF, options.receive_buffer, "SO_RCVBUF");
  if (!is_internet(family)) return std::move(setter).outcome();

  // Batching is done above, in whole segments; Nagle's delay on top would only hurt round trips.
  setter.set(IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
  setter.set_unless_negative(IPPROTO_TCP, TCP_NOTSENT_LOWAT, options.unsent_limit, "TCP_NOTSENT_LOWAT");
  setter.set(IPPROTO_TCP, TCP_CONGESTION, options.congestion_control, "TCP_CONGESTION");
  setter.set_unless_negative(SOL_SOCKET, SO_KEEPALIVE, options.keepalive, "SO_KEEPALIVE");
  if (options.keepalive > 0) {
    setter.set_unless_negative(IPPROTO_TCP, TCP_KEEPIDLE, options.keepalive_idle_s, "TCP_KEEPIDLE");
    setter.set_unless_negative(IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_count, "TCP_KEEPCNT");
    setter.set_unless_negative(IPPROTO_TCP, TCP_KEEPINTVL, options.keepalive_interval_s, "TCP_KEEPINTVL");
  }
  if (options.max_retransmit.count() > 0) {
    setter.set(IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds(options.max_retransmit), "TCP_USER_TIMEOUT");
  }
  if (options.type_of_service != 0) {
    // An IPv6 socket may carry IPv4 (dual-stack) and has a setting for each.
    setter.set(IPPROTO_IP, IP_TOS, options.type_of_service, "IP_TOS");
    if (family == AF_INET6) setter.set(IPPROTO_IPV6, IPV6_TCLASS, options.type_of_service, "IPV6_TCLASS");
  }
  if (options.priority != 0) setter.set(SOL_SOCKET, SO_PRIORITY, options.priority, "SO_PRIORITY");
  if (options.busy_poll_us != 0) setter.set(SOL_SOCKET, SO_BUSY_POLL, options.busy_poll_us, "SO_BUSY_POLL");
  return std::move(setter).outcome();
}

result<void> bind_to_device(int fd, int family, const stream_options& options) {
  if (options.bind_to_device.empty() || !is_internet(family)) return {};
  option_setter setter(fd);
  setter.set(SOL_SOCKET, SO_BINDTODEVICE, options.bind_to_device, "SO_BINDTODEVICE");
  return std::move(setter).outcome();
}

void spare_loopback_pacing(int fd, const stream_options& options) noexcept {
  if (!options.congestion_control.empty()) return;
  constexpr std::string_view pacing = "bbr";  // and its later versions, bbr2, ...
  constexpr std::string_view plain = "reno";  // which every kernel has and lets everybody use
  std::array<char, 16> name{};
  socklen_t size = name.size();
  if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) return;
  if (!std::string_view(name.data(), size).starts_with(pacing)) return;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, plain.data(), static_cast<socklen_t>(plain.size()));
}

}  // namespace monocoque::transport
