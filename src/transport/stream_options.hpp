#pragma once

#include <monocoque/result.hpp>

#include <chrono>
#include <string>

namespace monocoque::transport {

/// What a stream socket is told before it is used. -1 leaves it to the system. TCP_NODELAY is not an option:
/// always on.
struct stream_options {
  int send_buffer = -1;           ///< bytes, SO_SNDBUF
  int receive_buffer = -1;        ///< bytes, SO_RCVBUF
  int unsent_limit = -1;          ///< bytes taken by the system that it may not send yet, TCP_NOTSENT_LOWAT
  int backlog = 4096;             ///< connections that wait to be accepted; the system caps it (somaxconn)
  int type_of_service = 0;        ///< 0 to 255, IP_TOS and IPV6_TCLASS; 0: not set
  int priority = 0;               ///< SO_PRIORITY; 0: not set
  int busy_poll_us = 0;           ///< SO_BUSY_POLL; 0: not set
  int keepalive = -1;             ///< 0 off, 1 on; the next three count only when it is on
  int keepalive_idle_s = -1;      ///< 1 to 32767
  int keepalive_count = -1;       ///< 1 to 127
  int keepalive_interval_s = -1;  ///< 1 to 32767
  std::chrono::milliseconds max_retransmit{0};  ///< TCP_USER_TIMEOUT; 0: the system's
  /// TCP_CONGESTION, by the system's name; empty: the system's, but see `spare_loopback_pacing`.
  std::string congestion_control{};
  bool ipv6 = false;             ///< passed to resolve(); an IPv6 listener takes IPv4 peers as well
  std::string bind_to_device{};  ///< interface, SO_BINDTODEVICE; empty: any
  /// Of one that listens already, in place of a new one; what else is here then goes for accepted connections
  /// alone. -1: none. listen_on() takes it over, unless it fails.
  int listening_descriptor = -1;
};

/// Sets what applies to `fd` of `family` before bind, connect or use; a Unix socket has buffers only. The
/// error's detail names the option that the system refused.
[[nodiscard]] result<void> apply_options(int fd, int family, const stream_options& options);

/// Ties a tcp socket to the interface asked for, if any. Apart from the rest because an accepted connection
/// inherits it and may not be told again.
[[nodiscard]] result<void> bind_to_device(int fd, int family, const stream_options& options);

/// Between two processes of one machine no network is shared with anybody, and a congestion control that
/// paces (bbr) only holds the bytes up, by its guesses of a bandwidth that changes with the scheduler's mood:
/// docs/performance.md has what that costs. So where no other was asked for, `fd` (tcp, before connect,
/// listen or use) gets reno in place of bbr. Leaves all as it is if the system does not let it.
void spare_loopback_pacing(int fd, const stream_options& options) noexcept;

}  // namespace monocoque::transport
