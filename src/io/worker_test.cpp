#include "io/worker.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace monocoque::io {
namespace {

TEST(worker, runs_jobs_in_order_on_one_other_thread) {
  auto order = std::make_shared<std::vector<int>>();
  auto ran_on = std::make_shared<std::vector<std::thread::id>>();
  std::promise<void> done;
  worker blocking;
  for (int number = 0; number < 10; ++number) {
    ASSERT_TRUE(blocking.submit([=] {
      order->push_back(number);
      ran_on->push_back(std::this_thread::get_id());
    }));
  }
  ASSERT_TRUE(blocking.submit([&] { done.set_value(); }));
  done.get_future().wait();
  EXPECT_EQ(*order, (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  for (const auto& id : *ran_on) {
    EXPECT_EQ(id, ran_on->front());
    EXPECT_NE(id, std::this_thread::get_id());
  }
}

TEST(worker, destruction_neither_waits_for_a_job_that_hangs_nor_starts_those_behind_it) {
  auto started = std::make_shared<std::promise<void>>();
  auto release = std::make_shared<std::promise<void>>();
  auto ended = std::make_shared<std::promise<void>>();
  auto later = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = later;
  {
    worker blocking;
    ASSERT_TRUE(blocking.submit([=] {
      started->set_value();
      release->get_future().wait();
      ended->set_value();
    }));
    ASSERT_TRUE(blocking.submit([kept = later] { ++*kept; }));
    started->get_future().wait();
  }
  EXPECT_EQ(*later, 0);
  later.reset();
  EXPECT_TRUE(watched.expired()) << "a job that was dropped is destroyed";
  release->set_value();
  ended->get_future().wait();
}

TEST(worker, refuses_more_jobs_than_it_may_hold) {
  auto started = std::make_shared<std::promise<void>>();
  auto release = std::make_shared<std::promise<void>>();
  worker blocking;
  ASSERT_TRUE(blocking.submit([=] {
    started->set_value();
    release->get_future().wait();
  }));
  started->get_future().wait();
  for (std::size_t number = 0; number < worker::max_waiting; ++number) ASSERT_TRUE(blocking.submit([] {}));
  const auto refused = blocking.submit([] {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::would_block);
  release->set_value();
}

TEST(worker, that_never_had_a_job_has_no_thread_to_end) { const worker idle; }

}  // namespace
}  // namespace monocoque::io
