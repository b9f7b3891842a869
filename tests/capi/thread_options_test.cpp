// Options of contexts that say how their I/O threads run.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <string>
#include <thread>

namespace monocoque::test {
namespace {

class thread_options : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(zmq_ctx_term(ctx_), 0); }

  void expect_refused(int option, int value) {
    EXPECT_EQ(zmq_ctx_set(ctx_, option, value), -1) << option << " to " << value;
    EXPECT_EQ(errno, EINVAL);
  }
  /// Whether a thread gets a name that begins so, while the context has a socket. Threads name themselves, so
  /// that may take a moment.
  bool has_thread(const std::string& beginning) {
    void* const socket = zmq_socket(ctx_, ZMQ_PUSH);
    EXPECT_NE(socket, nullptr) << zmq_strerror(errno);
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience);
    bool found = is_there(beginning);
    while (!found && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::yield();
      found = is_there(beginning);
    }
    zmq_close(socket);
    return found;
  }

  void* ctx_ = zmq_ctx_new();

 private:
  static bool is_there(const std::string& beginning) {
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream file(each.path() / "comm");
      std::string name;
      if (std::getline(file, name) && name.starts_with(beginning)) return true;
    }
    return false;
  }
};

TEST_F(thread_options, are_not_below_0) {
  for (const int option : {ZMQ_THREAD_SCHED_POLICY, ZMQ_THREAD_PRIORITY, ZMQ_THREAD_AFFINITY_CPU_ADD,
                           ZMQ_THREAD_AFFINITY_CPU_REMOVE})
    expect_refused(option, -1);
}

TEST_F(thread_options, tell_the_policy) {
  EXPECT_EQ(zmq_ctx_get(ctx_, ZMQ_THREAD_SCHED_POLICY), ZMQ_THREAD_SCHED_POLICY_DFLT);
  EXPECT_EQ(zmq_ctx_set(ctx_, ZMQ_THREAD_SCHED_POLICY, SCHED_OTHER), 0);
  EXPECT_EQ(zmq_ctx_get(ctx_, ZMQ_THREAD_SCHED_POLICY), SCHED_OTHER);
}

TEST_F(thread_options, take_processors_and_give_up_those_that_were_given) {
  EXPECT_EQ(zmq_ctx_set(ctx_, ZMQ_THREAD_AFFINITY_CPU_ADD, 0), 0);
  EXPECT_EQ(zmq_ctx_set(ctx_, ZMQ_THREAD_AFFINITY_CPU_ADD, 1), 0);
  EXPECT_EQ(zmq_ctx_set(ctx_, ZMQ_THREAD_AFFINITY_CPU_ADD, 1), 0);
  EXPECT_EQ(zmq_ctx_set(ctx_, ZMQ_THREAD_AFFINITY_CPU_REMOVE, 1), 0);
  expect_refused(ZMQ_THREAD_AFFINITY_CPU_REMOVE, 1);
  EXPECT_TRUE(has_thread("")) << "its threads run on the first processor";
}

TEST_F(thread_options, name_threads_by_a_number) {
  EXPECT_EQ(zmq_ctx_get(ctx_, ZMQ_THREAD_NAME_PREFIX), 0);
  EXPECT_EQ(zmq_ctx_set(ctx_, ZMQ_THREAD_NAME_PREFIX, 1234), 0);
  EXPECT_EQ(zmq_ctx_get(ctx_, ZMQ_THREAD_NAME_PREFIX), 1234);
  EXPECT_TRUE(has_thread("1234/"));
}

TEST_F(thread_options, name_threads_by_a_text) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it is built without zmq_ctx_set_ext";
  std::array<char, 16> prefix{"MyPrefix9012345"};
  EXPECT_EQ(zmq_ctx_set_ext(ctx_, ZMQ_THREAD_NAME_PREFIX, prefix.data(), prefix.size()), 0);
  std::array<char, 16> told{};
  std::size_t size = told.size();
  EXPECT_EQ(zmq_ctx_get_ext(ctx_, ZMQ_THREAD_NAME_PREFIX, told.data(), &size), 0);
  EXPECT_STREQ(told.data(), prefix.data());
  EXPECT_TRUE(has_thread("MyPrefix9012345"));
  EXPECT_EQ(zmq_ctx_set_ext(ctx_, ZMQ_THREAD_NAME_PREFIX, "a prefix that is too long", 25), -1);
  EXPECT_EQ(errno, EINVAL);
  size = 2;
  EXPECT_EQ(zmq_ctx_get_ext(ctx_, ZMQ_THREAD_NAME_PREFIX, told.data(), &size), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(thread_options, of_type_int_go_the_extended_way_too) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it is built without zmq_ctx_set_ext";
  int threads = 3;
  std::size_t size = sizeof threads;
  EXPECT_EQ(zmq_ctx_set_ext(ctx_, ZMQ_IO_THREADS, &threads, size), 0);
  threads = 0;
  EXPECT_EQ(zmq_ctx_get_ext(ctx_, ZMQ_IO_THREADS, &threads, &size), 0);
  EXPECT_EQ(threads, 3);
  EXPECT_EQ(zmq_ctx_get_ext(ctx_, ZMQ_THREAD_SCHED_POLICY, &threads, &size), 0);
  EXPECT_EQ(threads, ZMQ_THREAD_SCHED_POLICY_DFLT);
  EXPECT_EQ(zmq_ctx_get_ext(ctx_, -1, &threads, &size), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(thread_options, copying_or_not_is_kept_and_told) {
  if (is_debians_libzmq()) GTEST_SKIP() << "a draft option";
  EXPECT_EQ(zmq_ctx_get(ctx_, ZMQ_ZERO_COPY_RECV), 1);
  EXPECT_EQ(zmq_ctx_set(ctx_, ZMQ_ZERO_COPY_RECV, 0), 0);
  EXPECT_EQ(zmq_ctx_get(ctx_, ZMQ_ZERO_COPY_RECV), 0);
}

}  // namespace
}  // namespace monocoque::test
