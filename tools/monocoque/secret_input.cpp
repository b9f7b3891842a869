#include "secret_input.hpp"

#include "input.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace tool {
namespace {

constexpr std::size_t longest_line = 1024;

std::string reading(const std::string& path) { return "read " + path; }

[[noreturn]] void give_up(const std::string& what, int why) {
  throw std::system_error(why, std::generic_category(), what);
}
[[noreturn]] void refuse(const std::string& path, const char* why) {
  throw std::runtime_error(reading(path) + ": " + why);
}

class descriptor {
 public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  ~descriptor() { ::close(fd_); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

void check_that_it_is_ours(const std::string& path, int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) give_up(reading(path), errno);
  if (S_ISDIR(status.st_mode)) give_up(reading(path), EISDIR);
  if (!S_ISREG(status.st_mode)) refuse(path, "it is no regular file");
  if ((status.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH)) != 0)
    refuse(path, "others than its owner may read or write it: chmod 600");
  if (status.st_uid != ::geteuid() && status.st_uid != 0) refuse(path, "it belongs to somebody else");
}

/// No echo as long as it lives.
class silence {
 public:
  silence() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) give_up("standard input", errno);
    termios changed = before_;
    changed.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &changed) != 0) give_up("standard input", errno);
  }
  ~silence() { ::tcsetattr(STDIN_FILENO, TCSANOW, &before_); }
  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;

 private:
  termios before_{};
};

void say(std::string_view text) noexcept { (void)!::write(STDERR_FILENO, text.data(), text.size()); }

std::optional<std::string> next_line(line_reader& lines, const std::stop_token& stop) {
  auto line = lines.next(stop);
  if (!line && !stop.stop_requested()) throw std::runtime_error("there is no password on standard input");
  return line;
}

std::optional<std::string> ask_terminal(const std::stop_token& stop) {
  const silence quiet;
  line_reader lines;
  say("Password: ");
  const auto first = next_line(lines, stop);
  say("\n");
  if (!first) return std::nullopt;
  say("Once more: ");
  auto second = next_line(lines, stop);
  say("\n");
  if (second && *first != *second) throw std::runtime_error("the two passwords differ");
  return second;
}

}  // namespace

std::string read_private_line(const std::string& path) {
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (opened < 0) give_up(reading(path), errno);
  const descriptor file(opened);
  check_that_it_is_ours(path, file.fd());
  std::array<char, longest_line + 1> content;
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t count = ::read(file.fd(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) give_up(reading(path), errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  std::string_view line(content.data(), size);
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() >= longest_line || line.find('\n') != std::string_view::npos)
    refuse(path, "it has more than one line, or a very long one");
  return std::string(line);
}

std::optional<std::string> ask_for_password(const std::stop_token& stop) {
  if (::isatty(STDIN_FILENO) == 1) return ask_terminal(stop);
  line_reader lines;
  return next_line(lines, stop);
}

}  // namespace tool
