// Many connections at once or one after the other, good, bad and slow, beside a peer that works.

#include "tests/hostile/scene.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <vector>

namespace monocoque::test {
namespace {

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST(crowd, of_ten_thousand_that_come_and_go_leaves_nothing_behind) {
  constexpr int waves = 50, in_a_wave = 200;
  context ctx;
  pull ours(ctx, {.backlog = 1000});
  ours.bind("tcp://127.0.0.1:0");
  push good(ctx);
  good.connect(ours.last_endpoint());
  must_still_work(good, ours, -1);
  const std::ptrdiff_t before = open_descriptors();
  for (int wave = 0; wave < waves; ++wave) {
    std::vector<raw_peer> crowd;
    for (int i = 0; i < in_a_wave; ++i) {
      crowd.emplace_back(ours.last_endpoint());
      switch (i % 4) {
        case 0: crowd.back().send(speak::greeting()); break;                         // in mid-handshake
        case 1: crowd.back().send(speak::greeting() + speak::ready("PUSH")); break;  // after it
        case 2: crowd.back().send(speak::greeting() + speak::ready("PUSH") + "\x01"); break;  // in mid-frame
        default: break;  // without a word
      }
    }
    must_still_work(good, ours, wave);
  }
  monitor events = ours.monitor();
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (ours.peer_count() > 1 || open_descriptors() > before) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << ours.peer_count() << " peers are left";
    (void)events.receive_for(as_result, std::chrono::milliseconds(10));
  }
  must_still_work(good, ours, waves);
}

TEST(crowd, of_a_thousand_slow_handshakes_is_sent_away_and_holds_nobody_up) {
  constexpr std::size_t crowd_size = 1000;
  context ctx;
  pull ours(ctx, {.handshake_timeout = std::chrono::milliseconds(1500), .backlog = 2000});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  push good(ctx);
  good.connect(ours.last_endpoint());
  must_still_work(good, ours, -1);

  std::size_t sent_away = 0;
  const auto look = [&] {
    while (std::optional<event> next = events.try_receive()) {
      EXPECT_EQ(next->missed, 0U);
      if (next->kind != event_kind::handshake_failed) continue;
      EXPECT_EQ(next->reason, errc::handshake_timeout) << next->text();
      sent_away += 1;
    }
  };
  std::vector<raw_peer> crowd;
  for (std::size_t i = 0; i < crowd_size; ++i) {
    crowd.emplace_back(ours.last_endpoint());
    look();
  }
  // An octet each, again and again: a deadline that starts anew with every octet would never come.
  const std::string words = speak::greeting();
  std::size_t said = 0;
  const auto give_up = std::chrono::steady_clock::now() + patience;
  for (int number = 0; sent_away < crowd_size; ++number) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << sent_away << " of " << crowd_size;
    if (said + 1 < words.size()) {
      for (const raw_peer& each : crowd) each.send(words.substr(said, 1));
      ++said;
    }
    must_still_work(good, ours, number);
    look();
  }
  EXPECT_EQ(ours.peer_count(), 1U);
}

}  // namespace
}  // namespace monocoque::test
