#include "transport/ipc_listener.hpp"

#include "transport/folder_lock.hpp"

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace monocoque::transport {
namespace {

constexpr int max_bind_tries = 4;

error failed(int errno_value, const endpoint& where, std::string detail = {}) {
  error reason = error::from_errno(errno_value, "bind").with_endpoint(where.text);
  return detail.empty() ? reason : std::move(reason).with_detail(std::move(detail));
}

unique_fd open_unix() noexcept {
  return unique_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/// `empty_file`: how programs take a name that nobody else has (mkstemp), and libzmq replaces it.
enum class occupant : unsigned char { none, dead_socket, empty_file, live_socket, not_a_socket, unknown };

/// Who is at `path`. A live listener sees a connection that closes at once, as from a port scan.
occupant look_at(const std::string& path, const socket_address& at) noexcept {
  struct stat there{};
  if (::lstat(path.c_str(), &there) != 0) return errno == ENOENT ? occupant::none : occupant::unknown;
  if (S_ISREG(there.st_mode) && there.st_size == 0) return occupant::empty_file;
  if (!S_ISSOCK(there.st_mode)) return occupant::not_a_socket;
  const unique_fd probe = open_unix();
  if (!probe) return occupant::unknown;
  if (::connect(probe.fd(), at.data(), at.size()) == 0) return occupant::live_socket;
  switch (errno) {
    case ECONNREFUSED: return occupant::dead_socket;
    case ENOENT: return occupant::none;
    case EAGAIN:      // somebody listens, and the backlog is full
    case EPROTOTYPE:  // somebody has a datagram socket there
      return occupant::live_socket;
    default: return occupant::unknown;
  }
}

/// Clears the way for another bind(), or says why not.
std::optional<error> make_room(const std::string& path, const endpoint& where, const socket_address& at,
                               const folder_lock& lock) {
  switch (look_at(path, at)) {
    case occupant::none: return std::nullopt;
    case occupant::live_socket: return failed(EADDRINUSE, where, "another socket listens there");
    case occupant::not_a_socket: return failed(EADDRINUSE, where, "what is there is not a socket");
    case occupant::unknown: return failed(EADDRINUSE, where, "the socket there cannot be probed");
    case occupant::dead_socket:
    case occupant::empty_file: break;
  }
  if (!lock.may_replace())
    return failed(EADDRINUSE, where, "what is there is dead, and its folder is locked");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return failed(errno, where, "the dead socket that is there cannot be removed");
  }
  return std::nullopt;
}

error bind_failed(int errno_value, const std::string& path, const endpoint& where) {
  if (errno_value == ENOENT)
    return failed(errno_value, where, "the folder " + folder_of(path) + " does not exist");
  return failed(errno_value, where);
}

result<void> bind_file(int fd, const std::string& path, const endpoint& where, const socket_address& at,
                       const folder_lock& lock) {
  for (int tries = 0; tries < max_bind_tries; ++tries) {
    if (::bind(fd, at.data(), at.size()) == 0) return {};
    if (errno != EADDRINUSE) return bind_failed(errno, path, where);
    if (std::optional<error> occupied = make_room(path, where, at, lock)) return *std::move(occupied);
  }
  return failed(EADDRINUSE, where, "others keep binding there");
}

/// `with_folder`: its folder was made for this socket and goes with it.
result<listening_socket> listen_on_file(unique_fd fd, const endpoint& where, const socket_address& at,
                                        int backlog, bool with_folder) {
  const std::string path = at.path();
  const folder_lock lock(path);
  if (result<void> bound = bind_file(fd.fd(), path, where, at, lock); !bound) return std::move(bound).error();
  owned_path file(path, with_folder);
  if (!file.holds() || ::listen(fd.fd(), backlog) != 0) {
    const int reason = errno;
    ::unlink(path.c_str());
    file.disown();
    return failed(reason, where);
  }
  return listening_socket(std::move(fd), at.to_endpoint(), std::move(file));
}

result<listening_socket> listen_on_abstract(unique_fd fd, const endpoint& where, const socket_address& at,
                                            int backlog) {
  if (::bind(fd.fd(), at.data(), at.size()) != 0 || ::listen(fd.fd(), backlog) != 0)
    return failed(errno, where);
  return listening_socket(std::move(fd), at.to_endpoint(), {});
}

/// A path of our own, in a folder of our own that nobody else can enter.
result<listening_socket> listen_on_fresh_file(unique_fd fd, const endpoint& where, int backlog) {
  const char* chosen = ::secure_getenv("TMPDIR");
  std::string folder = chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
  folder += "/monocoque-XXXXXX";
  constexpr std::string_view file = "/socket";
  if (folder.size() + file.size() > max_ipc_path_size) {
    return failed(ENAMETOOLONG, where, "TMPDIR leaves no room in sun_path: " + folder);
  }
  if (::mkdtemp(folder.data()) == nullptr) return failed(errno, where, "no folder can be made as " + folder);
  const socket_address at = socket_address::local(folder + std::string(file));
  result<listening_socket> made = listen_on_file(std::move(fd), where, at, backlog, true);
  if (!made) ::rmdir(folder.c_str());
  return made;
}

}  // namespace

result<listening_socket> listen_on_ipc(const endpoint& where, const socket_address& at,
                                       const stream_options& options) {
  unique_fd fd = open_unix();
  if (!fd) return failed(errno, where);
  if (result<void> set = apply_options(fd.fd(), AF_UNIX, options); !set) {
    return std::move(set).error().with_doing("bind").with_endpoint(where.text);
  }
  const std::string path = at.path();
  if (path.empty()) return listen_on_fresh_file(std::move(fd), where, options.backlog);
  if (path.front() == '@') return listen_on_abstract(std::move(fd), where, at, options.backlog);
  return listen_on_file(std::move(fd), where, at, options.backlog, false);
}

}  // namespace monocoque::transport
