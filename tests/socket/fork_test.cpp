// A child process is told that the sockets are its parent's, and the parent does not notice it.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// Runs `checks` in a child process; answers whether all were true, or -1 if it did not end by itself.
int in_child(const std::function<bool()>& checks) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    bool passed = false;
    try {
      passed = checks();
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "in the child: %s\n", failure.what());
    }
    ::_exit(passed ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool check(bool holds, const char* what) {
  if (!holds) std::fprintf(stderr, "in the child: %s\n", what);
  return holds;
}
#define CHECK_IN_CHILD(condition) \
  if (!check(condition, #condition)) return false

class forked : public testing::TestWithParam<bool> {
 protected:
  forked() {
    if (GetParam()) {
      ctx_.emplace(inline_loop);
    } else {
      ctx_.emplace();
    }
    in_.emplace(*ctx_);
    out_.emplace(*ctx_);
    in_->bind("tcp://127.0.0.1:0");
    out_->connect(in_->last_endpoint());
    exchange("before");
  }
  void exchange(const std::string& text) {
    out_->send(text);
    EXPECT_EQ(must_receive(*in_).view(), text);
  }

  std::optional<context> ctx_;
  std::optional<pull> in_;
  std::optional<push> out_;
};

TEST_P(forked, child_gets_errors_and_the_parent_goes_on) {
  for (int round = 0; round < 3; ++round) {
    out_->send("under way");
    EXPECT_EQ(
        in_child([&] {
          CHECK_IN_CHILD(out_->send(as_result, "x").error() == errc::forked);
          message text("x");
          CHECK_IN_CHILD(out_->try_send(as_result, text).error() == errc::forked);
          CHECK_IN_CHILD(in_->receive(as_result).error() == errc::forked);
          CHECK_IN_CHILD(in_->receive_for(as_result, 1ms).error() == errc::forked);
          CHECK_IN_CHILD(in_->try_receive(as_result).error() == errc::forked);
          CHECK_IN_CHILD(in_->bind(as_result, "tcp://127.0.0.1:0").error() == errc::forked);
          CHECK_IN_CHILD(in_->unbind(as_result, in_->last_endpoint()).error() == errc::forked);
          CHECK_IN_CHILD(out_->connect(as_result, "tcp://127.0.0.1:1").error() == errc::forked);
          CHECK_IN_CHILD(code_thrown_by([&] { const push another(*ctx_); }) == errc::forked);
          CHECK_IN_CHILD(code_thrown_by([&] {
                           ctx_->run([](pull& from) -> task<> { (void)co_await from.async_receive(); }(*in_));
                         }) == errc::forked);
          ctx_->shutdown();
          CHECK_IN_CHILD(out_->close() == 0);
          return true;
        }),
        0);
    EXPECT_EQ(must_receive(*in_).view(), "under way");
    exchange("after");
  }
}

TEST_P(forked, child_may_destroy_everything_in_any_order) {
  EXPECT_EQ(in_child([&] {
              out_.reset();
              ctx_.reset();
              in_.reset();
              return true;
            }),
            0);
  EXPECT_EQ(in_child([&] {
              in_.reset();
              out_.reset();
              ctx_.reset();
              return true;
            }),
            0);
  exchange("after");
}

TEST_P(forked, child_may_have_a_context_of_its_own) {
  EXPECT_EQ(in_child([&] {
              context own(inline_loop);
              pull in(own);
              in.bind("tcp://127.0.0.1:0");
              push out(own);
              out.connect(in.last_endpoint());
              out.send("mine");
              return must_receive(in).view() == "mine";
            }),
            0);
  exchange("after");
}

TEST_P(forked, child_is_not_left_waiting_for_the_events_of_the_parent) {
  monitor events = in_->monitor();
  EXPECT_EQ(in_child([&] {
              CHECK_IN_CHILD(events.receive(as_result).error() == errc::forked);
              CHECK_IN_CHILD(events.receive_for(as_result, 1ms).error() == errc::forked);
              CHECK_IN_CHILD(code_thrown_by([&] { (void)events.try_receive(); }) == errc::forked);
              context own(inline_loop);
              return own.run([](monitor& from) -> task<bool> {
                const result<event> next = co_await from.async_receive(as_result);
                co_return next.error() == errc::forked;
              }(events));
            }),
            0);
  in_->bind("tcp://127.0.0.1:0");
  EXPECT_EQ(events.try_receive().value().kind, event_kind::listening);
}

TEST(forked_from_busy_threads, child_finds_no_lock_taken) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx, {.linger = 0ms});
  out.connect(in.last_endpoint());
  std::jthread sender([&](const std::stop_token& stop) {
    while (out.send(as_result, "x", stop)) {
    }
  });
  std::jthread receiver([&](const std::stop_token& stop) {
    while (in.receive(as_result, stop)) {
    }
  });
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(in_child([&] {
                return out.send(as_result, "x").error() == errc::forked && out.peer_count() <= 1 &&
                       in.receive(as_result).error() == errc::forked;
              }),
              0);
  }
}

INSTANTIATE_TEST_SUITE_P(of, forked, testing::Bool(), [](const auto& parameter) {
  return std::string(parameter.param ? "an_inline_context" : "a_threaded_context");
});

}  // namespace
}  // namespace monocoque::test
