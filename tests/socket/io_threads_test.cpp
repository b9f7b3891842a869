// How the I/O threads of a context run, and which of them serve a socket.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <set>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> names_of_threads() {
  std::vector<std::string> names;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(each.path() / "comm");
    if (std::string name; std::getline(file, name)) names.push_back(name);
  }
  return names;
}

std::string name_of_this_thread() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

TEST(io_threads, have_the_name_they_were_given) {
  const context ctx({.io_threads = 2, .thread_name = "mine"});
  const std::vector<std::string> names = names_of_threads();
  EXPECT_EQ(std::ranges::count(names, "mine/io/0"), 1);
  EXPECT_EQ(std::ranges::count(names, "mine/io/1"), 1);
}

TEST(io_threads, that_the_system_cannot_give_are_an_error_of_the_context) {
  EXPECT_EQ(code_thrown_by([] { context({.thread_processors = {CPU_SETSIZE}}); }),
            std::errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([] { context({.thread_policy = SCHED_FIFO, .thread_priority = 4711}); }),
            std::errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([] { context({.thread_priority = -1}); }), errc::invalid_argument);
}

TEST(io_threads, are_not_for_an_inline_context) {
  EXPECT_EQ(code_thrown_by([] { context(inline_loop, {.thread_name = "mine"}); }), errc::invalid_argument);
}

TEST(io_threads, carry_traffic_when_they_are_scheduled_otherwise) {
  context ctx({.thread_policy = SCHED_BATCH, .thread_priority = 0});
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  out.send("hello");
  EXPECT_EQ(must_receive(in).view(), "hello");
}

class io_thread_affinity : public testing::Test {
 protected:
  /// Which threads decided about eight peers of a socket with this affinity.
  std::set<std::string> serving(std::uint64_t affinity) {
    std::mutex mutex;
    std::set<std::string> seen;
    socket_options options;
    options.io_thread_affinity = affinity;
    options.authenticate = [&](const auth_request&) {
      const std::lock_guard lock(mutex);
      seen.insert(name_of_this_thread());
      return auth_verdict::allow();
    };
    pull in(ctx_, options);
    monitor events = in.monitor();
    in.bind("tcp://127.0.0.1:0");
    std::vector<push> peers;
    for (int i = 0; i < 8; ++i) peers.emplace_back(ctx_).connect(in.last_endpoint());
    await_handshakes(events, peers.size());
    in.close();
    return seen;
  }

  context ctx_{{.io_threads = 3, .thread_name = "t"}};
};

TEST_F(io_thread_affinity, keeps_connections_on_the_threads_it_names) {
  EXPECT_EQ(serving(1), std::set<std::string>{"t/io/0"});
  EXPECT_EQ(serving(4), std::set<std::string>{"t/io/2"});
  EXPECT_EQ(serving(3), (std::set<std::string>{"t/io/0", "t/io/1"}));
}

TEST_F(io_thread_affinity, of_no_thread_that_there_is_is_an_error_of_the_endpoint) {
  pull in(ctx_, {.io_thread_affinity = 8});
  EXPECT_EQ(in.bind(as_result, "tcp://127.0.0.1:0").error(), errc::invalid_argument);
  EXPECT_EQ(in.connect(as_result, "tcp://127.0.0.1:1").error(), errc::invalid_argument);
  pull other(ctx_, {.io_thread_affinity = 8 + 1});
  EXPECT_TRUE(other.bind(as_result, "tcp://127.0.0.1:0"));
}

}  // namespace
}  // namespace monocoque::test
