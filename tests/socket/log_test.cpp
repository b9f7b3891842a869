// The log: off unless the context was given a function, which may do what it likes.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace monocoque::test {
namespace {

/// Lines as they came.
class notebook {
 public:
  [[nodiscard]] context_options options() {
    context_options with;
    with.log = [this](log_level level, std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(level, line);
    };
    return with;
  }
  [[nodiscard]] std::vector<std::pair<log_level, std::string>> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  [[nodiscard]] bool has(log_level level, std::string_view start) {
    return std::ranges::any_of(
        lines(), [&](const auto& line) { return line.first == level && line.second.starts_with(start); });
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<log_level, std::string>> lines_;
};

void let_two_sockets_meet(context& ctx) {
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  out.send("hello");
  EXPECT_EQ(must_receive(in).view(), "hello");
}

TEST(log, tells_what_happens_to_every_socket) {
  for (const bool inside : {false, true}) {
    SCOPED_TRACE(inside ? "inline" : "threaded");
    notebook notes;
    {
      context ctx = inside ? context(inline_loop, notes.options()) : context(notes.options());
      let_two_sockets_meet(ctx);
    }  // by the end of the context all is told
    EXPECT_TRUE(notes.has(log_level::info, "PULL: listening tcp://127.0.0.1:"));
    EXPECT_TRUE(notes.has(log_level::info, "PUSH: connected tcp://127.0.0.1:"));
    EXPECT_TRUE(notes.has(log_level::info, "PULL: handshake done tcp://127.0.0.1:"));
    EXPECT_TRUE(notes.has(log_level::debug, "PUSH: connect delayed tcp://127.0.0.1:"));
  }
}

TEST(log, tells_failures_as_errors) {
  notebook notes;
  {
    context ctx(notes.options());
    pull first(ctx), second(ctx);
    first.bind("tcp://127.0.0.1:0");
    EXPECT_FALSE(second.bind(as_result, first.last_endpoint()));
  }
  EXPECT_TRUE(notes.has(log_level::error, "PULL: bind failed tcp://127.0.0.1:"));
}

TEST(log, may_use_the_socket_that_it_tells_of) {
  context_options with;
  std::mutex mutex;
  std::condition_variable changed;
  pull* watched = nullptr;
  std::uint64_t listening = 0;
  with.log = [&](log_level, std::string_view) {
    const std::lock_guard lock(mutex);
    if (watched == nullptr) return;
    listening = watched->stats().events_of(event_kind::listening);
    changed.notify_one();
  };
  context ctx(with);
  pull in(ctx);
  {
    const std::lock_guard lock(mutex);
    watched = &in;
  }
  in.bind("tcp://127.0.0.1:0");
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, patience, [&] { return listening == 1; }));
  watched = nullptr;
}

TEST(log, that_throws_does_no_harm) {
  context_options with;
  with.log = [](log_level, std::string_view) { throw std::runtime_error("disk full"); };
  context ctx(with);
  let_two_sockets_meet(ctx);
}

TEST(log, levels_have_names) {
  EXPECT_EQ(name_of(log_level::debug), "debug");
  EXPECT_EQ(name_of(log_level::error), "error");
}

}  // namespace
}  // namespace monocoque::test
