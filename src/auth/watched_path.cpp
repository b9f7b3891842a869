#include "auth/watched_path.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <system_error>

namespace monocoque::auth {
namespace {

std::int64_t in_ns(const timespec& time) noexcept {
  return (std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)).count();
}

}  // namespace

std::string absolute_path(const std::string& path) {
  if (path.find('\0') != std::string::npos)
    throw exception(error(errc::invalid_argument).with_doing("watch").with_detail("a NUL byte in the path"));
  std::error_code failed;
  std::string absolute = std::filesystem::absolute(path, failed).string();
  if (path.empty()) failed = std::make_error_code(std::errc::no_such_file_or_directory);
  if (failed) throw exception(error(failed).with_doing("watch").with_endpoint(path));
  while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute;
}

std::string folder_of(const std::string& absolute) {
  return std::filesystem::path(absolute).parent_path().string();
}

file_stamp file_stamp::of(const struct stat& status) noexcept {
  return {status.st_dev, status.st_ino, status.st_size, in_ns(status.st_mtim), in_ns(status.st_ctim)};
}

std::int64_t file_stamp::age_ns() const noexcept {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::nanoseconds(now).count() - changed_ns;
}

bool file_stamp::is_settled() const noexcept {
  constexpr std::chrono::nanoseconds enough = std::chrono::seconds(2);
  return age_ns() >= enough.count();
}

bool is_passing(const error& failure) noexcept {
  constexpr std::array passing{std::errc::too_many_files_open, std::errc::too_many_files_open_in_system,
                               std::errc::not_enough_memory, std::errc::io_error, std::errc::interrupted};
  return std::ranges::any_of(passing, [&](std::errc each) { return failure.code() == each; });
}

}  // namespace monocoque::auth
