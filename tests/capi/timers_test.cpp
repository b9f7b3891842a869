#include "tests/capi/library.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <thread>
#include <utility>
#include <vector>

namespace monocoque::test {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

constexpr std::size_t soon = 3;           // milliseconds
constexpr std::size_t never = 3'600'000;  // an hour
constexpr int no_timer = 4711;

class timers_test : public testing::Test {
 protected:
  ~timers_test() override {
    if (timers_ == nullptr) return;
    EXPECT_EQ(zmq_timers_destroy(&timers_), 0);
    EXPECT_EQ(timers_, nullptr);
  }

  /// Adds a timer whose handler notes its number, and then does that.
  int add(std::size_t interval, std::function<void(int)> act = [](int) {}) {
    handlers_.push_back({this, std::move(act)});
    return zmq_timers_add(
        timers_, interval,
        [](int id, void* arg) {
          auto& self = *static_cast<handler*>(arg);
          self.test->called_.push_back(id);
          self.act(id);
        },
        &handlers_.back());
  }

  std::vector<int> execute() {
    called_.clear();
    EXPECT_EQ(zmq_timers_execute(timers_), 0);
    return called_;
  }
  /// After a time in which all that is to come soon has become due.
  std::vector<int> execute_later() {
    std::this_thread::sleep_for(milliseconds(soon + 2));
    return execute();
  }
  /// As a program does it: waits as long as it is told to. libzmq's clock may lag a little.
  std::vector<int> execute_next() {
    do std::this_thread::sleep_for(milliseconds(zmq_timers_timeout(timers_)));
    while (execute().empty());
    return called_;
  }

  struct handler {
    timers_test* test;
    std::function<void(int)> act;
  };

  void* timers_ = zmq_timers_new();
  std::list<handler> handlers_;
  std::vector<int> called_;
};

using ids = std::vector<int>;

TEST_F(timers_test, are_numbered_from_1_and_no_number_comes_again) {
  EXPECT_EQ(add(never), 1);
  EXPECT_EQ(add(never), 2);
  EXPECT_EQ(zmq_timers_cancel(timers_, 2), 0);
  EXPECT_EQ(add(never), 3);
}

TEST_F(timers_test, that_are_none_are_nothing_to_wait_for) {
  EXPECT_EQ(zmq_timers_timeout(timers_), -1);
  EXPECT_EQ(execute(), ids{});
  EXPECT_EQ(zmq_timers_cancel(timers_, add(never)), 0);
  EXPECT_EQ(zmq_timers_timeout(timers_), -1);
}

TEST_F(timers_test, tell_how_long_to_wait_for_the_first) {
  add(never);
  EXPECT_LE(zmq_timers_timeout(timers_), static_cast<long>(never));
  EXPECT_GT(zmq_timers_timeout(timers_), static_cast<long>(never / 2));
  const int first = add(never / 4);
  add(never / 3);
  EXPECT_LE(zmq_timers_timeout(timers_), static_cast<long>(never / 4));
  EXPECT_EQ(zmq_timers_cancel(timers_, first), 0);
  EXPECT_LE(zmq_timers_timeout(timers_), static_cast<long>(never / 3));
  EXPECT_GT(zmq_timers_timeout(timers_), static_cast<long>(never / 4));
}

TEST_F(timers_test, that_are_due_are_nothing_to_wait_for) {
  add(soon);
  std::this_thread::sleep_for(milliseconds(soon + 2));
  EXPECT_EQ(zmq_timers_timeout(timers_), 0);
}

TEST_F(timers_test, are_called_again_and_again_once_each_time) {
  const auto start = clock::now();
  const int id = add(soon);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(execute_next(), ids{id});
    // libzmq looks at whole milliseconds.
    EXPECT_GE(clock::now() - start + milliseconds(2), milliseconds(soon) * i);
  }
}

TEST_F(timers_test, that_were_missed_several_times_are_called_once) {
  const int id = add(1);
  EXPECT_EQ(execute_later(), ids{id});
}

TEST_F(timers_test, are_not_called_before_they_are_due) {
  add(never);
  EXPECT_EQ(execute_later(), ids{});
}

