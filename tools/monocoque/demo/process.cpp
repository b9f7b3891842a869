#include "demo/process.hpp"

#include "interruption.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tool::demo {
namespace {

struct pipe_ends {
  int read = -1, write = -1;
};

pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {ends[0], ends[1]};
}

void close_end(int& fd) noexcept {
  if (fd >= 0) ::close(std::exchange(fd, -1));
}

}  // namespace

process::process(const std::vector<std::string>& arguments) {
  std::vector<char*> words;
  std::vector<std::string> copies = arguments;
  words.reserve(copies.size() + 1);
  for (std::string& word : copies) words.push_back(word.data());
  words.push_back(nullptr);
  const pid_t parent = ::getpid();
  pipe_ends orders = make_pipe();
  pipe_ends reports = make_pipe();
  pipe_ends errors = make_pipe();
  pid_ = ::fork();
  if (pid_ == 0) {  // only what is safe between fork and exec
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    restore_signals();
    ::dup2(orders.read, STDIN_FILENO);
    ::dup2(reports.write, STDOUT_FILENO);
    ::dup2(errors.write, STDERR_FILENO);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  const int failure = errno;
  close_end(orders.read);
  close_end(reports.write);
  close_end(errors.write);
  orders_ = orders.write;
  reports_ = reports.read;
  errors_ = errors.read;
  ::fcntl(reports_, F_SETFL, O_NONBLOCK);
  ::fcntl(errors_, F_SETFL, O_NONBLOCK);
  if (pid_ < 0) {
    close_end(orders_);
    close_end(reports_);
    close_end(errors_);
    throw std::system_error(failure, std::generic_category(), "fork");
  }
}

process::~process() {
  kill();
  (void)join();
  close_end(orders_);
  close_end(reports_);
  close_end(errors_);
}

bool process::write(const std::string& text) noexcept {
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t written = ::write(orders_, left.data(), left.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) left.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void process::close_input() noexcept { close_end(orders_); }

int process::join() noexcept {
  if (pid_ <= 0) return 0;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void process::kill() noexcept {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

}  // namespace tool::demo
