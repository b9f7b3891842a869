#include "zmtp/mechanism/curve_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace monocoque::zmtp {
namespace {

using namespace testing;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

TEST(curve_connection, peers_of_before_ZMTP_3_are_refused) {
  const curve_sides keys;
  const std::string signature = "\xff\0\0\0\0\0\0\0\1\x7f"s;
  for (const std::string& said :
       {signature + "\1\5"s + "\0\3bob"s, signature + "\0\5"s + "\4\0bob"s, "\4\0bob"s}) {
    for (const security_mechanism& how :
         {security_mechanism(keys.server()), security_mechanism(keys.client())}) {
      listener side(secured(how, true));
      side.feed(said + frame("hi"));
      EXPECT_EQ(side.failure, errc::mechanism_mismatch);
      EXPECT_THAT(side.detail, HasSubstr("before 3.0"));
      EXPECT_EQ(side.log.size(), 1U);
    }
  }
}

TEST(curve_connection, two_clients_and_two_servers_do_not_get_on) {
  const curve_sides keys;
  secured_pair clients(keys.client(), keys.client());
  clients.shake_hands();
  EXPECT_EQ(clients.server.failure, errc::unexpected_command);
  EXPECT_THAT(clients.server.detail, HasSubstr("command HELLO in the handshake"));
  secured_pair servers(keys.server(), keys.server());
  servers.shake_hands();
  EXPECT_EQ(servers.server.failure, errc::mechanism_mismatch);
  EXPECT_EQ(servers.client.failure, errc::mechanism_mismatch);
}

struct wrong_metadata {
  std::string metadata;
  errc code;
};
const std::vector<wrong_metadata> wrong = {
    {property("Socket-Type", "PULL"), errc::socket_type_mismatch},
    {property("Socket-Type", "WHAT"), errc::socket_type_mismatch},
    {property("Identity", std::string(256, 'i')), errc::bad_metadata},
    {property("X", "1") + property("x", "2"), errc::bad_metadata},
    {"\1X\0\0\0\2x"s, errc::bad_metadata},
    {"\0"s, errc::bad_metadata},
    {property("X", std::string(16 * 1024 - 5, 'x')), errc::metadata_too_large},  // by one octet
    {property("X", std::string(20'000, 'x')), errc::metadata_too_large},
};

/// What it is told is in clear, and so not what it has said in a box.
TEST(curve_connection, metadata_of_a_client_that_make_no_sense_are_refused_and_it_is_told_so_alone) {
  for (const auto& [metadata, code] : wrong) {
    served one;
    one.greet();
    one.server.feed(one.client.initiate(metadata));
    EXPECT_EQ(one.server.failure, code) << one.server.detail;
    EXPECT_EQ(one.server.log.size(), 1U) << "nobody is asked about it";
    const std::string reason(name_of(code));
    EXPECT_THAT(one.server.sent,
                AnyOf(command("ERROR", static_cast<char>(reason.size()) + reason), IsEmpty()));
    EXPECT_EQ(one.server.sent.empty(), metadata.size() > 20'000) << "which is too long to be read";
  }
}

TEST(curve_connection, metadata_of_a_server_that_make_no_sense_are_refused) {
  for (const auto& [metadata, code] : wrong) {
    connected one;
    one.client.feed(one.server.welcome());
    one.client.feed(one.server.ready(metadata));
    EXPECT_EQ(one.client.failure, code) << one.client.detail;
    EXPECT_EQ(one.client.log.size(), 1U);
  }
}

TEST(curve_connection, as_much_metadata_as_allowed_is_taken) {
  const std::string most =
      property("Socket-Type", "DEALER") + property("X", std::string(16 * 1024 - 6 - 22, 'x'));
  ASSERT_EQ(most.size(), limits().max_metadata_size);
  served one;
  one.greet();
  one.server.feed(one.client.initiate(most));
  EXPECT_THAT(one.server.log, ElementsAre(HasSubstr("claim")));
  connected other;
  other.client.feed(other.server.welcome());
  other.client.feed(other.server.ready(most));
  EXPECT_THAT(other.client.log, ElementsAre(HasSubstr("handshake")));
}

}  // namespace
}  // namespace monocoque::zmtp
