#include "zmtp/heartbeat.hpp"

#include <gtest/gtest.h>

namespace monocoque::zmtp {
namespace {

using namespace std::chrono_literals;
using enum heartbeat::verdict;

constexpr time_point start{100s};
constexpr auto moment = 10ms;

/// Lets time pass up to `until`; answers how many PINGs were due, or -1 if the peer was given up.
int pass(heartbeat& beats, time_point until, bool excused = false) {
  int pings = 0;
  while (beats.next_timeout() <= until) {
    const time_point now = beats.next_timeout();
    const heartbeat::verdict what = beats.handle_timeout(now, excused);
    if (what == missed) return -1;
    if (what == ping) ++pings;
    EXPECT_GT(beats.next_timeout(), now) << "it would be called for ever";
    if (beats.next_timeout() <= now) return -2;
  }
  return pings;
}

TEST(heartbeat, that_nobody_wants_never_wants_to_be_called) {
  heartbeat beats;
  EXPECT_EQ(beats.next_timeout(), time_point::max());
  const heartbeat_terms none;
  beats.start(none, start);
  EXPECT_EQ(beats.next_timeout(), time_point::max());
  EXPECT_EQ(beats.handle_timeout(start + 1h, false), nothing);
}

TEST(heartbeat, pings_at_its_interval_however_busy_the_link_is) {
  const heartbeat_terms terms{.interval = 100ms, .timeout = 1s};
  heartbeat beats;
  beats.start(terms, start);
  int pings = 0;
  for (time_point now = start; now < start + 1s; now += 7ms) {
    beats.heard(now);
    pings += pass(beats, now);
  }
  EXPECT_GE(pings, 9);
  EXPECT_LE(pings, 10);
}

TEST(heartbeat, gives_a_silent_peer_up_after_the_timeout_and_a_second_look) {
  const heartbeat_terms terms{.interval = 100ms, .timeout = 250ms};
  heartbeat beats;
  beats.start(terms, start);
  EXPECT_EQ(pass(beats, start + 349ms), 3) << "it goes on pinging while it waits";
  EXPECT_EQ(pass(beats, start + 350ms + moment - 1ms), 0);
  EXPECT_EQ(pass(beats, start + 350ms + moment), -1);
  EXPECT_EQ(beats.complaint(), "nothing came for 250 ms after a PING");
}

TEST(heartbeat, gives_the_answer_its_time_from_when_the_ping_has_arrived) {
  const heartbeat_terms terms{.interval = 1s, .timeout = 400ms};
  heartbeat beats;
  beats.start(terms, start);
  EXPECT_EQ(pass(beats, start + 1s), 1);
  EXPECT_TRUE(beats.asks_anew());
  beats.look_often(start + 1s);
  for (time_point now = start + 1100ms; now <= start + 3s; now += 100ms) {
    EXPECT_EQ(beats.next_timeout(), now);
    beats.delayed(now);
    EXPECT_NE(beats.handle_timeout(now, false), missed);
    EXPECT_FALSE(now == start + 2s && beats.asks_anew()) << "the first one is still waited for";
  }
  beats.arrived();
  EXPECT_EQ(pass(beats, start + 3s + 400ms + moment - 1ms), 0);
  EXPECT_EQ(pass(beats, start + 3s + 400ms + moment), -1);
}

TEST(heartbeat, takes_anything_for_a_sign_of_life) {
  const heartbeat_terms terms{.interval = 100ms, .timeout = 50ms};
  heartbeat beats;
  beats.start(terms, start);
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(pass(beats, start + i * 100ms), 1);
    beats.heard(start + i * 100ms + 49ms);
  }
  EXPECT_EQ(pass(beats, start + 2100ms + 50ms + moment), -1);
}

TEST(heartbeat, called_too_late_looks_at_what_came_meanwhile) {
  const heartbeat_terms terms{.interval = 100ms, .timeout = 100ms};
  heartbeat beats;
  beats.start(terms, start);
  EXPECT_EQ(beats.handle_timeout(start + 100ms, false), ping);
  // The process did not run for a minute; the answer has been there all the time.
  EXPECT_EQ(beats.handle_timeout(start + 1min, false), nothing);
  beats.heard(start + 1min + 1ms);
  EXPECT_EQ(beats.handle_timeout(start + 1min + moment, false), ping);
  EXPECT_EQ(pass(beats, start + 1min + 100ms), 0);
}

TEST(heartbeat, does_not_blame_the_peer_for_what_was_not_read) {
  const heartbeat_terms terms{.interval = 100ms, .timeout = 100ms};
  heartbeat beats;
  beats.start(terms, start);
  beats.set_peer_ttl(300ms);
  EXPECT_GT(pass(beats, start + 5s, true), 40);
  EXPECT_EQ(pass(beats, start + 6s), -1) << "but only while it is so";
}

TEST(heartbeat, keeps_the_time_to_live_that_the_peer_asked_for) {
  const heartbeat_terms none;
  heartbeat beats;
  beats.start(none, start);
  beats.set_peer_ttl(300ms);
  EXPECT_EQ(pass(beats, start + 299ms), 0);
  beats.heard(start + 299ms);
  EXPECT_EQ(pass(beats, start + 598ms), 0);
  EXPECT_EQ(pass(beats, start + 599ms + moment), -1);
  EXPECT_EQ(beats.complaint(), "nothing came for 300 ms, the time to live that the peer's PING asked for");
  beats.heard(start + 1s);
  beats.set_peer_ttl(0ms);
  EXPECT_EQ(pass(beats, start + 1s + moment), 0);
  EXPECT_EQ(beats.next_timeout(), time_point::max()) << "it has taken its wish back";
}

TEST(heartbeat, without_a_timeout_only_pings) {
  const heartbeat_terms terms{.interval = 100ms};
  heartbeat beats;
  beats.start(terms, start);
  EXPECT_EQ(pass(beats, start + 10s), 100);
}

}  // namespace
}  // namespace monocoque::zmtp
