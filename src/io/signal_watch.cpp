#include "io/signal_watch.hpp"

#include "io/signals.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace monocoque::io {

signal_watch::signal_watch(std::initializer_list<int> signals) {
  sigemptyset(&watched_);
  for (const int each : signals) {
    if (each == SIGKILL || each == SIGSTOP || ::sigaddset(&watched_, each) != 0)
      throw std::system_error(EINVAL, std::generic_category(), "waiting for signal " + std::to_string(each));
  }
  signals_ = ::signalfd(-1, &watched_, SFD_CLOEXEC | SFD_NONBLOCK);
  end_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signals_ < 0 || end_ < 0) {
    const int reason = errno;
    ::close(signals_);
    ::close(end_);
    throw std::system_error(reason, std::generic_category(), "waiting for signals");
  }
  pthread_sigmask(SIG_BLOCK, &watched_, &before_);
  const signals_blocked all;  // others are not this thread's business
  thread_ = std::thread([this] { wait_for_signals(); });
}

signal_watch::~signal_watch() {
  static_cast<void>(::eventfd_write(end_, 1));
  thread_.join();
  ::close(signals_);
  ::close(end_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void signal_watch::wait_for_signals() noexcept {
  for (;;) {
    std::array<pollfd, 2> awaited{{{signals_, POLLIN, 0}, {end_, POLLIN, 0}}};
    if (::poll(awaited.data(), awaited.size(), -1) < 0) continue;
    if (awaited[1].revents != 0) return;
    take_one();
  }
}

void signal_watch::take_one() noexcept {
  signalfd_siginfo taken{};
  if (::read(signals_, &taken, sizeof taken) != static_cast<ssize_t>(sizeof taken)) return;
  const int number = static_cast<int>(taken.ssi_signo);
  int none = 0;
  if (first_.compare_exchange_strong(none, number)) {
    source_.request_stop();
    return;
  }
  // Again: what it does without us, as seen from this thread, which has it blocked.
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  ::raise(number);
  pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  pthread_sigmask(SIG_BLOCK, &one, nullptr);
}

}  // namespace monocoque::io
