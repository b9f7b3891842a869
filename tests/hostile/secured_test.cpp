// Strangers at the door of a secured socket, beside a peer that works.

#include "tests/hostile/scene.hpp"
#include "tests/socket/security_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

namespace monocoque::test {
namespace {

using ::testing::HasSubstr;

/// A HELLO of the right shape; whoever has sent it knows no key.
std::string curve_hello(char number) {
  std::string data("\1\0", 2);
  data.resize(194, number);
  return speak::command("HELLO", data);
}

TEST(secured_crowd, of_clients_without_a_key_holds_nobody_up) {
  constexpr int waves = 10;
  constexpr int in_a_wave = 50;
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  context ctx;
  const curve_keys keys;
  pull ours(ctx, secured(keys.server()));
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  push good(ctx, secured(keys.client()));
  good.connect(ours.last_endpoint());
  must_still_work(good, ours, -1);
  int refused = 0;
  for (int wave = 0; wave < waves; ++wave) {
    std::vector<raw_peer> crowd;
    for (int i = 0; i < in_a_wave; ++i) {
      crowd.emplace_back(ours.last_endpoint());
      crowd.back().send(speak::greeting(3, 1, "CURVE") + curve_hello(static_cast<char>(i)));
    }
    must_still_work(good, ours, wave);
    while (refused < (wave + 1) * in_a_wave) {
      const event next = await_event(events, event_kind::handshake_failed);
      EXPECT_EQ(next.reason, errc::decryption_failed) << next.text();
      ++refused;
    }
  }
  EXPECT_EQ(ours.peer_count(), 1U);
}

TEST(secured_crowd, of_one_address_is_limited_to_a_rate) {
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  context ctx;
  const curve_keys keys;
  socket_options options = secured(keys.server());
  options.handshake_rate_per_address = 1;
  pull ours(ctx, options);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  push good(ctx, secured(keys.client()));
  good.connect(ours.last_endpoint());
  must_still_work(good, ours, -1);
  std::vector<raw_peer> crowd;
  for (int i = 0; i < 20; ++i) crowd.emplace_back(ours.last_endpoint());
  const event refused = await_event(events, event_kind::refused);
  EXPECT_EQ(refused.reason, errc::limit_reached);
  EXPECT_THAT(refused.reason.message(), HasSubstr("handshake_rate_per_address of 1"));
  must_still_work(good, ours, 0);
}

TEST(secured_crowd, in_the_middle_of_its_handshakes_is_limited) {
  context ctx;
  socket_options options = secured(plain_server{}, password_is("right"));
  options.max_handshakes_per_address = 3;
  pull ours(ctx, options);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  std::vector<raw_peer> crowd;
  for (int i = 0; i < 4; ++i) crowd.emplace_back(ours.last_endpoint());
  EXPECT_THAT(await_event(events, event_kind::refused).reason.message(),
              HasSubstr("max_handshakes_per_address of 3"));
  crowd.clear();
  for (int i = 0; i < 3; ++i) (void)await_event(events, event_kind::handshake_failed);
  push good(ctx, secured(plain_client{.username = "joe", .password = "right"}));
  good.connect(ours.last_endpoint());
  must_still_work(good, ours, 0);
}

TEST(secured_crowd, of_guesses_is_denied_one_by_one_and_the_right_one_is_let_in) {
  context ctx;
  std::atomic<int> asked = 0;
  const authenticator counting = [&asked](const auth_request& about) {
    ++asked;
    return about.password == "right" ? auth_verdict::allow(about.username)
                                     : auth_verdict::deny("wrong password");
  };
  pull ours(ctx, secured(plain_server{}, counting));
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  push good(ctx, secured(plain_client{.username = "joe", .password = "right"}));
  good.connect(ours.last_endpoint());
  must_still_work(good, ours, -1);
  for (int guess = 0; guess < 100; ++guess) {
    const raw_peer guessing(ours.last_endpoint());
    const std::string password = std::to_string(guess);
    guessing.send(speak::greeting(3, 1, "PLAIN"));
    (void)guessing.receive(speak::greeting_size);
    guessing.send(
        speak::command("HELLO", "\3joe" + std::string(1, static_cast<char>(password.size())) + password) +
        speak::command("INITIATE", speak::property("Socket-Type", "PUSH")) + speak::frame("let me in"));
    EXPECT_THAT(guessing.receive_until_closed(), HasSubstr(std::string("\5ERROR\3") + "400"));
    EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::authentication_failed);
  }
  EXPECT_EQ(asked, 101);
  must_still_work(good, ours, 0);
  EXPECT_FALSE(ours.receive_for(brief)) << "of whoever was not let in nothing arrives";
}

}  // namespace
}  // namespace monocoque::test
