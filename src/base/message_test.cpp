#include <monocoque/message.hpp>

#include "base/buffer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>

namespace monocoque {
namespace {

TEST(message, has_one_empty_frame_by_default) {
  const message none;
  EXPECT_EQ(none.size(), 1U);
  EXPECT_EQ(none.byte_count(), 0U);
  EXPECT_EQ(none.view(), "");
  EXPECT_EQ(none.peer(), nullptr);
}

TEST(message, is_made_of_anything_that_holds_bytes) {
  const std::string text = "text";
  const std::array<std::byte, 2> raw{std::byte{0}, std::byte{255}};
  EXPECT_EQ(message("text").view(), text);
  EXPECT_EQ(message(text).view(), text);
  EXPECT_EQ(message(std::string("text")).view(), text);
  EXPECT_EQ(message(std::string_view(text)).view(), text);
  EXPECT_EQ(message(bytes::copy(text)).view(), text);
  EXPECT_EQ(message(std::span<const std::byte>(raw)).view(), std::string_view("\0\xff", 2));
  EXPECT_EQ(message(std::string(1000, 'x')).byte_count(), 1000U);
}

TEST(message, of_several_frames_keeps_their_order) {
  const message three = message::of({"a", "", "ccc"});
  ASSERT_EQ(three.size(), 3U);
  EXPECT_EQ(three[0], "a");
  EXPECT_EQ(three[1], "");
  EXPECT_EQ(three[2], "ccc");
  EXPECT_EQ(three.front(), "a");
  EXPECT_EQ(three.back(), "ccc");
  EXPECT_EQ(three.byte_count(), 4U);
  EXPECT_EQ(message::of({}).size(), 1U);
}

TEST(message, at_checks_its_argument) {
  const message two = message::of({"a", "b"});
  EXPECT_EQ(two.at(1), "b");
  EXPECT_THROW((void)two.at(2), std::out_of_range);
  EXPECT_THROW((void)message().at(1), std::out_of_range);
}

TEST(message, grows_at_both_ends) {
  message grown("b");
  grown.push_back("c").push_front("a");
  grown.push_back(bytes::copy(std::string(300, 'd')));
  ASSERT_EQ(grown.size(), 4U);
  EXPECT_EQ(grown[0], "a");
  EXPECT_EQ(grown[1], "b");
  EXPECT_EQ(grown[2], "c");
  EXPECT_EQ(grown[3].size(), 300U);
  const message chained = message("x").push_back("y").push_back(std::string("z"));
  EXPECT_EQ(chained, message::of({"x", "y", "z"}));
}

TEST(message, pop_front_takes_frames_until_an_empty_one_is_left) {
  message left = message::of({"a", "b", "c"});
  EXPECT_EQ(left.pop_front(), "a");
  EXPECT_EQ(left.size(), 2U);
  EXPECT_EQ(left.pop_front(), "b");
  EXPECT_EQ(left.size(), 1U);
  EXPECT_EQ(left.view(), "c");
  EXPECT_EQ(left.pop_front(), "c");
  EXPECT_EQ(left.size(), 1U);
  EXPECT_EQ(left.view(), "");
  EXPECT_EQ(left.pop_front(), "");
}

TEST(message, append_goes_to_the_last_frame) {
  EXPECT_EQ(message("hello, ").append("you").view(), "hello, you");
  message two = message::of({"a", "b"});
  two.append("c").append(std::string(100, 'd'));
  EXPECT_EQ(two[0], "a");
  EXPECT_EQ(two[1], "bc" + std::string(100, 'd'));
}

TEST(message, append_of_a_part_of_itself) {
  message twice(std::string(80, 'x'));
  twice.append(twice.view());
  EXPECT_EQ(twice.view(), std::string(160, 'x'));
  message small("ab");
  small.append(small.view());
  EXPECT_EQ(small.view(), "abab");
}

TEST(message, append_does_not_change_copies) {
  message one(std::string(100, 'x'));
  const message two = one;
  one.append("y");
  EXPECT_EQ(two.view(), std::string(100, 'x'));
}

TEST(message, copies_share_long_frames_and_are_independent) {
  message one = message::of({"topic", std::string(500, 'x')});
  message two = one;
  EXPECT_EQ(one, two);
  EXPECT_EQ(one[1].data(), two[1].data());
  two.push_back("more");
  EXPECT_EQ(one.size(), 2U);
  EXPECT_FALSE(one == two);
  one = two;
  EXPECT_EQ(one, two);
  message& alias = one;
  one = alias;
  EXPECT_EQ(one.size(), 3U);
}

TEST(message, moving_leaves_one_empty_frame) {
  message source = message::of({"a", "b"});
  const message target = std::move(source);
  EXPECT_EQ(target.size(), 2U);
  EXPECT_EQ(source.size(), 1U);  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(source.view(), "");
  source.push_back("again");
  EXPECT_EQ(source, message::of({"", "again"}));
}

TEST(message, is_compared_frame_by_frame) {
  EXPECT_EQ(message::of({"a", "b"}), message("a").push_back("b"));
  EXPECT_FALSE(message::of({"ab"}) == message::of({"a", "b"}));
  EXPECT_FALSE(message::of({"a", "b"}) == message::of({"a", "c"}));
}

TEST(message, compact_lets_go_of_shared_blocks) {
  base::heap_buffer* block = base::heap_buffer::make(10'000);
  std::memset(block->data(), 'x', 10'000);
  message kept(bytes::share(*block, block->data(), 100));
  kept.push_back(bytes::share(*block, block->data() + 100, 200)).push_back("small");
  EXPECT_FALSE(block->unique());
  kept.compact();
  EXPECT_TRUE(block->unique());
  block->release();
  EXPECT_EQ(kept, message::of({std::string(100, 'x'), std::string(200, 'x'), "small"}));
}

TEST(message, knows_the_peer_it_was_given) {
  message received("x");
  peer_info sender;
  sender.address = "tcp://127.0.0.1:1";
  received.set_peer(detail::peer_ref(std::make_shared<peer_info>(sender)));
  const message copy = received;
  ASSERT_NE(copy.peer(), nullptr);
  EXPECT_EQ(copy.peer()->address, "tcp://127.0.0.1:1");
}

}  // namespace
}  // namespace monocoque