TEST_F(timers_test, are_called_in_the_order_in_which_they_became_due) {
  constexpr milliseconds late{20};
  int last = 0;
  int first = 0;
  int second = 0;
  auto start = clock::now();
  do {  // until it is done before the last one is due
    for (const int id : {last, first, second}) zmq_timers_cancel(timers_, id);
    start = clock::now();
    last = add(late.count());
    first = add(1);
    second = add(1);
  } while (clock::now() - start > late / 2);
  std::this_thread::sleep_for(late + milliseconds(2));
  EXPECT_EQ(execute(), (ids{first, second, last}));
}

TEST_F(timers_test, that_are_reset_begin_anew) {
  const int first = add(soon);
  const int second = add(soon);
  EXPECT_EQ(zmq_timers_reset(timers_, first), 0);
  EXPECT_EQ(execute_later(), (ids{second, first}));
}

TEST_F(timers_test, take_another_interval_from_now_on) {
  const int id = add(never);
  EXPECT_EQ(zmq_timers_set_interval(timers_, id, soon), 0);
  EXPECT_EQ(execute_next(), ids{id});
  EXPECT_EQ(execute_next(), ids{id});
  EXPECT_EQ(zmq_timers_set_interval(timers_, id, never), 0);
  EXPECT_EQ(execute_later(), ids{});
}

TEST_F(timers_test, that_are_cancelled_are_not_called) {
  const int cancelled = add(soon);
  const int other = add(soon);
  EXPECT_EQ(zmq_timers_cancel(timers_, cancelled), 0);
  EXPECT_EQ(execute_later(), ids{other});
}

TEST_F(timers_test, that_are_unknown_are_refused) {
  for (const int id : {no_timer, 0, -1}) {
    errno = 0;
    EXPECT_EQ(zmq_timers_cancel(timers_, id), -1);
    EXPECT_EQ(zmq_errno(), EINVAL);
    errno = 0;
    EXPECT_EQ(zmq_timers_set_interval(timers_, id, soon), -1);
    EXPECT_EQ(zmq_errno(), EINVAL);
    errno = 0;
    EXPECT_EQ(zmq_timers_reset(timers_, id), -1);
    EXPECT_EQ(zmq_errno(), EINVAL);
  }
}

TEST_F(timers_test, that_are_cancelled_are_unknown) {
  const int id = add(never);
  EXPECT_EQ(zmq_timers_cancel(timers_, id), 0);
  errno = 0;
  EXPECT_EQ(zmq_timers_cancel(timers_, id), -1);
  EXPECT_EQ(zmq_errno(), EINVAL);
  if (is_debians_libzmq()) return;  // knows them until they are due, though it is documented otherwise
  EXPECT_EQ(zmq_timers_reset(timers_, id), -1);
  EXPECT_EQ(zmq_timers_set_interval(timers_, id, soon), -1);
}

TEST_F(timers_test, need_a_handler) {
  errno = 0;
  EXPECT_EQ(zmq_timers_add(timers_, soon, nullptr, nullptr), -1);
  EXPECT_EQ(zmq_errno(), EFAULT);
  EXPECT_EQ(zmq_timers_timeout(timers_), -1);
}

TEST(timers, of_no_set_are_refused) {
  const auto refused = [](long answer) {
    const bool right = answer == -1 && zmq_errno() == EFAULT;
    errno = 0;
    return right;
  };
  const auto nothing = [](int, void*) {};
  void* none = nullptr;
  for (void* const wrong : {none, static_cast<void*>(&none)}) {
    EXPECT_TRUE(refused(zmq_timers_add(wrong, soon, nothing, nullptr)));
    EXPECT_TRUE(refused(zmq_timers_cancel(wrong, 1)));
    EXPECT_TRUE(refused(zmq_timers_set_interval(wrong, 1, soon)));
    EXPECT_TRUE(refused(zmq_timers_reset(wrong, 1)));
    EXPECT_TRUE(refused(zmq_timers_timeout(wrong)));
    EXPECT_TRUE(refused(zmq_timers_execute(wrong)));
    void* handle = wrong;
    EXPECT_TRUE(refused(zmq_timers_destroy(&handle)));
    EXPECT_EQ(handle, wrong);
  }
  if (is_debians_libzmq()) return;  // it would crash
  EXPECT_TRUE(refused(zmq_timers_destroy(nullptr)));
}

