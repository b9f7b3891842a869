#pragma once

#include "transport/endpoint.hpp"
#include "transport/listener.hpp"
#include "transport/resolve.hpp"

#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <string>
#include <sys/socket.h>

/// What the tests of this room share. Test programs only.
namespace monocoque::transport::testing {

/// A folder of its own, removed with all that is in it.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "mq-transport-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string endpoint(const std::string& name) const { return "ipc://" + file(name); }

 private:
  std::string path_;
};

/// Parses, resolves and listens on the first address.
inline result<listening_socket> listen_on_text(const std::string& text, const stream_options& options = {}) {
  result<endpoint> where = parse_endpoint(text, purpose::bind);
  if (!where) return std::move(where).error();
  auto found = resolve(*where, purpose::bind, options.ipv6);
  if (!found) return std::move(found).error();
  return listen_on(*where, found->front(), options);
}

/// Waits for `events`; only a broken test ever waits for the whole of the 10 s.
inline bool becomes(int fd, short events) {
  pollfd watched{fd, events, 0};
  return ::poll(&watched, 1, 10'000) == 1;
}

inline unique_fd accept_one(int listener) {
  if (!becomes(listener, POLLIN)) return unique_fd();
  return unique_fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

inline bool has_loopback_ipv6() { return listen_on_text("tcp://[::1]:*", {.ipv6 = true}).has_value(); }

inline bool contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

}  // namespace monocoque::transport::testing
