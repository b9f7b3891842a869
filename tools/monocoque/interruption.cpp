#include "interruption.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace tool {
namespace {

sigset_t ending_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

constexpr std::chrono::milliseconds same_signal{500};

}  // namespace

void keep_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // Opened for the other direction, so that using it fails. The lowest free descriptor is this one.
    const int opened = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened < 0) throw std::system_error(errno, std::generic_category(), "/dev/null");
  }
}

interruption::interruption() {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signals_ < 0 || wake_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  watcher_ = std::thread([this] { watch(); });
}

interruption::~interruption() {
  ending_ = true;
  (void)eventfd_write(wake_, 1);
  watcher_.join();
  ::close(signals_);
  ::close(wake_);
}

void interruption::watch_output() noexcept {
  watching_output_ = true;
  (void)eventfd_write(wake_, 1);
}

void interruption::watch() noexcept {
  bool output_gone = false;
  while (!ending_) {
    // No event is asked for on standard output: poll reports an error there unasked.
    const int output = watching_output_ && !output_gone ? STDOUT_FILENO : -1;
    std::array<pollfd, 3> watched{{{signals_, POLLIN, 0}, {wake_, POLLIN, 0}, {output, 0, 0}}};
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) take_signal();
    if (watched[1].revents != 0) {
      std::uint64_t ignored = 0;
      (void)eventfd_read(wake_, &ignored);
    }
    if ((watched[2].revents & (POLLERR | POLLNVAL)) != 0) {
      output_gone = true;
      source_.request_stop();
    }
  }
}

void interruption::take_signal() noexcept {
  signalfd_siginfo taken{};
  if (::read(signals_, &taken, sizeof taken) != static_cast<ssize_t>(sizeof taken)) return;
  const int number = static_cast<int>(taken.ssi_signo);
  const auto now = std::chrono::steady_clock::now();
  if (signal_ != 0) {
    if (now - signalled_at_ >= same_signal) ::_exit(128 + number);
    return;
  }
  signal_ = number;
  signalled_at_ = now;
  source_.request_stop();
}

void restore_signals() noexcept {
  const sigset_t set = ending_signals();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
}

}  // namespace tool
