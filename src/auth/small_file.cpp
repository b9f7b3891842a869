#include "auth/small_file.hpp"

#include "io/held_descriptor.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace monocoque::auth {
namespace {

constexpr mode_t others_read = S_IRGRP | S_IROTH;
constexpr mode_t others_may_write = S_IWGRP | S_IWOTH;

error refuse(std::errc code, std::string why) { return {std::make_error_code(code), std::move(why)}; }

/// Not EINTR: that is tried again.
template <class Call>
auto retried(Call call) {
  auto outcome = call();
  while (outcome < 0 && errno == EINTR) outcome = call();
  return outcome;
}

result<void> check_status(int fd, others_may allowed) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return error::from_errno(errno);
  if (S_ISDIR(status.st_mode)) return error::from_errno(EISDIR);
  if (!S_ISREG(status.st_mode)) return error(errc::invalid_argument).with_detail("it is no regular file");
  if (allowed == others_may::do_anything) return {};
  const bool must_be_secret = allowed == others_may::do_nothing;
  if ((status.st_mode & (must_be_secret ? others_read | others_may_write : others_may_write)) != 0) {
    return refuse(std::errc::permission_denied, must_be_secret
                                                    ? "others than its owner may read or write it: chmod 600"
                                                    : "others than its owner may write it: chmod go-w");
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return refuse(std::errc::permission_denied, "it belongs to somebody else");
  return {};
}

result<std::string> read_whole(int fd, std::size_t limit) {
  std::string text(limit + 1, '\0');  // at once: no smaller copy that would have to be wiped
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t read = retried([&] { return ::read(fd, text.data() + size, text.size() - size); });
    if (read < 0) return error::from_errno(errno);
    if (read == 0) break;
    size += static_cast<std::size_t>(read);
  }
  if (size > limit)
    return refuse(std::errc::file_too_large, std::to_string(limit / 1024) + " KB are the limit");
  text.resize(size);
  return text;
}

std::filesystem::path parent_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

}  // namespace

result<std::string> read_small_file(const std::string& path, others_may allowed, std::size_t limit) {
  const auto placed = [&path](error reason) {
    return std::move(reason).with_doing("read").with_endpoint(path);
  };
  if (path.find('\0') != std::string::npos) return placed(errc::invalid_argument);
  // Not blocking: a named pipe is opened without waiting for somebody to write, and refused.
  const io::held_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.fd() < 0) return placed(error::from_errno(errno));
  if (auto fit = check_status(file.fd(), allowed); !fit) return placed(std::move(fit).error());
  auto text = read_whole(file.fd(), limit);
  if (!text) return placed(std::move(text).error());
  return text;
}

new_file::new_file(std::string path, std::string_view text, mode_t mode)
    : path_(std::move(path)), temporary_((parent_of(path_) / ".monocoque-XXXXXX").string()) {
  const io::held_descriptor file(::mkostemp(temporary_.data(), O_CLOEXEC));  // with mode 0600
  if (file.fd() < 0) {
    written_ = failed(errno);
    temporary_.clear();
  } else {
    written_ = write(file.fd(), text, mode);
  }
}

new_file::~new_file() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

error new_file::failed(int why) const { return error::from_errno(why, "write").with_endpoint(path_); }

result<void> new_file::write(int fd, std::string_view text, mode_t mode) const {
  while (!text.empty()) {
    const ssize_t written = retried([&] { return ::write(fd, text.data(), text.size()); });
    if (written < 0) return failed(errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fchmod(fd, mode) != 0 || retried([fd] { return ::fsync(fd); }) != 0) return failed(errno);
  return {};
}

result<void> new_file::put_in_place() {
  if (!written_) return written_;
  if (::link(temporary_.c_str(), path_.c_str()) != 0) return failed(errno);  // never onto another file
  return {};
}

void new_file::take_back() noexcept { ::unlink(path_.c_str()); }

void new_file::sync_folder() const noexcept {
  const io::held_descriptor folder(::open(parent_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd() >= 0) ::fsync(folder.fd());
}

}  // namespace monocoque::auth
