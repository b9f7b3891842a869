// Ctrl-C ends every call that waits, with an error and without a trace.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <optional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// Sends the signal to this process once, a moment later.
class signal_soon {
 public:
  explicit signal_soon(int number)
      : sender_([number] {
          std::this_thread::sleep_for(20ms);  // so that it likely comes while something waits
          ::kill(::getpid(), number);
        }) {}

 private:
  std::jthread sender_;
};

/// What each wait answers when SIGINT comes.
errc interrupted(const std::function<error(const std::stop_token&)>& wait) {
  const stop_on_signals signals;
  error reason;
  {
    const signal_soon soon(SIGINT);
    reason = wait(signals.token());
  }
  EXPECT_EQ(signals.signal(), SIGINT);
  return reason.code() == make_error_code(errc::cancelled) ? errc::cancelled : errc::internal;
}

template <class Result>
error error_of(Result&& outcome) {
  return outcome ? error() : outcome.error();
}

/// For what throws.
error error_thrown_by(const std::function<void()>& wait) {
  try {
    wait();
  } catch (const exception& ended) {
    return ended.reason();
  }
  return {};
}

class ctrl_c : public testing::TestWithParam<bool> {
 protected:
  ctrl_c() {
    if (GetParam()) {
      ctx_.emplace(inline_loop);
    } else {
      ctx_.emplace();
    }
  }
  std::optional<context> ctx_;
};

TEST_P(ctrl_c, ends_a_receive) {
  pull in(*ctx_);
  in.bind("tcp://127.0.0.1:0");
  EXPECT_EQ(interrupted([&](const std::stop_token& stop) { return error_of(in.receive(as_result, stop)); }),
            errc::cancelled);
  EXPECT_EQ(interrupted([&](const std::stop_token& stop) {
              return error_of(in.receive_for(as_result, patience, stop));
            }),
            errc::cancelled);
  // Nothing is left of it.
  push out(*ctx_);
  out.connect(in.last_endpoint());
  out.send("x");
  EXPECT_EQ(must_receive(in).view(), "x");
}

TEST_P(ctrl_c, ends_a_receive_over_inproc) {
  pull in(*ctx_);
  in.bind("inproc://ctrl-c");
  EXPECT_EQ(interrupted([&](const std::stop_token& stop) { return error_of(in.receive(as_result, stop)); }),
            errc::cancelled);
}

TEST_P(ctrl_c, ends_a_send_that_waits) {
  push out(*ctx_);
  EXPECT_EQ(
      interrupted([&](const std::stop_token& stop) { return error_of(out.send(as_result, "x", stop)); }),
      errc::cancelled);
}

TEST_P(ctrl_c, ends_a_coroutine) {
  pull in(*ctx_);
  in.bind("tcp://127.0.0.1:0");
  const auto waits = [](pull& from) -> task<> { (void)co_await from.async_receive(); };
  EXPECT_EQ(interrupted([&](const std::stop_token& stop) {
              return error_thrown_by([&] { ctx_->run(waits(in), stop); });
            }),
            errc::cancelled);
}

TEST_P(ctrl_c, ends_a_poll) {
  pull in(*ctx_);
  in.bind("tcp://127.0.0.1:0");
  poller one(*ctx_);
  one.set(in, readiness::readable);
  EXPECT_EQ(interrupted([&](const std::stop_token& stop) {
              return error_thrown_by([&] { (void)one.wait(infinite, stop); });
            }),
            errc::cancelled);
}

TEST_P(ctrl_c, ends_a_proxy) {
  pull front(*ctx_);
  push back(*ctx_);
  front.bind("tcp://127.0.0.1:0");
  const stop_on_signals signals;
  const signal_soon soon(SIGINT);
  proxy(front, back, nullptr, signals.token());  // returns
  EXPECT_EQ(signals.signal(), SIGINT);
}

TEST_P(ctrl_c, ends_a_monitor_that_waits) {
  pull in(*ctx_);
  monitor events = in.monitor();
  EXPECT_EQ(
      interrupted([&](const std::stop_token& stop) { return error_of(events.receive(as_result, stop)); }),
      errc::cancelled);
}

INSTANTIATE_TEST_SUITE_P(of, ctrl_c, testing::Bool(), [](const auto& parameter) {
  return std::string(parameter.param ? "an_inline_context" : "a_threaded_context");
});

TEST(ctrl_c, twice_ends_the_process) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    const stop_on_signals signals({SIGTERM});
    ::kill(::getpid(), SIGTERM);
    while (!signals.token().stop_requested()) std::this_thread::yield();
    ::kill(::getpid(), SIGTERM);
    for (;;) ::pause();
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

}  // namespace
}  // namespace monocoque::test
