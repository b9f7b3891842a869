#include "zmtp/mechanism/curve_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

/// What a server leaves with a client between WELCOME and INITIATE is good once, in time and where it
/// belongs.
namespace monocoque::zmtp {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(curve_cookie, a_cookie_that_was_given_to_another_connection_is_refused) {
  const auto cookies = std::make_shared<cookie_keys>();
  served one(curve_sides(), cookies);
  served another(one.keys, cookies);
  one.greet();
  another.greet();
  one.client.cookie = another.client.cookie;
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "the cookie in INITIATE");
  // It is still good where it belongs.
  another.server.feed(another.client.initiate(dealer_metadata));
  EXPECT_THAT(another.server.log, ElementsAre(HasSubstr("claim")));
}

TEST(curve_cookie, a_cookie_of_another_server_is_refused) {
  served one;
  served another(one.keys);  // the same keys, but cookies of its own
  one.greet();
  another.greet();
  const std::string own = std::exchange(one.client.cookie, another.client.cookie);
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "the cookie in INITIATE");
  // Not even behind the number of the one that was given.
  another.client.cookie.replace(16, 80, own.substr(16));
  another.server.feed(another.client.initiate(dealer_metadata));
  expect_refused(another.server, errc::decryption_failed, "the cookie in INITIATE");
}

TEST(curve_cookie, a_cookie_is_good_for_one_lifetime_at_least_and_two_at_most) {
  const curve_sides keys;
  const time_point begin{};
  for (const auto later : {0ms, 99ms, 100ms, 199ms}) {
    const auto cookies = std::make_shared<cookie_keys>(100ms);
    served one(keys, cookies, begin);
    one.greet();
    served(keys, cookies, begin + later).greet();  // which makes a new key if it is time
    one.server.feed(one.client.initiate(dealer_metadata));
    EXPECT_THAT(one.server.log, ElementsAre(HasSubstr("claim"))) << later.count();
  }
  const auto cookies = std::make_shared<cookie_keys>(100ms);
  served one(keys, cookies, begin);
  one.greet();
  served(keys, cookies, begin + 100ms).greet();
  served(keys, cookies, begin + 200ms).greet();
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "or too old");
}

TEST(curve_cookie, a_cookie_is_forgotten_by_the_first_connection_after_a_long_time) {
  const curve_sides keys;
  const auto cookies = std::make_shared<cookie_keys>(100ms);
  served one(keys, cookies, time_point{});
  one.greet();
  served(keys, cookies, time_point{} + 200ms).greet();
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "or too old");
}

/// Whoever had the key of a cookie, the server's long-term key and what was recorded could read it.
TEST(curve_cookie, keys_are_forgotten_with_the_last_cookie_that_may_come_back) {
  const curve_sides keys;
  const auto cookies = std::make_shared<cookie_keys>();
  const auto keys_drawn_for = [](served& one) {
    raw::known_random drawn(1);
    const raw::scoped_random watched(drawn);
    one.greet();
    return std::ranges::count_if(drawn.drawn(), [](const std::string& each) { return each.size() == 32; });
  };
  constexpr int its_own = 1;  // S'
  constexpr int of_cookies = 2;
  auto first = std::make_unique<served>(keys, cookies);
  EXPECT_EQ(keys_drawn_for(*first), its_own + of_cookies);
  served second(keys, cookies);
  EXPECT_EQ(keys_drawn_for(second), its_own);
  first.reset();  // which will not come back
  served third(keys, cookies);
  EXPECT_EQ(keys_drawn_for(third), its_own);
  second.server.feed(second.client.initiate(dealer_metadata));
  third.server.feed(third.client.initiate(dealer_metadata));
  EXPECT_THAT(second.server.log, ElementsAre(HasSubstr("claim")));
  EXPECT_THAT(third.server.log, ElementsAre(HasSubstr("claim")));
  served fourth(keys, cookies);
  EXPECT_EQ(keys_drawn_for(fourth), its_own + of_cookies);
}

TEST(curve_cookie, what_was_recorded_of_a_client_is_of_no_use_on_another_connection) {
  const curve_sides keys;
  const auto cookies = std::make_shared<cookie_keys>();
  served another(keys, cookies);
  another.greet();  // so that the key of the cookies stays
  listener server(served::settings(keys, cookies));
  listener client(secured(keys.client(), false));
  std::string recorded;
  const auto carry = [&] {
    while (!client.sent.empty() || !server.sent.empty()) {
      const std::string said = client.take_sent();
      recorded += said;
      server.feed(said);
      client.feed(server.take_sent());
    }
  };
  carry();
  server.peer.handle_verdict({});
  server.drain();
  carry();
  recorded += client.in_its_form(frame("pay 100"));
  server.feed(recorded.substr(recorded.size() - (2 + 33 + 7)));
  ASSERT_THAT(server.log.back(), "message [pay 100]");

  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{50}}) {
    listener again(served::settings(keys, cookies));
    again.feed_in_pieces(recorded, piece);
    again.peer.handle_verdict({});
    again.drain();
    again.close();
    expect_refused(again, errc::decryption_failed, "the cookie in INITIATE");
  }
}

}  // namespace
}  // namespace monocoque::zmtp
