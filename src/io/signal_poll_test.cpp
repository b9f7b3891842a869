#include "io/signal_poll.hpp"

#include "io/poll_set.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace monocoque::io {
namespace {

constexpr auto at_once = detail::time_point::min();

bool is_signalled(const signal_poll& which) {
  polled_descriptor own{which.fd(), poll_flags::readable, 0};
  const auto other = signal_poll::make();
  return other && (*other)->wait({&own, 1}, at_once) && own.revents != 0;
}

TEST(signal_poll, wakes_whoever_waits_then_or_later) {
  auto made = signal_poll::make();
  ASSERT_TRUE(made);
  signal_poll& waiting = **made;
  waiting.signal();
  EXPECT_EQ(*waiting.wait({}, detail::time_point::max()), 0);
  std::thread signalling([&] { waiting.signal(); });
  EXPECT_EQ(*waiting.wait({}, detail::time_point::max()), 0);
  signalling.join();
  EXPECT_FALSE(is_signalled(waiting));
}

TEST(signal_poll, ends_when_a_signal_was_handled) {
  std::thread([] {
    struct sigaction before{};
    struct sigaction handled{};
    handled.sa_handler = [](int) {};
    sigaction(SIGUSR2, &handled, &before);
    sigset_t usual;
    sigset_t blocking;
    sigemptyset(&blocking);
    sigaddset(&blocking, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &blocking, &usual);
    pthread_kill(pthread_self(), SIGUSR2);
    const auto made = signal_poll::make();
    const auto waited = (*made)->wait({}, detail::time_point::max(), &usual);
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().code().value(), EINTR);
    sigaction(SIGUSR2, &before, nullptr);
  }).join();
}

/// The one took the other's signals, so that neither woke up reliably.
TEST(signal_poll, of_a_thread_is_not_that_of_its_parent_process) {
  const auto own = signal_poll::of_this_thread();
  ASSERT_TRUE(own);
  (*own)->signal();
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    const auto childs = signal_poll::of_this_thread();
    bool passed = childs && !is_signalled(**childs);
    if (passed) (*childs)->signal();
    passed = passed && is_signalled(**childs) && (*childs)->wait({}, at_once) && !is_signalled(**childs);
    ::_exit(passed ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(is_signalled(**own));  // still
  EXPECT_EQ(*signal_poll::of_this_thread(), *own);
  (*own)->consume();
}

}  // namespace
}  // namespace monocoque::io
