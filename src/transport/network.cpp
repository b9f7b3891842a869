#include "transport/network.hpp"

#include "transport/resolve.hpp"

namespace monocoque::transport {
namespace {

class real_network final : public network {
 public:
  bool needs_lookup(const endpoint& where) const noexcept override { return transport::needs_lookup(where); }
  result<std::vector<socket_address>> resolve(const endpoint& where, purpose wanted, bool ipv6) override {
    return transport::resolve(where, wanted, ipv6);
  }
  result<listening_socket> listen_on(const endpoint& where, const socket_address& at,
                                     const stream_options& options) override {
    return transport::listen_on(where, at, options);
  }
  result<dialled> open_dialer(const endpoint& where, const socket_address& target,
                              const stream_options& options) override {
    return transport::open_dialer(where, target, options);
  }
  result<datagram_socket> open_datagrams(const endpoint& where, purpose wanted, const socket_address& at,
                                         const datagram_options& options) override {
    return transport::open_datagrams(where, wanted, at, options);
  }
  bool is_self_connected(int fd) const noexcept override { return transport::is_self_connected(fd); }
  result<void> prepare_accepted(int fd, const stream_options& options) override {
    return transport::prepare_accepted(fd, options);
  }
  std::string local_endpoint(int fd) const override { return transport::local_endpoint(fd); }
  std::string peer_endpoint(int fd, std::string_view unnamed) const override {
    return transport::peer_endpoint(fd, unnamed);
  }
  std::size_t unacknowledged_bytes(int fd) const noexcept override {
    return transport::unacknowledged_bytes(fd);
  }
  result<peer_credentials> credentials_of_peer(int fd) const override {
    return transport::credentials_of_peer(fd);
  }
  unique_fd own(int fd) noexcept override { return unique_fd(fd); }
};

}  // namespace

result<datagram_socket> network::open_datagrams(const endpoint& where, purpose wanted, const socket_address&,
                                                const datagram_options&) {
  return error(make_error_code(errc::unsupported_transport), "this network has no datagrams")
      .with_doing(std::string(name_of(wanted)))
      .with_endpoint(where.text);
}

const std::shared_ptr<network>& system_network() {
  static const std::shared_ptr<network> only = std::make_shared<real_network>();
  return only;
}

}  // namespace monocoque::transport
