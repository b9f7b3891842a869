// Received messages of a few short frames, which are kept as they came (detail/packed_frames.hpp).
#include "base/wire.hpp"

#include <monocoque/detail/lanes.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

namespace monocoque {
namespace {

using texts = std::vector<std::string>;

std::vector<std::byte> encoded(const texts& frames) {
  std::vector<std::byte> wire;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::byte header[base::wire::max_header_size];
    const std::uint8_t flags = i + 1 < frames.size() ? base::wire::flag_more : std::uint8_t{0};
    const std::size_t size = base::wire::put_header(header, frames[i].size(), flags);
    wire.insert(wire.end(), header, header + size);
    const auto* const payload = reinterpret_cast<const std::byte*>(frames[i].data());
    wire.insert(wire.end(), payload, payload + frames[i].size());
  }
  return wire;
}

/// Made of `frames` as a received one is, of memory with `behind` bytes after it.
message received(const texts& frames, std::size_t behind = sizeof(bytes)) {
  std::vector<std::byte> memory = encoded(frames);
  const std::size_t size = memory.size();
  memory.resize(size + behind, std::byte{0xee});
  message made;
  const std::byte* const end =
      detail::decode_message(memory.data(), memory.data() + memory.size(), nullptr, nullptr, made);
  EXPECT_EQ(end, memory.data() + size);
  return made;
}

void expect_same(const message& actual, const texts& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  std::size_t total = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(actual.view(i), expected[i]) << "frame " << i;
    ASSERT_EQ(actual.span(i).size(), expected[i].size());
    total += expected[i].size();
  }
  ASSERT_EQ(actual.byte_count(), total);
  ASSERT_EQ(actual.view(), expected.front());
}

const texts three{"topic", "", std::string(60, 'x')};

TEST(packed_frames, are_those_that_fit_with_their_headers) {
  EXPECT_FALSE(received(three).packed().empty());
  EXPECT_FALSE(received({std::string(67, 'a'), ""}).packed().empty());
  EXPECT_TRUE(received({std::string(68, 'a'), ""}).packed().empty());
  EXPECT_TRUE(received({"a", std::string(68, 'b')}).packed().empty());
  EXPECT_TRUE(received({"a", std::string(300, 'b')}).packed().empty());
  EXPECT_TRUE(received({std::string(300, 'a'), "b"}).packed().empty());
  EXPECT_FALSE(received(texts(7, "seven")).packed().empty());
  EXPECT_TRUE(received(texts(8, "8")).packed().empty());
  EXPECT_TRUE(received({"one"}).packed().empty());
  EXPECT_TRUE(received({"at", "the", "end"}, 0).packed().empty());
}

TEST(packed_frames, are_read_where_they_lie_or_as_objects) {
  const message got = received(three);
  expect_same(got, three);
  const std::string_view before = got.view(2);
  EXPECT_EQ(got[0], "topic");
  EXPECT_EQ(got.back(), three.back());
  EXPECT_EQ(got.at(1), "");
  EXPECT_THROW((void)got.at(3), std::out_of_range);
  EXPECT_EQ(got.frames().data(), &got[0]);
  EXPECT_EQ(before, three[2]);  // what was read stays
  expect_same(got, three);
}

TEST(packed_frames, are_the_same_in_every_form) {
  const message packed = received(three);
  const message unpacked = packed;
  (void)unpacked.frames();
  EXPECT_EQ(packed, unpacked);
  EXPECT_EQ(packed, message::of({three[0], three[1], three[2]}));
  EXPECT_FALSE(packed == message::of({three[0], three[2], three[1]}));
  EXPECT_FALSE(packed == message::of({three[0], three[1]}));
  EXPECT_FALSE(packed.packed().empty());
}

TEST(packed_frames, are_copied_and_moved_as_they_are) {
  message got = received(three);
  message copy = got;
  EXPECT_FALSE(copy.packed().empty());
  message moved = std::move(got);
  expect_same(moved, three);
  expect_same(got, {""});  // NOLINT(bugprone-use-after-move): that is what is tested
  got = std::move(moved);
  expect_same(got, three);
  copy = message::of({"a", std::string(100, 'b')});
  copy = got;
  expect_same(copy, three);
  got.clear();
  expect_same(got, {""});
  expect_same(copy, three);
}

TEST(packed_frames, can_be_changed) {
  for (const std::size_t frames : {2U, 3U, 6U, 7U}) {
    SCOPED_TRACE(frames);
    const texts were(frames, "frame");
    texts expected = were;
    message back = received(were);
    back.push_back("more").push_back(std::string(100, 'm'));
    expected.insert(expected.end(), {"more", std::string(100, 'm')});
    expect_same(back, expected);
    message front = received(were);
    front.push_front("more").push_front("and more");
    expected = were;
    expected.insert(expected.begin(), {"and more", "more"});
    expect_same(front, expected);
    message popped = received(were);
    EXPECT_EQ(popped.pop_front(), "frame");
    expect_same(popped, texts(frames - 1, "frame"));
    message appended = received(were);
    appended.append(" and tail");
    appended.compact();
    expected = were;
    expected.back() += " and tail";
    expect_same(appended, expected);
  }
}

/// Whatever the last message was like.
TEST(packed_frames, are_found_in_messages_of_any_shape) {
  std::minstd_rand random(3);
  detail::packed_shape last;
  for (int i = 0; i < 5000; ++i) {
    texts frames(2 + random() % 7);
    for (std::string& each : frames) each.assign(random() % 3 == 0 ? 0 : random() % 20, 'f');
    std::vector<std::byte> wire = encoded(frames);
    const std::size_t size = wire.size();
    wire.resize(size + sizeof(bytes), std::byte{1});
    const bool packs = size <= bytes::inline_capacity && frames.size() <= detail::packed_layout::max_frames;
    const bool fits = last.fits(wire.data());
    ASSERT_EQ(fits || last.learn(wire.data()), packs);
    if (!packs) continue;
    ASSERT_EQ(last.size(), size);
    message made;
    made.set_packed(wire.data(), last);
    expect_same(made, frames);
    ASSERT_TRUE(last.fits(wire.data()));
  }
}

TEST(packed_frames, may_be_read_from_several_threads) {
  for (int round = 0; round < 200; ++round) {
    const message got = received(three);
    const bytes* seen[2] = {};
    std::vector<std::thread> readers;
    for (const bytes*& mine : seen) {
      readers.emplace_back([&got, &mine] {
        EXPECT_EQ(got.view(2), three[2]);
        mine = got.frames().data();
        EXPECT_EQ(got.view(2), three[2]);
        EXPECT_EQ(message(got), got);
      });
    }
    for (std::thread& each : readers) each.join();
    EXPECT_EQ(seen[0], seen[1]);
  }
}

}  // namespace
}  // namespace monocoque
