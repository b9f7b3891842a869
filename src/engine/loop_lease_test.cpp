#include "engine/loop_lease.hpp"

#include "io/driver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace monocoque::engine {
namespace {

using namespace std::chrono_literals;

/// A loop on epoll, its lease and its I/O thread.
class loop_lease_test : public testing::Test {
 protected:
  loop_lease_test() : loop_(io::loop::create({.driver = io::driver_kind::epoll}).value()), lease_(*loop_) {
    io_thread_ = std::thread([this] {
      lease_.run();
      ended_ = true;
    });
  }
  ~loop_lease_test() override {
    lease_.stop();
    io_thread_.join();
    loop_->close_posts();
  }

  /// The thread that runs what is posted.
  std::thread::id runner() {
    std::promise<std::thread::id> ran;
    loop_->post([&ran] { ran.set_value(std::this_thread::get_id()); });
    return ran.get_future().get();
  }

  std::unique_ptr<io::loop> loop_;
  loop_lease lease_;
  std::atomic<bool> ended_{false};
  std::thread io_thread_;
};

TEST_F(loop_lease_test, a_guest_runs_the_loop_and_the_io_thread_takes_it_back) {
  EXPECT_EQ(runner(), io_thread_.get_id());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(lease_.enter());
    bool ran = false;
    loop_->post([&ran] { ran = true; });
    while (!ran) loop_->run_once();
    lease_.leave();
  }
  EXPECT_EQ(runner(), io_thread_.get_id());
}

TEST_F(loop_lease_test, work_posted_while_a_guest_is_inside_is_its_own) {
  ASSERT_TRUE(lease_.enter());
  std::promise<std::thread::id> ran;
  std::future<std::thread::id> who = ran.get_future();
  std::thread other([&] { loop_->post([&ran] { ran.set_value(std::this_thread::get_id()); }); });
  while (who.wait_for(0s) != std::future_status::ready) loop_->run_once();
  EXPECT_EQ(who.get(), std::this_thread::get_id());
  other.join();
  lease_.leave();
}

TEST_F(loop_lease_test, work_that_a_guest_leaves_behind_is_done) {
  std::promise<void> ran;
  ASSERT_TRUE(lease_.enter());
  loop_->post([&ran] { ran.set_value(); });
  lease_.leave();
  ran.get_future().wait();
}

TEST_F(loop_lease_test, lets_one_guest_in_at_a_time) {
  ASSERT_TRUE(lease_.enter());
  std::thread([this] { EXPECT_FALSE(lease_.enter()); }).join();
  lease_.leave();
  ASSERT_TRUE(lease_.enter());
  lease_.leave();
}

TEST_F(loop_lease_test, keeps_guests_out_while_somebody_relies_on_the_io_thread) {
  ASSERT_TRUE(lease_.enter());
  lease_.leave();
  lease_.rely_on_io_thread();
  EXPECT_FALSE(lease_.enter());
  EXPECT_EQ(runner(), io_thread_.get_id());
  lease_.no_longer();
  ASSERT_TRUE(lease_.enter());
  lease_.leave();
}

TEST_F(loop_lease_test, timers_fire_though_the_guest_has_gone) {
  struct alarm : io::timer {
    std::promise<void> fired;
  } later;
  later.fire = [](io::timer& which) noexcept { static_cast<alarm&>(which).fired.set_value(); };
  ASSERT_TRUE(lease_.enter());
  loop_->start(later, loop_->now() + 3ms);
  lease_.leave();
  later.fired.get_future().wait();
}

TEST_F(loop_lease_test, lazily_posted_work_is_done_in_the_end) {
  std::promise<void> ran;
  struct item : io::work {
    std::promise<void>* ran = nullptr;
  } lazy;
  lazy.ran = &ran;
  lazy.run = [](io::work& which) noexcept { static_cast<item&>(which).ran->set_value(); };
  ASSERT_TRUE(lease_.enter());
  lease_.leave();
  loop_->post_lazily(lazy);
  ran.get_future().wait();
}

TEST_F(loop_lease_test, the_end_waits_for_the_guest) {
  ASSERT_TRUE(lease_.enter());
  lease_.stop();
  for (int i = 0; i < 1000; ++i) {
    loop_->post([] {});
    loop_->run_once();
  }
  EXPECT_FALSE(ended_);
  lease_.leave();
  io_thread_.join();
  EXPECT_TRUE(ended_);
  io_thread_ = std::thread([] {});
}

TEST_F(loop_lease_test, many_threads_come_and_go) {
  std::atomic<int> ran{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 200; ++turn) {
        if (lease_.enter()) {
          loop_->run_once(io::time_point::min());
          lease_.leave();
        } else {
          lease_.rely_on_io_thread();
          loop_->post([&ran] { ++ran; });
          lease_.no_longer();
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_NE(runner(), std::thread::id());
  EXPECT_LE(ran.load(), 800);
}

TEST(loop_lease, lends_no_ring_of_io_uring) {
  auto loop = io::loop::create({.driver = io::driver_kind::uring});
  if (!loop) GTEST_SKIP() << loop.error().message();
  loop_lease lease(**loop);
  EXPECT_FALSE(lease.enter());
}

}  // namespace
}  // namespace monocoque::engine
