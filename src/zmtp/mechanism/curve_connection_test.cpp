#include "zmtp/mechanism/security_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace monocoque::zmtp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(curve_connection, a_client_proves_its_key_is_let_in_and_talks) {
  const curve_sides keys;
  for (const bool server_accepts : {true, false}) {
    secured_pair both(keys.server(), keys.client(), server_accepts);
    both.shake_hands();
    EXPECT_THAT(both.server.log, ElementsAre("claim CURVE : " + keys.client_keys.public_key.z85(),
                                             "handshake DEALER 3.1 id="));
    EXPECT_THAT(both.client.log, ElementsAre("handshake DEALER 3.1 id="));
    EXPECT_EQ(both.server.who.mechanism, "CURVE");
    both.server.log.clear();
    both.client.log.clear();
    both.server.feed(both.client.in_its_form(frame("a", 1) + frame("b") + frame("")));
    both.client.feed(both.server.in_its_form(frame(std::string(300, 'x')) + command("PING", "\0\0ctx"sv)));
    EXPECT_THAT(both.server.log, ElementsAre("message [a][b]", "message []"));
    EXPECT_THAT(both.client.log, ElementsAre("message [" + std::string(300, 'x') + "]"));
    both.server.feed(both.client.in_its_form(both.client.take_sent()));
    EXPECT_THAT(both.server.log, ElementsAre("message [a][b]", "message []", "pong ctx"));
  }
}

TEST(curve_connection, traffic_of_all_sizes_arrives_wherever_it_is_split) {
  const curve_sides keys;
  for (const std::size_t piece : {1UL, 2UL, 7UL, 33UL, 34UL, 64UL, 4096UL, 65536UL, SIZE_MAX}) {
    secured_pair both(keys.server(), keys.client());
    both.shake_hands({}, piece);
    both.server.log.clear();
    std::string canonical;
    std::vector<std::string> expected;
    for (const std::size_t size :
         {0UL, 1UL, 31UL, 32UL, 222UL, 223UL, 255UL, 256UL, 4095UL, 4096UL, 9000UL, 70'000UL}) {
      const std::string body(size, static_cast<char>('a' + size % 26));
      canonical += frame(body) + frame(body, 1) + frame("tail");
      expected.push_back("message [" + body + "]");
      expected.push_back("message [" + body + "][tail]");
    }
    both.server.feed_in_pieces(both.client.in_its_form(canonical), piece);
    ASSERT_EQ(both.server.log, expected) << piece;
  }
}

TEST(curve_connection, another_server_key_is_not_answered) {
  const curve_sides keys;
  const curve_sides others;
  secured_pair both(keys.server(),
                    curve_client{.server = others.server_keys.public_key, .keys = keys.client_keys});
  both.shake_hands();
  EXPECT_THAT(both.server.log, ElementsAre(HasSubstr("failed decryption_failed: HELLO cannot be opened")));
  EXPECT_TRUE(both.client.log.empty());
}

TEST(curve_connection, a_denial_reaches_the_client_with_its_status) {
  const curve_sides keys;
  secured_pair both(keys.server(), keys.client());
  both.shake_hands({.status = 400, .reason = "not on the list"});
  EXPECT_EQ(both.server.failure, errc::authentication_failed);
  EXPECT_THAT(both.server.detail, HasSubstr("(400): not on the list"));
  EXPECT_EQ(both.client.failure, errc::authentication_failed);
  EXPECT_THAT(both.client.detail, HasSubstr("400"));
}

}  // namespace
}  // namespace monocoque::zmtp
