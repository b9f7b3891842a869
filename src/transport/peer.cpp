#include "transport/peer.hpp"

#include "transport/address.hpp"

#include <cerrno>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace monocoque::transport {
namespace {

std::string text_of(const socket_address& address, std::string_view unnamed) {
  std::string text = address.to_endpoint();
  if (text.empty()) text = unnamed;
  return text;
}

std::vector<gid_t> groups_of_peer(int fd) {
  constexpr std::size_t usual = 32;
  std::vector<gid_t> groups(usual);
  for (;;) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    const bool told = ::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0;
    const std::size_t count = size / sizeof(gid_t);
    if (!told && (errno != ERANGE || count <= groups.size())) return {};
    groups.resize(count);
    if (told) return groups;
  }
}

}  // namespace

result<void> prepare_accepted(int fd, const stream_options& options) {
  int family = AF_UNSPEC;
  socklen_t size = sizeof family;
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return error::from_errno(errno, "accept");
  result<void> set = apply_options(fd, family, options);
  if (!set) return std::move(set).error().with_doing("accept");
  if (socket_address::of_peer(fd).is_loopback()) spare_loopback_pacing(fd, options);
  return {};
}

std::string local_endpoint(int fd, std::string_view unnamed) {
  return text_of(socket_address::of_socket(fd), unnamed);
}

std::string peer_endpoint(int fd, std::string_view unnamed) {
  return text_of(socket_address::of_peer(fd), unnamed);
}

std::size_t unacknowledged_bytes(int fd) noexcept {
  int found = 0;
  if (::ioctl(fd, SIOCOUTQ, &found) != 0 || found < 0) return 0;
  return static_cast<std::size_t>(found);
}

result<peer_credentials> credentials_of_peer(int fd) {
  if (socket_address::of_socket(fd).family() != AF_UNIX) return errc::not_supported;
  ucred found{};
  socklen_t size = sizeof found;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) {
    return error::from_errno(errno, "read peer credentials");
  }
  return peer_credentials{found.pid, found.uid, found.gid, groups_of_peer(fd)};
}

}  // namespace monocoque::transport
