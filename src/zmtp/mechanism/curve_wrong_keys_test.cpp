#include "zmtp/mechanism/curve_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

/// Peers that have the wrong keys, or show what is none, in each place where a peer may put one.
namespace monocoque::zmtp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(curve_keys, what_is_written_by_hand_is_right_unless_it_is_wrong_on_purpose) {
  served one;
  one.greet();
  one.server.feed(one.client.initiate(dealer_metadata));
  one.server.feed(one.client.message("early"));
  EXPECT_THAT(one.server.log, ElementsAre(HasSubstr("claim CURVE")));
  one.server.peer.handle_verdict({});
  one.server.drain();
  EXPECT_THAT(one.server.log,
              ElementsAre(HasSubstr("claim CURVE"), HasSubstr("handshake"), "message [early]"));

  connected other;
  other.client.feed(other.server.welcome());
  other.client.feed(other.server.ready(dealer_metadata));
  other.client.feed(other.server.message("early"));
  EXPECT_THAT(other.client.log, ElementsAre(HasSubstr("handshake"), "message [early]"));
}

// -- wrong keys

TEST(curve_keys, a_client_that_looks_for_another_server_is_refused_with_its_HELLO) {
  served one;
  one.client.server = text_of(curve_keypair::generate().public_key);
  one.server.feed(one.client.hello());
  expect_refused(one.server, errc::decryption_failed, "HELLO cannot be opened");
  EXPECT_THAT(one.server.sent, IsEmpty());
}

TEST(curve_keys, a_client_whose_box_is_not_of_zeros_is_refused) {
  served one;
  const std::string number = number_text(1);
  const auto key = raw::shared_key(one.client.server, one.client.short_secret);
  for (const std::size_t at : {0U, 31U, 63U}) {
    served another(one.keys);
    std::string zeros(64, '\0');
    zeros[at] = '\1';
    another.server.feed(command("HELLO", one.client.version + one.client.padding + one.client.shown_short +
                                             number + raw::box(key, "CurveZMQHELLO---" + number, zeros)));
    expect_refused(another.server, errc::decryption_failed, "HELLO cannot be opened");
  }
}

TEST(curve_keys, a_client_without_the_secret_half_of_the_key_it_shows_is_refused) {
  served one;
  one.greet();
  one.client.own_secret = text_of(curve_keypair::generate().secret_key);
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "the vouch in INITIATE");
}

TEST(curve_keys, a_client_with_another_short_term_key_than_in_its_HELLO_is_refused) {
  served one;
  one.greet();
  one.client.use_short_term(curve_keypair::generate());
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "INITIATE cannot be opened");
}

TEST(curve_keys, a_vouch_for_another_short_term_key_is_refused) {
  served one;
  one.greet();
  one.client.vouched_short = text_of(curve_keypair::generate().public_key);
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "the vouch in INITIATE");
}

TEST(curve_keys, a_vouch_for_another_server_is_refused) {
  served one;
  one.greet();
  one.client.vouched_server = text_of(curve_keypair::generate().public_key);
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "the vouch in INITIATE");
}

/// A server cannot use what a client has told it to be that client elsewhere.
TEST(curve_keys, the_vouch_of_a_client_of_ours_is_of_no_use_with_another_server) {
  connected victim;
  victim.client.feed(victim.server.welcome());
  const std::string said = victim.client.take_sent();
  const std::string body = text_of(base::wire::first_payload(as_octets(said))).substr(9 + 96);
  const auto opened = raw::unbox(victim.server.key(), "CurveZMQINITIATE" + body.substr(0, 8),
                                 std::string_view(body).substr(8));
  ASSERT_TRUE(opened);
  served elsewhere;
  elsewhere.greet();
  const std::string number = number_text(2);
  elsewhere.server.feed(
      command("INITIATE", elsewhere.client.cookie + number +
                              raw::box(elsewhere.client.key(), "CurveZMQINITIATE" + number, *opened)));
  expect_refused(elsewhere.server, errc::decryption_failed, "the vouch in INITIATE");
}

/// The topmost bit of a key does not count, so that two texts stand for one key, and HELLO can be opened with
/// both.
TEST(curve_keys, a_short_term_key_written_otherwise_on_the_way_is_not_the_one_vouched_for) {
  served one;
  one.client.shown_short.back() = static_cast<char>(one.client.shown_short.back() ^ '\x80');
  one.greet();
  one.server.feed(one.client.initiate(dealer_metadata));
  expect_refused(one.server, errc::decryption_failed, "the vouch in INITIATE");
}

TEST(curve_keys, a_server_without_the_key_that_is_looked_for_is_refused) {
  connected one;
  one.server.own_secret = text_of(curve_keypair::generate().secret_key);
  one.client.feed(one.server.welcome());
  expect_refused(one.client, errc::decryption_failed, "the peer does not have the server's key");
  EXPECT_THAT(one.client.sent, IsEmpty());
}

TEST(curve_keys, a_server_without_the_secret_half_of_its_short_term_key_is_refused) {
  connected one;
  one.client.feed(one.server.welcome());
  one.server.short_secret = text_of(curve_keypair::generate().secret_key);
  one.client.feed(one.server.ready(dealer_metadata));
  expect_refused(one.client, errc::decryption_failed, "READY cannot be opened");
}

// -- keys of small order

TEST(curve_keys, HELLO_with_a_key_of_small_order_is_refused) {
  const curve_sides keys;
  for (const std::string& weak : keys_of_small_order()) {
    served one(keys);
    one.client.shown_short = weak;
    // As the server would have it: of such a key everybody knows the secret.
    const std::string number = number_text(1);
    one.server.feed(command("HELLO", one.client.version + one.client.padding + weak + number +
                                         raw::box(raw::shared_key(weak, one.client.short_secret),
                                                  "CurveZMQHELLO---" + number, std::string(64, '\0'))));
    expect_refused(one.server, errc::decryption_failed, "HELLO cannot be opened");
  }
}

TEST(curve_keys, INITIATE_of_a_key_of_small_order_is_refused) {
  const curve_sides keys;
  for (const std::string& weak : keys_of_small_order()) {
    served one(keys);
    one.greet();
    const std::string random(16, 'v');
    const std::string vouch = raw::box(raw::shared_key(weak, one.client.short_secret), "VOUCH---" + random,
                                       one.client.vouched_short + one.client.vouched_server);
    const std::string number = number_text(2);
    one.server.feed(command("INITIATE", one.client.cookie + number +
                                            raw::box(one.client.key(), "CurveZMQINITIATE" + number,
                                                     weak + random + vouch + dealer_metadata)));
    expect_refused(one.server, errc::decryption_failed, "the vouch in INITIATE");
  }
}

TEST(curve_keys, WELCOME_with_a_key_of_small_order_is_refused) {
  for (const std::string& weak : keys_of_small_order()) {
    connected one;
    one.server.shown_short = weak;
    one.client.feed(one.server.welcome());
    expect_refused(one.client, errc::decryption_failed, "the short-term key in WELCOME");
    EXPECT_THAT(one.client.sent, IsEmpty());
  }
}

TEST(curve_keys, a_client_that_is_to_look_for_a_key_of_small_order_says_so_and_nothing_else) {
  for (const std::string& weak : keys_of_small_order()) {
    const curve_public_key server(octets(as_octets(weak)).first<curve_public_key::size>());
    listener client(secured(curve_client{.server = server}, false));
    client.feed(greeting(3, 1, "CURVE"));
    expect_refused(client, errc::invalid_argument, "the server's key");
    EXPECT_EQ(client.sent.size(), 64U);
  }
}

}  // namespace
}  // namespace monocoque::zmtp
