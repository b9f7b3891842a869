#include "engine/in_queue.hpp"

#include "base/slab.hpp"
#include "base/wire.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace monocoque::engine {
namespace {

class in_queue_test : public testing::Test {
 protected:
  /// A run of messages in a slab, as a link gets it.
  bytes run_of(const std::vector<message>& messages) {
    std::span<std::byte> room = writer_.room(pool_->slab_size());
    std::size_t size = 0;
    for (const message& what : messages) {
      for (std::size_t i = 0; i < what.size(); ++i) {
        const std::uint8_t flags = i + 1 < what.size() ? base::wire::flag_more : 0;
        size += base::wire::put_header(room.data() + size, what[i].size(), flags);
        if (!what[i].empty()) std::memcpy(room.data() + size, what[i].data(), what[i].size());
        size += what[i].size();
      }
    }
    return writer_.commit(size);
  }

  static message take(in_queue& queue, bool copy = false) {
    const auto whole = queue.front();
    message taken;
    queue.decode(whole, copy, nullptr, taken);
    queue.pop(whole.size());
    return taken;
  }

  std::shared_ptr<base::slab_pool> pool_ = base::slab_pool::make();
  base::slab_writer writer_{pool_};
};

TEST_F(in_queue_test, gives_messages_in_the_order_of_their_runs) {
  in_queue queue;
  queue.push(run_of({message("a"), message::of({"b", "", "c"})}), 2);
  queue.push(run_of({message(std::string(3000, 'd'))}), 1);
  EXPECT_EQ(queue.messages(), 3U);
  EXPECT_EQ(take(queue), message("a"));
  EXPECT_EQ(take(queue), message::of({"b", "", "c"}));
  EXPECT_EQ(take(queue), message(std::string(3000, 'd')));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.byte_size(), 0U);
}

TEST_F(in_queue_test, a_short_run_half_taken_stays_readable_while_more_arrive) {
  in_queue queue;
  const bytes whole = run_of({message("one"), message("two")});
  const bytes inside = bytes::copy(whole.span());  // the run lies in the queue's own memory
  ASSERT_TRUE(inside.is_inline());
  queue.push(inside, 2);
  EXPECT_EQ(take(queue).view(), "one");
  for (int i = 0; i < 40; ++i) queue.push(bytes::copy(whole.span()), 2);  // which grows, and moves
  EXPECT_EQ(take(queue).view(), "two");
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(take(queue).view(), "one");
    EXPECT_EQ(take(queue).view(), "two");
  }
  EXPECT_TRUE(queue.empty());
}

TEST_F(in_queue_test, large_payloads_share_the_slab_and_small_ones_do_not) {
  in_queue queue;
  queue.push(run_of({message("small"), message(std::string(1000, 'x')), message(std::string(1000, 'y'))}), 3);
  EXPECT_TRUE(take(queue)[0].is_inline());
  const message shared = take(queue);
  const message copied = take(queue, true);
  EXPECT_NE(shared[0].owner(), nullptr);
  EXPECT_NE(shared[0].owner(), copied[0].owner());
  EXPECT_EQ(shared[0].view(), std::string(1000, 'x'));
  EXPECT_EQ(copied[0].view(), std::string(1000, 'y'));
}

TEST_F(in_queue_test, a_message_keeps_its_slab_alive_and_the_last_one_gives_it_back) {
  message kept;
  {
    in_queue queue;
    queue.push(run_of({message(std::string(1000, 'x'))}), 1);
    kept = take(queue);
    static_cast<void>(writer_.room(pool_->slab_size()));  // the writer moves on to another slab
  }
  EXPECT_EQ(pool_->in_use(), 2U);
  EXPECT_EQ(kept[0].view(), std::string(1000, 'x'));
  kept = message();
  EXPECT_EQ(pool_->in_use(), 1U);
}

TEST_F(in_queue_test, keep_newest_drops_all_but_the_last) {
  in_queue queue;
  queue.push(run_of({message("1"), message("2")}), 2);
  queue.push(run_of({message("3"), message("4")}), 2);
  EXPECT_EQ(queue.keep_newest(), 3U);
  EXPECT_EQ(take(queue), message("4"));
  EXPECT_EQ(queue.keep_newest(), 0U);
}

TEST_F(in_queue_test, what_an_older_connection_left_goes_in_front) {
  in_queue older;
  older.push(run_of({message("1"), message("2"), message("3")}), 3);
  older.push(run_of({message("4")}), 1);
  static_cast<void>(take(older));
  in_queue newer;
  newer.push(run_of({message("taken"), message("5")}), 2);
  static_cast<void>(take(newer));
  newer.push_front_all(older);
  EXPECT_TRUE(older.empty());
  ASSERT_EQ(newer.messages(), 4U);
  for (const char* const expected : {"2", "3", "4", "5"}) EXPECT_EQ(take(newer), message(expected));
  EXPECT_TRUE(newer.empty());
  EXPECT_EQ(newer.byte_size(), 0U);
}

TEST_F(in_queue_test, counts_what_it_has_where_its_limits_are_told_to_count_it) {
  in_queue queue(10);
  queue.push(run_of({message("1234567890"), message("b")}), 2);
  EXPECT_TRUE(queue.byte_permits().exhausted());
  io::permits all(10);
  queue.set_limits(100, &all);
  EXPECT_FALSE(queue.byte_permits().exhausted());
  EXPECT_EQ(all.held(), queue.byte_size());
  EXPECT_TRUE(all.exhausted());
  EXPECT_EQ(take(queue), message("1234567890"));
  EXPECT_EQ(all.held(), queue.byte_size());
  queue.set_limits(100, nullptr);
  EXPECT_EQ(all.held(), 0U);
  EXPECT_EQ(take(queue), message("b"));
  EXPECT_EQ(queue.byte_size(), 0U);
}

}  // namespace
}  // namespace monocoque::engine
