#include "zmtp/frame_decoder.hpp"

#include "zmtp/connection_test_support.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace monocoque::zmtp {
namespace {

using namespace zmtp::testing;

std::string many(std::string_view one, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += one;
  return all;
}

message_run scan(std::string_view input, std::uint32_t max = UINT32_MAX, const limits& allowed = {}) {
  return find_messages(as_octets(input), max, allowed);
}

TEST(find_messages, counts_frames_of_one_size_and_of_many) {
  EXPECT_EQ(scan(many(frame("12345"), 100)).count, 100U);
  EXPECT_EQ(scan(many(frame(""), 100)).size, 200U);
  std::string mixed;
  for (std::size_t i = 0; i < 300; ++i) mixed += frame(std::string(i, 'x'));
  EXPECT_EQ(scan(mixed).count, 300U);
  EXPECT_EQ(scan(mixed).size, mixed.size());
}

TEST(find_messages, stops_at_what_is_cut_off_at_every_position) {
  const std::string input = frame("one") + frame("two") + frame("x", 1) + frame(std::string(256, 'y'));
  for (std::size_t size = 0; size <= input.size(); ++size) {
    const message_run run = scan(std::string_view(input).substr(0, size));
    EXPECT_EQ(run.count, size < 5 ? 0U : size < 10 ? 1U : size < input.size() ? 2U : 3U) << size;
  }
}

/// Messages of several frames, many of them like the one before, cut off anywhere and bounded by any number.
TEST(find_messages, finds_runs_of_alike_messages_of_several_frames) {
  std::minstd_rand random(5);
  for (int round = 0; round < 300; ++round) {
    std::string input;
    std::vector<std::size_t> ends{0};
    while (ends.size() < 40) {
      std::string one;
      for (auto more = random() % 12; more > 0; --more) {
        constexpr std::size_t sizes[] = {0, 1, 20, 255, 300};
        one += frame(std::string(sizes[random() % (random() % 9 == 0 ? 5 : 3)], 'x'), 1);
      }
      one += frame(std::string(random() % 3, 'y'));
      for (auto alike = random() % 6; alike > 0; --alike) {
        input += one;
        ends.push_back(input.size());
      }
    }
    const std::size_t cut = random() % (input.size() + 1);
    const auto max = static_cast<std::uint32_t>(random() % (ends.size() + 5));
    std::uint32_t whole = 0;
    while (whole + 1 < ends.size() && whole < max && ends[whole + 1] <= cut) ++whole;
    const message_run run = scan(std::string_view(input).substr(0, cut), max);
    ASSERT_EQ(run.count, whole) << "round " << round;
    ASSERT_EQ(run.size, ends[whole]) << "round " << round;
  }
}

/// The same for long frames: several of a size, then of another.
TEST(find_messages, finds_runs_of_long_frames_of_one_size) {
  std::minstd_rand random(7);
  for (int round = 0; round < 300; ++round) {
    std::string input;
    std::vector<std::size_t> ends{0};
    while (ends.size() < 12) {
      constexpr std::size_t sizes[] = {255, 256, 257, 1000, 70'000};
      const std::string one = frame(std::string(sizes[random() % (random() % 9 == 0 ? 5 : 4)], '\2'));
      for (auto alike = random() % 5; alike > 0; --alike) {
        input += one;
        ends.push_back(input.size());
      }
    }
    const std::size_t cut = random() % (input.size() + 1);
    const auto max = static_cast<std::uint32_t>(random() % (ends.size() + 5));
    std::uint32_t whole = 0;
    while (whole + 1 < ends.size() && whole < max && ends[whole + 1] <= cut) ++whole;
    const message_run run = scan(std::string_view(input).substr(0, cut), max);
    ASSERT_EQ(run.count, whole) << "round " << round;
    ASSERT_EQ(run.size, ends[whole]) << "round " << round;
  }
}

TEST(find_messages, stops_at_commands_and_at_breaches_of_the_protocol) {
  for (const std::string& odd :
       {command("PING"), "\x08\0"s, "\5\0"s, "\2\xff\xff\xff\xff\xff\xff\xff\xff"s}) {
    EXPECT_EQ(scan(frame("a") + frame("a") + odd).size, 6U);
    EXPECT_EQ(scan(frame("a") + frame("b", 1) + odd).size, 3U);
  }
}

TEST(find_messages, respects_each_limit) {
  limits allowed;
  allowed.max_frame_size = 3;
  EXPECT_EQ(scan(frame("abc") + frame("abcd"), 9, allowed).count, 1U);
  EXPECT_EQ(scan(frame("abc", 1) + frame("abcd"), 9, allowed).count, 0U);
  allowed.max_message_size = 4;
  EXPECT_EQ(scan(frame("abc", 1) + frame("a") + frame("abc", 1) + frame("ab"), 9, allowed).count, 1U);
  allowed.max_frames = 2;
  EXPECT_EQ(scan(frame("", 1) + frame("") + frame("", 1) + frame("", 1) + frame(""), 9, allowed).count, 1U);
  EXPECT_EQ(scan(many(frame("a"), 10), 7).count, 7U);
  EXPECT_EQ(scan(many(frame("a"), 10), 0).count, 0U);
}

frame_rules all_frames() {
  frame_rules rules;
  rules.max_command_size = 64 * 1024;
  return rules;
}

TEST(frame_decoder, joins_input_that_was_pushed_too_early) {
  frame_decoder decoder(all_frames());
  decoder.push(bytes::copy("\0\3a"sv));
  decoder.push(bytes::copy("bc\0\1"sv));
  decoder.push(bytes::copy("d"sv));
  decoded found = decoder.next(10);
  ASSERT_TRUE(std::holds_alternative<message_batch>(found));
  EXPECT_EQ(std::get<message_batch>(found).data.view(), "\0\3abc\0\1d"sv);
  EXPECT_EQ(std::get<message_batch>(found).count, 2U);
}

TEST(frame_decoder, slices_a_whole_command_and_assembles_a_split_one) {
  const std::string body = std::string(1, '\4') + "ABCD" + std::string(1000, 'x');
  const std::string input = frame(body, 4);
  for (std::size_t at = 0; at < input.size(); at += 11) {
    frame_decoder decoder(all_frames());
    decoder.push(bytes::copy(std::string_view(input).substr(0, at)));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(decoder.next(1)));
    decoder.push(bytes::copy(std::string_view(input).substr(at)));
    decoded found = decoder.next(1);
    ASSERT_TRUE(std::holds_alternative<command_frame>(found));
    EXPECT_EQ(std::get<command_frame>(found).body.view(), body);
  }
}

TEST(frame_decoder, takes_memory_for_a_million_tiny_frames_in_linear_time) {
  frame_decoder decoder(all_frames());
  const std::string chunk = many(frame("x", 1), 10'000);
  for (int i = 0; i < 100; ++i) {
    decoder.push(bytes::copy(chunk));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(decoder.next(1)));
  }
  decoder.push(bytes::copy(frame("end")));
  decoded found = decoder.next(1);
  ASSERT_TRUE(std::holds_alternative<message_batch>(found));
  EXPECT_EQ(std::get<message_batch>(found).data.size(), 3'000'005U);
}

TEST(frame_decoder, refuses_the_frame_after_the_last_that_is_allowed) {
  frame_decoder decoder(all_frames());
  const std::string chunk = many(frame("", 1), 1024);
  decoded found;
  int chunks = 0;
  while (std::holds_alternative<std::monostate>(found) && chunks < 2000) {
    decoder.push(bytes::copy(chunk));
    found = decoder.next(1);
    ++chunks;
  }
  ASSERT_TRUE(std::holds_alternative<error>(found));
  EXPECT_EQ(std::get<error>(found), errc::message_over_limit);
  EXPECT_EQ(chunks, 1025);
}

// Messages and commands drawn from a seed, cut at random places, read with random limits on how many at once.
TEST(frame_decoder, finds_the_same_messages_in_any_chunks) {
  std::mt19937 random(7);
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 300; ++round) {
    std::string input;
    std::string expected;
    for (std::size_t i = 0; i < 40; ++i) {
      if (below(5) == 0) input += command("NOP");
      std::string message;
      for (std::size_t more = below(4) == 0 ? below(5) : 0; more > 0; --more) {
        message += frame(std::string(below(2) == 0 ? below(20) : below(700), 'p'), 1);
      }
      message += frame(std::string(below(3) == 0 ? below(600) : 16, 'q'));
      input += message;
      expected += message;
    }
    frame_decoder decoder(all_frames());
    std::string found;
    for (std::string_view rest = input; !rest.empty();) {
      const std::size_t size = std::min(rest.size(), 1 + below(3000));
      decoder.push(bytes::copy(rest.substr(0, size)));
      rest.remove_prefix(size);
      for (;;) {
        decoded next = decoder.next(static_cast<std::uint32_t>(1 + below(9)));
        if (std::holds_alternative<std::monostate>(next)) break;
        ASSERT_FALSE(std::holds_alternative<error>(next));
        if (auto* batch = std::get_if<message_batch>(&next)) found += batch->data.view();
      }
    }
    ASSERT_EQ(found, expected);
    ASSERT_EQ(decoder.partial_bytes(), 0U);
    ASSERT_FALSE(decoder.in_message());
  }
}

}  // namespace
}  // namespace monocoque::zmtp
