#pragma once

#include "base/temporary_folder.hpp"

#include <monocoque/authentication.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

/// What the tests of this room share. Test programs only.
namespace monocoque::auth::testing {

using status = auth_verdict::status_code;

/// Only a broken test ever waits for so long.
inline constexpr std::chrono::seconds patience{30};

using base::temporary_folder;

/// In place, as `echo` would, with a mode that is taken whatever the umask is.
inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
  std::filesystem::permissions(path, std::filesystem::perms{0644});
}

/// As careful programs do it: another file is moved to its place.
inline void replace_file(const std::string& path, std::string_view text) {
  write_file(path + ".new", text);
  std::filesystem::rename(path + ".new", path);
}

inline bool contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

/// Waits for what no call tells of.
template <class Condition>
bool becomes_true(Condition condition) {
  const auto latest = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > latest) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Waits for a stop request.
inline bool is_revoked(const std::stop_token& token) {
  std::promise<void> stopped;
  const std::stop_callback told(token, [&] { stopped.set_value(); });
  return stopped.get_future().wait_for(patience) == std::future_status::ready;
}

/// While it lives, this process can open only so many more descriptors.
class descriptor_limit {
 public:
  explicit descriptor_limit(rlim_t more) {
    const int next = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    ::close(next);
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit tight{.rlim_cur = static_cast<rlim_t>(next) + more, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  descriptor_limit(const descriptor_limit&) = delete;
  descriptor_limit& operator=(const descriptor_limit&) = delete;

  /// False under UndefinedBehaviorSanitizer: to see whether it may look at an object it opens a pipe, and
  /// calls the object invalid if there is none to be had.
  [[nodiscard]] static constexpr bool can_be() {
#if defined(__has_feature)
    return !__has_feature(undefined_behavior_sanitizer);
#else
    return true;
#endif
  }

 private:
  rlimit before_{};
};

/// Collects verdicts and lets a test wait for them.
class verdicts final : public monocoque::detail::auth_sink {
 public:
  void answered(auth_verdict verdict) noexcept override {
    const std::lock_guard lock(mutex_);
    got_.push_back(std::move(verdict));
    changed_.notify_all();
  }
  /// Those that came, once there are so many.
  [[nodiscard]] std::vector<auth_verdict> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return got_.size() >= count; });
    return got_;
  }
  [[nodiscard]] std::vector<auth_verdict> now() { return wait_for(0); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<auth_verdict> got_;
};

}  // namespace monocoque::auth::testing