TEST_F(timers_test, may_cancel_themselves) {
  const int id = add(soon, [this](int self) { EXPECT_EQ(zmq_timers_cancel(timers_, self), 0); });
  const int other = add(soon);
  EXPECT_EQ(execute_later(), (ids{id, other}));
  EXPECT_EQ(execute_later(), ids{other});
}

TEST_F(timers_test, may_cancel_others_that_are_due) {
  int victim = 0;
  const int id = add(soon, [&](int) { zmq_timers_cancel(timers_, victim); });
  victim = add(soon);
  EXPECT_EQ(execute_later(), ids{id});
  EXPECT_EQ(execute_later(), ids{id});
}

TEST_F(timers_test, may_add_others) {
  int added = 0;
  const int id = add(soon, [&](int) {
    if (added == 0) added = add(1);
  });
  EXPECT_EQ(execute_later(), ids{id});
  EXPECT_EQ(added, id + 1);
  EXPECT_EQ(execute_later().size(), 2U);
}

TEST_F(timers_test, may_put_off_others_that_are_due) {
  int other = 0;
  const int id = add(soon, [&](int) { zmq_timers_set_interval(timers_, other, never); });
  other = add(soon);
  EXPECT_EQ(execute_later(), ids{id});
}

TEST_F(timers_test, may_change_their_own_interval) {
  if (is_debians_libzmq()) GTEST_SKIP() << "uses the timer after it has freed it";
  const int id = add(soon, [this](int self) { EXPECT_EQ(zmq_timers_set_interval(timers_, self, never), 0); });
  EXPECT_EQ(execute_later(), ids{id});
  EXPECT_EQ(execute_later(), ids{});
  EXPECT_EQ(zmq_timers_reset(timers_, id), 0);
  EXPECT_GT(zmq_timers_timeout(timers_), static_cast<long>(never / 2));
}

TEST_F(timers_test, may_execute_the_others) {
  if (is_debians_libzmq()) GTEST_SKIP() << "calls the same one again without an end";
  const int id = add(soon, [this](int self) {
    EXPECT_EQ(zmq_timers_set_interval(timers_, self, never), 0);
    EXPECT_EQ(zmq_timers_execute(timers_), 0);
  });
  const int other = add(soon, [this](int self) { zmq_timers_cancel(timers_, self); });
  EXPECT_EQ(execute_later(), (ids{id, other}));
}

TEST_F(timers_test, without_an_interval_are_called_once_each_time) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it would never return";
  int added = 0;
  const int id = add(0, [&](int) {
    if (added == 0) added = add(0);
  });
  EXPECT_EQ(zmq_timers_timeout(timers_), 0);
  EXPECT_EQ(execute(), ids{id});
  EXPECT_EQ(execute(), (ids{id, added}));
}

TEST_F(timers_test, with_the_longest_interval_are_never_due) {
  if (is_debians_libzmq()) GTEST_SKIP() << "the sum with the time of now overflows";
  const int id = add(SIZE_MAX);
  EXPECT_GT(zmq_timers_timeout(timers_), static_cast<long>(never));
  EXPECT_EQ(execute_later(), ids{});
  EXPECT_EQ(zmq_timers_reset(timers_, id), 0);
  EXPECT_EQ(execute_later(), ids{});
}

TEST_F(timers_test, may_destroy_the_set) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it would use it afterwards";
  void* again = timers_;
  const int id = add(soon, [&](int) {
    EXPECT_EQ(zmq_timers_destroy(&timers_), 0);
    EXPECT_EQ(zmq_timers_execute(again), -1);
    EXPECT_EQ(zmq_errno(), EFAULT);
  });
  add(soon);
  EXPECT_EQ(execute_later(), ids{id});
  EXPECT_EQ(timers_, nullptr);
}

TEST_F(timers_test, may_throw_through_execute) {
  if (is_debians_libzmq()) GTEST_SKIP() << "the timer stays due";
  bool has_thrown = false;
  const int id = add(soon, [&](int self) {
    zmq_timers_set_interval(timers_, self, never);  // so that it is not due again before the other is called
    if (!std::exchange(has_thrown, true)) throw 4711;
  });
  const int other = add(soon);
  std::this_thread::sleep_for(milliseconds(soon + 2));
  EXPECT_THROW(zmq_timers_execute(timers_), int);
  EXPECT_EQ(called_, ids{id});
  EXPECT_EQ(execute(), ids{other});
}

}  // namespace
}  // namespace monocoque::test
