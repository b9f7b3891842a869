#pragma once

#include "transport/datagrams.hpp"
#include "transport/dialer.hpp"
#include "transport/endpoint.hpp"
#include "transport/listener.hpp"
#include "transport/peer.hpp"
#include "transport/stream_options.hpp"
#include "transport/unique_fd.hpp"

#include <monocoque/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque::transport {

/// Where the sockets of a context come from, and the only way in which the engine opens one: the system's
/// network, or the simulated one of a test. Its descriptors are used by the drivers that go with it and by
/// nobody else. Shared by all contexts that use it; thread-safe. The functions do what those of the same name
/// in this room do, which say more.
class network {
 public:
  virtual ~network() = default;

  /// False if `resolve` returns at once.
  [[nodiscard]] virtual bool needs_lookup(const endpoint& where) const noexcept = 0;
  [[nodiscard]] virtual result<std::vector<socket_address>> resolve(const endpoint& where, purpose wanted,
                                                                    bool ipv6) = 0;
  [[nodiscard]] virtual result<listening_socket> listen_on(const endpoint& where, const socket_address& at,
                                                           const stream_options& options) = 0;
  [[nodiscard]] virtual result<dialled> open_dialer(const endpoint& where, const socket_address& target,
                                                    const stream_options& options) = 0;
  /// Not every network has datagrams: errc::unsupported_transport.
  [[nodiscard]] virtual result<datagram_socket> open_datagrams(const endpoint& where, purpose wanted,
                                                               const socket_address& at,
                                                               const datagram_options& options);
  [[nodiscard]] virtual bool is_self_connected(int fd) const noexcept = 0;
  [[nodiscard]] virtual result<void> prepare_accepted(int fd, const stream_options& options) = 0;
  [[nodiscard]] virtual std::string local_endpoint(int fd) const = 0;
  [[nodiscard]] virtual std::string peer_endpoint(int fd, std::string_view unnamed) const = 0;
  [[nodiscard]] virtual std::size_t unacknowledged_bytes(int fd) const noexcept = 0;
  [[nodiscard]] virtual result<peer_credentials> credentials_of_peer(int fd) const = 0;
  /// Takes over a descriptor that a driver accepted, or none (-1).
  [[nodiscard]] virtual unique_fd own(int fd) noexcept = 0;
};

[[nodiscard]] const std::shared_ptr<network>& system_network();

}  // namespace monocoque::transport
