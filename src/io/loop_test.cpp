#include "io/loop.hpp"

#include "io/test_loop.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <poll.h>
#include <sys/eventfd.h>
#include <thread>

namespace monocoque::io {
namespace {

using std::chrono::milliseconds;

class loop_test : public io_test {
 protected:
  static constexpr milliseconds patience{5000};
};
MONOCOQUE_ON_BOTH_DRIVERS(loop_test);

struct counted_work : work {
  counted_work() {
    run = [](work& self) noexcept { ++static_cast<counted_work&>(self).runs; };
  }
  int runs = 0;
};

struct alarm : timer {
  alarm() {
    fire = [](timer& self) noexcept {
      auto& own = static_cast<alarm&>(self);
      ++own.fired;
      if (own.then) own.then();
    };
  }
  int fired = 0;
  std::function<void()> then;
};

/// MONOCOQUE_IO while it lives.
class environment {
 public:
  explicit environment(const char* value) {
    if (const char* now = std::getenv("MONOCOQUE_IO"); now != nullptr) before_ = now;
    if (value == nullptr) {
      ::unsetenv("MONOCOQUE_IO");
    } else {
      ::setenv("MONOCOQUE_IO", value, 1);
    }
  }
  ~environment() {
    if (before_) {
      ::setenv("MONOCOQUE_IO", before_->c_str(), 1);
    } else {
      ::unsetenv("MONOCOQUE_IO");
    }
  }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST(loop_driver, an_unknown_name_in_the_environment_is_an_error_that_says_what_is_allowed) {
  const environment set("foo");
  const auto made = loop::create();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error(), errc::invalid_argument);
  const std::string text = made.error().message();
  for (const char* word : {"MONOCOQUE_IO", "foo", "uring", "epoll"}) {
    EXPECT_NE(text.find(word), std::string::npos) << text;
  }
}

TEST(loop_driver, the_environment_forces_a_driver_and_an_option_overrules_it) {
  const environment set("epoll");
  EXPECT_EQ((*loop::create())->driver_in_use(), driver_kind::epoll);
  const environment other("uring");
  EXPECT_EQ((*loop::create({.driver = driver_kind::epoll}))->driver_in_use(), driver_kind::epoll);
}

TEST(loop_driver, a_forced_driver_that_cannot_be_had_says_why) {
  const auto made = loop::create({.driver = driver_kind::uring});
  if (made) GTEST_SKIP() << "io_uring can be had here";
  EXPECT_NE(made.error().message().find("io_uring"), std::string::npos) << made.error().message();
}

TEST(loop_driver, there_is_always_one) {
  const environment none(nullptr);
  EXPECT_TRUE(loop::create());
}

TEST_P(loop_test, uses_the_driver_that_was_asked_for) { EXPECT_EQ(loop_->driver_in_use(), GetParam()); }

TEST_P(loop_test, work_posted_from_its_own_thread_runs_in_order_and_never_inside_post) {
  tick(1);
  EXPECT_TRUE(loop_->on_its_thread());
  std::vector<int> order;
  for (int number = 0; number < 3; ++number) loop_->post([&order, number] { order.push_back(number); });
  EXPECT_TRUE(order.empty());
  ASSERT_TRUE(run_until([&] { return order.size() == 3; }));
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST_P(loop_test, a_tick_that_ran_work_does_not_wait) {
  counted_work item;
  loop_->post(item);
  EXPECT_EQ(loop_->run_once(), 1U);
  EXPECT_EQ(item.runs, 1);
}

TEST_P(loop_test, work_that_posts_itself_again_runs_once_a_tick) {
  struct again : work {
    explicit again(loop& its_loop) : owner(its_loop) {
      run = [](work& self) noexcept {
        auto& own = static_cast<again&>(self);
        if (++own.runs < 5) own.owner.post(own);
      };
    }
    loop& owner;
    int runs = 0;
  } item(*loop_);
  loop_->post(item);
  tick(1);
  EXPECT_EQ(item.runs, 1);
  ASSERT_TRUE(run_until([&] { return item.runs == 5; }));
}

TEST_P(loop_test, deferred_work_runs_at_the_end_of_the_tick) {
  counted_work item;
  loop_->post([&] {
    loop_->defer(item);
    EXPECT_EQ(item.runs, 0);
  });
  loop_->run_once();
  EXPECT_EQ(item.runs, 1);
}

TEST_P(loop_test, work_from_many_threads_all_runs_on_the_loop) {
  constexpr int threads = 4;
  constexpr int each = 2000;
  int runs = 0;  // no atomic: the loop is one thread
  std::vector<std::thread> posters;
  for (int number = 0; number < threads; ++number) {
    posters.emplace_back([&] {
      for (int count = 0; count < each; ++count) {
        loop_->post([&] { ++runs; });
        if (count % 16 == 0) std::this_thread::yield();
      }
    });
  }
  EXPECT_TRUE(run_until([&] { return runs == threads * each; }));
  for (auto& one : posters) one.join();
}

TEST_P(loop_test, work_from_one_thread_runs_in_the_order_of_posting) {
  std::vector<int> order;
  std::thread poster([&] {
    for (int number = 0; number < 1000; ++number) loop_->post([&order, number] { order.push_back(number); });
  });
  EXPECT_TRUE(run_until([&] { return order.size() == 1000; }));
  poster.join();
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(loop_test, a_message_bounces_between_two_sleeping_loops) {
  auto made = loop::create({.driver = GetParam()});
  ASSERT_TRUE(made);
  const std::unique_ptr<loop> other = *std::move(made);
  constexpr int bounces = 2000;
  struct ball : work {
    loop* here = nullptr;
    loop* there = nullptr;
    std::atomic<int> count{0};
  } one;
  one.here = loop_.get();
  one.there = other.get();
  one.run = [](work& self) noexcept {
    auto& own = static_cast<ball&>(self);
    std::swap(own.here, own.there);
    if (own.count.fetch_add(1) + 1 < bounces) {
      own.here->post(own);
    } else {
      own.here->wake();
      own.there->wake();
    }
  };
  loop_->post(one);
  std::thread second([&] {
    while (one.count.load() < bounces) other->run_once();
  });
  EXPECT_TRUE(run_until([&] { return one.count.load() >= bounces; }));
  second.join();
}

TEST_P(loop_test, a_wake_up_ends_a_wait_whenever_it_comes) {
  constexpr int rounds = 2000;
  std::atomic<int> asked{0};
  std::atomic<int> seen{0};
  std::thread waker([&] {
    for (int round = 1; round <= rounds; ++round) {
      asked.store(round);
      for (int repeat = 0; repeat < 3; ++repeat) loop_->wake();
      while (seen.load() < round) std::this_thread::yield();
    }
  });
  while (seen.load() < rounds) {
    loop_->run_once();  // forever, if a wake-up got lost
    seen.store(asked.load());
  }
  waker.join();
}

TEST_P(loop_test, a_wake_up_before_the_wait_is_not_lost) {
  loop_->wake();
  loop_->run_once();
  loop_->wake();
  loop_->run_once();
}

TEST_P(loop_test, timers_fire_in_order_and_not_before_their_time) {
  tick(1);
  std::vector<int> order;
  std::array<alarm, 4> alarms;
  const time_point start = loop_->now();
  const std::array delays{3, 1, 2, 1};
  for (std::size_t index = 0; index < alarms.size(); ++index) {
    alarms[index].then = [&, index] {
      order.push_back(static_cast<int>(index));
      EXPECT_GE(loop_->now(), alarms[index].when);
    };
    loop_->start(alarms[index], start + milliseconds{delays[index]});
  }
  ASSERT_TRUE(run_until([&] { return order.size() == alarms.size(); }));
  EXPECT_EQ(order, (std::vector{1, 3, 2, 0}));
}

TEST_P(loop_test, a_timer_may_stop_another_and_restart_itself_from_fire) {
  tick(1);
  alarm first, second;
  first.then = [&] {
    loop_->stop(second);
    if (first.fired < 3) loop_->start(first, loop_->now() + milliseconds{1});
  };
  loop_->start(first, loop_->now());
  loop_->start(second, loop_->now() + milliseconds{1});
  ASSERT_TRUE(run_until([&] { return first.fired == 3; }));
  EXPECT_EQ(second.fired, 0);
  EXPECT_FALSE(second.armed());
}

TEST_P(loop_test, a_timer_of_the_past_fires_in_the_next_tick_and_does_not_starve_the_others) {
  alarm eager, patient;
  eager.then = [&] { loop_->start(eager, time_point{}); };
  loop_->start(eager, time_point{});
  loop_->start(patient, loop_->now() + milliseconds{2});
  ASSERT_TRUE(run_until([&] { return patient.fired == 1; }));
  EXPECT_GT(eager.fired, 0);
  loop_->stop(eager);
}

TEST_P(loop_test, run_once_returns_at_its_deadline) {
  tick(1);
  const time_point until = loop_->now() + milliseconds{3};
  while (loop_->now() < until) loop_->run_once(until);
  EXPECT_GE(loop_->now(), until);
}

TEST_P(loop_test, jobs_that_never_ran_are_freed_with_the_loop) {
  const auto held = std::make_shared<int>(1);
  loop_->post([held] {});
  tick(1);
  loop_->post([held] {});
  std::thread([&] { loop_->post([held] {}); }).join();
  EXPECT_EQ(held.use_count(), 3);
  loop_.reset();
  EXPECT_EQ(held.use_count(), 1);
}

struct counting_runs {
  void run() noexcept { ++runs; }
  int runs = 0;
  kept_work work{bind_callback<&counting_runs::run>(this)};
};

TEST_P(loop_test, kept_work_keeps_its_owner_and_runs_once_however_often_it_was_posted) {
  const auto owner = std::make_shared<counting_runs>();
  for (int i = 0; i < 3; ++i) loop_->post(owner->work, owner);
  std::thread([&] { loop_->post(owner->work, owner); }).join();
  EXPECT_EQ(owner.use_count(), 2);
  tick(1);
  EXPECT_EQ(owner->runs, 1);
  EXPECT_EQ(owner.use_count(), 1);
  loop_->post(owner->work, owner);
  tick(1);
  EXPECT_EQ(owner->runs, 2);
  loop_->post(owner->work, owner);
  loop_->close_posts();
  loop_->post(owner->work, owner);
  EXPECT_EQ(owner.use_count(), 1);
  EXPECT_EQ(owner->runs, 2);
}

// -- driven by another event loop

class foreign_loop_test : public loop_test {
 protected:
  /// poll(2) on the descriptor: is there something to do within `timeout`?
  [[nodiscard]] bool readable(milliseconds timeout) {
    const auto fd = loop_->fd();
    EXPECT_TRUE(fd);
    pollfd one{.fd = *fd, .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, static_cast<int>(timeout.count())) == 1;
  }
  /// What an event loop of somebody else's does.
  template <class Condition>
  [[nodiscard]] bool drive_until(Condition done) {
    while (!done()) {
      if (!readable(patience)) return false;
      loop_->poll();
    }
    return true;
  }
  void settle() {
    for (int count = 0; count < 100 && readable(milliseconds{0}); ++count) loop_->poll();
  }
};
MONOCOQUE_ON_BOTH_DRIVERS(foreign_loop_test);

TEST_P(foreign_loop_test, nothing_to_do_is_not_readable) {
  settle();
  EXPECT_FALSE(readable(milliseconds{0}));
}

TEST_P(foreign_loop_test, sees_io) {
  const auto [left, right] = make_socketpair();
  stream near(*loop_, left);
  settle();
  read_log read;
  near.reader().read_some(read.tell());
  loop_->poll();
  for (int round = 1; round <= 100; ++round) {
    settle();
    EXPECT_FALSE(readable(milliseconds{0}));
    ASSERT_EQ(::write(right, "x", 1), 1);
    ASSERT_TRUE(drive_until([&] { return read.calls == round; }));
    near.reader().read_some(read.tell());
    loop_->poll();
  }
  near.reader().cancel();
  loop_->poll();
  ASSERT_TRUE(drive_until([&] { return !near.reader().pending(); }));
  ::close(right);
}

TEST_P(foreign_loop_test, sees_an_eventfd_of_the_application_every_time) {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct watcher {
    void on_ready(fd_watch::outcome&) noexcept { ++calls; }
    int calls = 0;
  } log;
  fd_watch watch(*loop_);
  for (int round = 1; round <= 20; ++round) {
    watch.start(fd, POLLIN, bind_callback<&watcher::on_ready>(&log));
    loop_->poll();
    settle();
    ASSERT_EQ(::eventfd_write(fd, 1), 0);
    ASSERT_TRUE(drive_until([&] { return log.calls == round; })) << "round " << round;
    eventfd_t value = 0;
    ASSERT_EQ(::eventfd_read(fd, &value), 0);
  }
  ::close(fd);
}

TEST_P(foreign_loop_test, sees_work_posted_by_other_threads) {
  settle();
  constexpr int count = 500;
  int runs = 0;
  std::thread poster([&] {
    for (int number = 0; number < count; ++number) {
      loop_->post([&] { ++runs; });
      if (number % 8 == 0) std::this_thread::yield();
    }
  });
  EXPECT_TRUE(drive_until([&] { return runs == count; }));
  poster.join();
}

TEST_P(foreign_loop_test, sees_timers) {
  settle();
  alarm one;
  one.then = [&] {
    if (one.fired < 3) loop_->start(one, loop_->now() + milliseconds{1});
  };
  loop_->start(one, loop_->now() + milliseconds{1});
  loop_->poll();
  ASSERT_TRUE(drive_until([&] { return one.fired == 3; }));
  settle();
  EXPECT_FALSE(readable(milliseconds{0})) << "an alarm that went off does not leave it readable";
  loop_->start(one, loop_->now() + patience);
  loop_->poll();
  EXPECT_FALSE(readable(milliseconds{0}));
  loop_->stop(one);
}

TEST_P(foreign_loop_test, stays_readable_while_work_keeps_coming) {
  settle();
  int runs = 0;
  std::function<void()> again = [&] {
    if (++runs < 1000) loop_->post(again);
  };
  loop_->post(again);
  loop_->poll();
  ASSERT_TRUE(drive_until([&] { return runs == 1000; }));
}

TEST_P(foreign_loop_test, a_bulk_transfer_completes) {
  const auto [left, right] = make_tcp_pair();
  stream near(*loop_, left);
  stream far(*loop_, right);
  const std::string block(1U << 20, 'x');
  struct pump {
    void on_write(write_outcome& outcome) noexcept {
      sent += outcome.size;
      if (sent < total) write();
    }
    void on_read(read_outcome& outcome) noexcept {
      received += outcome.size;
      if (received < total) read();
    }
    void write() {
      part = part_of(text.substr(0, std::min(text.size(), total - sent)));
      near.writer().write({&part, 1}, bind_callback<&pump::on_write>(this));
    }
    void read() { far.reader().read_some(bind_callback<&pump::on_read>(this)); }
    stream& near;
    stream& far;
    std::string_view text;
    std::size_t total;
    std::size_t sent = 0;
    std::size_t received = 0;
    iovec part{};
  } flow{.near = near, .far = far, .text = block, .total = 8U << 20};
  settle();
  flow.write();
  flow.read();
  loop_->poll();
  ASSERT_TRUE(drive_until([&] { return flow.received == flow.total && !near.writer().pending(); }));
}

}  // namespace
}  // namespace monocoque::io
