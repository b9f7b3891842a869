#pragma once

#include "transport/stream_options.hpp"

#include <monocoque/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace monocoque::transport {

/// Who is at the other end of an ipc connection, as the kernel vouches: the process that connected, or that
/// listened.
struct peer_credentials {
  pid_t pid = 0;  ///< 0 if the peer is in a process namespace that cannot be seen from here
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups{};  ///< further ones that it is in; empty where the kernel does not tell
};

/// Sets the options of a connection that was accepted (non-blocking and close-on-exec already).
[[nodiscard]] result<void> prepare_accepted(int fd, const stream_options& options);

/// The two ends of a connection as endpoint texts. An ipc end that has no name, as a connecting process has
/// none, shows as `unnamed`: pass the listener's endpoint. Empty if there is neither.
[[nodiscard]] std::string local_endpoint(int fd, std::string_view unnamed = {});
[[nodiscard]] std::string peer_endpoint(int fd, std::string_view unnamed = {});

/// Of what was written to the connection, what the peer's system has not said to have (tcp), or the peer has
/// not read (ipc; counted as the kernel does, with what it needs itself). 0 if that is not known.
[[nodiscard]] std::size_t unacknowledged_bytes(int fd) noexcept;

/// ipc only; for tcp errc::not_supported.
[[nodiscard]] result<peer_credentials> credentials_of_peer(int fd);

}  // namespace monocoque::transport
