#include "pattern/subscription_index.hpp"

#include "pattern/naive_subscriptions.hpp"
#include "pattern/testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>

namespace monocoque::pattern {
namespace {

using change = subscription_index::change;
using testing::naive_subscriptions;
using testing::raw;
using testing::text_of;

std::set<std::uint32_t> peers_for(subscription_index& index, std::string_view message) {
  std::set<std::uint32_t> found;
  for (const auto topic : index.match_whole(raw(message))) {
    index.for_each_peer(topic, [&](std::uint32_t slot) { found.insert(slot); });
  }
  EXPECT_EQ(index.has_topic(raw(message)), !found.empty());
  const std::set<std::uint32_t> of_whole = std::exchange(found, {});
  for (const auto topic : index.match(raw(message))) {
    index.for_each_peer(topic, [&](std::uint32_t slot) { found.insert(slot); });
  }
  EXPECT_EQ(index.matches(raw(message)), !found.empty());
  EXPECT_TRUE(std::ranges::includes(found, of_whole));
  return found;
}

using peers = std::set<std::uint32_t>;

TEST(subscription_index, matches_prefixes_of_every_length) {
  subscription_index index(3);
  const std::string topic = "abcdefghijklmnopqrstuvwxyz";
  for (std::uint32_t size = 0; size <= topic.size(); ++size) index.add(raw(topic).first(size), size);
  for (std::uint32_t size = 0; size <= topic.size(); ++size) {
    EXPECT_EQ(index.match(raw(topic).first(size)).size(), size + 1);
  }
  EXPECT_EQ(peers_for(index, "abcdefgh!"), (peers{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(peers_for(index, "x"), (peers{0}));
}

TEST(subscription_index, tells_a_zero_byte_from_the_end) {
  subscription_index index(3);
  index.add(raw(std::string_view("a\0", 2)), 1);
  index.add(raw(std::string_view("\0", 1)), 2);
  EXPECT_EQ(peers_for(index, "a"), peers{});
  EXPECT_EQ(peers_for(index, std::string_view("a\0b", 3)), peers{1});
  EXPECT_EQ(peers_for(index, std::string_view("\0\0", 2)), peers{2});
  EXPECT_EQ(peers_for(index, ""), peers{});
}

TEST(subscription_index, counts_each_peer) {
  subscription_index index(3);
  EXPECT_EQ(index.add(raw("A"), 1), change::topic_added);
  EXPECT_EQ(index.add(raw("A"), 1), change::counted);
  EXPECT_EQ(index.add(raw("A"), 2), change::peer_added);
  EXPECT_EQ(index.remove(raw("A"), 1), change::counted);
  EXPECT_EQ(peers_for(index, "A"), (peers{1, 2}));
  EXPECT_EQ(index.remove(raw("A"), 1), change::peer_removed);
  EXPECT_EQ(index.remove(raw("A"), 1), change::not_found);
  EXPECT_EQ(index.remove(raw("B"), 2), change::not_found);
  EXPECT_EQ(index.add(raw("A"), 2), change::counted);
  EXPECT_EQ(index.forget(raw("A"), 2), change::topic_removed);
  EXPECT_TRUE(index.empty());
  EXPECT_EQ(index.topic_count(), 0U);
}

TEST(subscription_index, removes_a_peer_and_tells_what_nobody_has_any_more) {
  subscription_index index(3);
  for (const char* topic : {"", "A", "ABCDEFGHIJ"}) index.add(raw(topic), 1);
  index.add(raw("A"), 2);
  std::map<std::string, bool> seen;
  index.remove_peer(1, [&](std::span<const std::byte> topic, bool last) { seen[text_of(topic)] = last; });
  EXPECT_EQ(seen, (std::map<std::string, bool>{{"", true}, {"A", false}, {"ABCDEFGHIJ", true}}));
  EXPECT_EQ(peers_for(index, "ABCDEFGHIJK"), peers{2});
  index.remove_peer(9);
  EXPECT_EQ(index.size(), 1U);
}

TEST(subscription_index, keeps_no_memory_of_subscriptions_that_have_gone) {
  subscription_index index(3);
  const std::size_t before = index.footprint_bytes();
  for (int i = 0; i < 100'000; ++i) index.add(raw("topic." + std::to_string(i)), 5);
  EXPECT_EQ(index.topic_count(), 100'000U);
  EXPECT_EQ(index.match(raw("topic.99999")).size(), 5U);
  EXPECT_LT(index.footprint_bytes() / 100'000, 250U);
  index.remove_peer(5);
  EXPECT_EQ(index.footprint_bytes(), before);
  EXPECT_FALSE(index.matches(raw("topic.99999")));
}

TEST(subscription_index, stands_64_KB_topics_that_are_prefixes_of_each_other) {
  subscription_index index(3);
  const std::string longest(65'536, 'a');
  for (std::size_t size = 0; size <= longest.size(); size += 509) index.add(raw(longest).first(size), 1);
  EXPECT_EQ(index.match(raw(longest)).size(), longest.size() / 509 + 1);
  EXPECT_EQ(index.match(raw(longest + "b")).size(), longest.size() / 509 + 1);
  std::size_t last = 0;
  index.remove_peer(1,
                    [&](std::span<const std::byte> topic, bool) { last += topic.size() % 509 == 0 ? 1 : 0; });
  EXPECT_EQ(last, longest.size() / 509 + 1);
}

TEST(subscription_index, stands_a_storm_of_peers_on_one_topic) {
  subscription_index index(3);
  for (std::uint32_t i = 0; i < 5'000; ++i) index.add(raw("news"), i * 7919 % 5'000);
  EXPECT_EQ(peers_for(index, "news!").size(), 5'000U);
  for (std::uint32_t i = 0; i < 5'000; ++i) index.remove_peer(i * 104'729 % 5'000);
  EXPECT_TRUE(index.empty());
}

TEST(subscription_index, agrees_with_a_naive_model) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  subscription_index index(seed | 1);
  naive_subscriptions model;
  const auto some_text = [&] {
    std::string text(random() % 20U, 'a');
    for (char& letter : text) letter = static_cast<char>('a' + (random() % 16 == 0 ? 1 : 0));
    return text;
  };
  for (int step = 0; step < 6'000; ++step) {
    const std::string topic = some_text();
    const auto slot = static_cast<std::uint32_t>(random() % 6);
    const auto dice = random() % 32;
    if (dice < 14) {
      index.add(raw(topic), slot);
      model.add(topic, slot);
    } else if (dice < 26) {
      index.remove(raw(topic), slot);
      model.remove(topic, slot);
    } else if (dice < 30) {
      index.forget(raw(topic), slot);
      model.remove(topic, slot, true);
    } else if (dice == 30) {
      std::set<std::string> told;
      index.remove_peer(slot, [&](std::span<const std::byte> gone, bool) { told.insert(text_of(gone)); });
      ASSERT_EQ(told, model.topics_of(slot));
      model.remove_peer(slot);
    }
    const std::string message = some_text();
    ASSERT_EQ(peers_for(index, message), model.match(message)) << "step " << step;
    ASSERT_EQ(index.topic_count(), model.counts().size()) << "step " << step;
  }
}

/// Topics of few sizes are looked up one way, of many or long ones another: a random walk over the border.
TEST(subscription_index, agrees_with_a_naive_model_whatever_the_sizes) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (const unsigned kinds : {1U, 3U, 8U, 9U, 12U}) {
    subscription_index index(seed | 1);
    naive_subscriptions model;
    std::vector<std::size_t> sizes;
    for (unsigned i = 0; i < kinds; ++i) sizes.push_back(random() % 70);
    const auto some_text = [&](std::size_t size) {
      std::string text(size, 'a');
      if (size > 0) text[random() % size] = static_cast<char>(random() % 3 == 0 ? 'b' : 'a');
      return text;
    };
    for (int step = 0; step < 1'500; ++step) {
      const std::string topic = some_text(sizes[random() % sizes.size()]);
      const auto slot = static_cast<std::uint32_t>(random() % 4);
      if (random() % 2 == 0) {
        index.add(raw(topic), slot);
        model.add(topic, slot);
      } else {
        index.remove(raw(topic), slot);
        model.remove(topic, slot);
      }
      const std::string message = some_text(random() % 80);
      ASSERT_EQ(peers_for(index, message), model.match(message)) << kinds << " sizes, step " << step;
    }
    for (std::uint32_t slot = 0; slot < 4; ++slot) {
      std::set<std::string> told;
      index.remove_peer(slot, [&](std::span<const std::byte> gone, bool) { told.insert(text_of(gone)); });
      ASSERT_EQ(told, model.topics_of(slot));
    }
    EXPECT_TRUE(index.empty());
  }
}

/// Large enough for the table to have been doubled many times, to be searched across cache lines, and to
/// shrink again.
TEST(subscription_index, agrees_with_a_set_of_a_hundred_thousand_topics) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  subscription_index index(seed | 1);
  std::map<std::string, std::uint32_t> model;
  const auto topic = [&] {
    // Many that begin alike, as topics do, of sizes around those of words.
    constexpr std::size_t sizes[] = {7, 8, 9, 16, 20};
    std::string text = "t" + std::to_string(random() % 60'000);
    text.resize(sizes[random() % std::size(sizes)], '.');
    return text;
  };
  const auto check = [&](const std::string& message) {
    peers expected;
    for (std::size_t size = 0; size <= message.size(); ++size) {
      if (const auto found = model.find(message.substr(0, size)); found != model.end())
        expected.insert(found->second);
    }
    ASSERT_EQ(peers_for(index, message), expected) << message;
  };
  while (model.size() < 100'000) {
    const std::string one = topic();
    const auto slot = static_cast<std::uint32_t>(random() % 50);
    if (model.emplace(one, slot).second) index.add(raw(one), slot);
  }
  for (int i = 0; i < 20'000; ++i) ASSERT_NO_FATAL_FAILURE(check(topic() + "rest"));
  while (model.size() > 1'000) {
    const auto gone = model.begin();
    ASSERT_EQ(index.remove(raw(gone->first), gone->second), change::topic_removed);
    model.erase(gone);
  }
  for (int i = 0; i < 20'000; ++i) ASSERT_NO_FATAL_FAILURE(check(topic() + "rest"));
  for (const auto& [text, slot] : model) ASSERT_NO_FATAL_FAILURE(check(text));
}

}  // namespace
}  // namespace monocoque::pattern
