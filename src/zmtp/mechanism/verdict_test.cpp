#include "zmtp/mechanism/security_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

/// A peer that is to be decided about, whatever it is, and the decision that comes late, twice or not at all.
namespace monocoque::zmtp {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// Someone who wants to be let in by a side that asks about everybody, in each of the ways to speak.
struct applicant {
  std::string_view name;
  security_mechanism server;
  std::string said;  ///< up to the claim
  std::string_view claim;
  std::string then;  ///< once it is let in
  std::string_view error_if_denied;
  std::string early = frame("early");
};
void PrintTo(const applicant& one, std::ostream* out) { *out << one.name; }

constexpr std::string_view denied = "\4\12\5ERROR\003400";

std::vector<applicant> applicants() {
  const std::string signature = "\xff\0\0\0\0\0\0\0\1\x7f"s;
  return {
      {"NULL", no_security{}, greeting() + ready("DEALER"), "claim NULL : ", "", denied},
      {"ZMTP_3_0", no_security{}, greeting(3, 0) + ready("DEALER"), "claim NULL : ", "", denied},
      {"ZMTP_2_0", no_security{}, signature + "\1\5"s + "\0\3bob"s, "claim NULL : ", "", ""},
      {"ZMTP_1_0", no_security{}, signature + "\0\5"s + "\4\0bob"s, "claim NULL : ", "", "", "\6\0early"s},
      {"ZMTP_1_0_unversioned", no_security{}, "\4\0bob"s, "claim NULL : ", "", "", "\6\0early"s},
      {"PLAIN", plain_server{}, greeting(3, 1, "PLAIN") + command("HELLO", "\3joe\6secret"),
       "claim PLAIN joe:secret ", command("INITIATE", property("Socket-Type", "DEALER")), denied},
  };
}

class verdict_about : public ::testing::TestWithParam<applicant> {
 protected:
  static config settings() {
    config made = secured(GetParam().server, true, socket_type::router);
    made.authenticates = true;
    return made;
  }
  /// It has shown what it has.
  void apply(std::size_t piece = SIZE_MAX) {
    server_.feed_in_pieces(GetParam().said, piece);
    ASSERT_THAT(server_.log, ElementsAre(GetParam().claim));
    server_.log.clear();
    server_.sent.clear();
  }
  void decide(verdict decided = {}) {
    server_.peer.handle_verdict(std::move(decided));
    server_.drain();
  }
  listener server_{settings()};
};

TEST_P(verdict_about, nobody_is_heard_before_it) {
  apply(1);
  EXPECT_FALSE(server_.peer.ready());
  EXPECT_FALSE(server_.peer.at_rest());
  server_.feed(GetParam().then);
  EXPECT_THAT(server_.log, IsEmpty());
  decide({.user_id = "joe", .metadata = {{"role", "clerk"}}});
  EXPECT_THAT(server_.log, ElementsAre(StartsWith("handshake")));
  EXPECT_EQ(server_.who.user_id, "joe");
  EXPECT_EQ(server_.who.metadata.at("role"), "clerk");
}

TEST_P(verdict_about, who_is_denied_gets_nothing_in) {
  for (const auto& [status, answer] : {std::pair{400, GetParam().error_if_denied}, {300, ""sv}}) {
    listener server(settings());
    server.feed(GetParam().said);
    server.sent.clear();
    server.feed(GetParam().then + GetParam().early);
    server.peer.handle_verdict({.status = static_cast<std::uint16_t>(status), .reason = "no\n"});
    server.drain();
    EXPECT_THAT(server.log, ElementsAre(GetParam().claim, StartsWith("failed authentication_failed")));
    EXPECT_THAT(server.detail, HasSubstr("(" + std::to_string(status) + "): no?"));
    EXPECT_EQ(server.sent, answer);
    EXPECT_EQ(server.peer.unread_bytes() + server.peer.pending_bytes(), 0U);
  }
}

TEST_P(verdict_about, a_status_that_is_none_lets_nobody_in) {
  for (const int status : {0, 1, 100, 199, 201, 299, 500, 65'535}) {
    listener server(settings());
    server.feed(GetParam().said);
    server.peer.handle_verdict({.status = static_cast<std::uint16_t>(status)});
    server.feed(GetParam().then);
    EXPECT_EQ(server.failure, errc::authentication_failed) << status;
    EXPECT_THAT(server.log, Not(Contains(StartsWith("handshake"))));
  }
}

TEST_P(verdict_about, that_nobody_has_asked_for_counts_for_nothing) {
  for (std::size_t size = 0; size < GetParam().said.size(); ++size) {
    listener server(settings());
    server.feed(GetParam().said.substr(0, size));
    server.peer.handle_verdict({});
    server.drain();
    EXPECT_FALSE(server.peer.ready());
    EXPECT_THAT(server.log, IsEmpty());
    server.feed(GetParam().said.substr(size));
    EXPECT_THAT(server.log, ElementsAre(GetParam().claim)) << size;
  }
}

TEST_P(verdict_about, the_first_counts) {
  apply();
  decide();
  decide({.status = 400});
  server_.feed(GetParam().then);
  decide({.status = 400});
  EXPECT_THAT(server_.log, ElementsAre(StartsWith("handshake")));
  listener denied_one(settings());
  denied_one.feed(GetParam().said);
  denied_one.peer.handle_verdict({.status = 400});
  denied_one.peer.handle_verdict({});
  denied_one.drain();
  denied_one.feed(GetParam().then);
  EXPECT_THAT(denied_one.log, ElementsAre(GetParam().claim, StartsWith("failed")));
}

TEST_P(verdict_about, comes_too_late_for_who_has_gone) {
  apply();
  server_.close();
  EXPECT_THAT(server_.log, ElementsAre(HasSubstr("peer_disconnected")));
  EXPECT_THAT(server_.detail, HasSubstr("waiting for the verdict about it"));
  decide();
  server_.feed(GetParam().then + frame("late"));
  EXPECT_EQ(server_.log.size(), 1U);
  EXPECT_FALSE(server_.peer.ready());
}

TEST_P(verdict_about, must_come_within_the_time_of_the_handshake) {
  config limited = settings();
  limited.handshake_timeout = 10s;
  listener server(limited, time_point{} + 100s);
  server.feed(GetParam().said);
  EXPECT_EQ(server.peer.next_timeout(), time_point{} + 110s);
  server.peer.handle_timeout(time_point{} + 110s);
  server.peer.handle_verdict({});
  server.drain();
  EXPECT_THAT(server.log, ElementsAre(GetParam().claim, StartsWith("failed handshake_timeout")));
}

TEST_P(verdict_about, who_goes_on_talking_while_it_is_waited_for_is_stopped_by_a_limit) {
  config limited = settings();
  limited.limits.max_handshake_size = 2000;
  listener server(limited);
  server.feed(GetParam().said + GetParam().then);
  for (int i = 0; i < 5; ++i) server.feed(frame(std::string(998, 'x')));
  EXPECT_THAT(server.log, ElementsAre(GetParam().claim, StartsWith("failed limit_reached")));
  EXPECT_EQ(server.peer.unread_bytes() + server.peer.pending_bytes(), 0U);
}

constexpr auto name_of_case = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(peer, verdict_about, ::testing::ValuesIn(applicants()), name_of_case);

TEST(verdict, what_it_says_counts_and_not_what_the_peer_says_of_itself_in_other_letters) {
  config settings = secured(no_security{}, true);
  settings.authenticates = true;
  listener server(settings);
  server.feed(greeting() + ready("DEALER", property("ROLE", "admin") + property("X-Own", "value")));
  server.peer.handle_verdict({.metadata = {{"Role", "clerk"}}});
  server.drain();
  EXPECT_THAT(server.who.metadata,
              ElementsAre(::testing::Pair("Role", "clerk"), ::testing::Pair("Socket-Type", "DEALER"),
                          ::testing::Pair("X-Own", "value")));
}

// -- mechanisms that do not go together

TEST(mechanism, a_secured_side_talks_to_nobody_of_before_ZMTP_3) {
  const std::string signature = "\xff\0\0\0\0\0\0\0\1\x7f"s;
  for (const security_mechanism& how :
       std::vector<security_mechanism>{plain_server{}, plain_client{"joe", "secret"}}) {
    for (const std::string& said :
         {signature + "\1\5"s + "\0\3bob"s, signature + "\0\5"s + "\4\0bob"s, "\4\0bob"s}) {
      for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
        listener side(secured(how, true));
        side.feed_in_pieces(said + frame("hi"), piece);
        side.peer.handle_verdict({});
        side.drain();
        EXPECT_THAT(side.log, ElementsAre(StartsWith("failed mechanism_mismatch")));
        EXPECT_THAT(side.detail, HasSubstr("before 3.0"));
        EXPECT_THAT(side.sent, Not(HasSubstr("secret")));
      }
    }
  }
}

TEST(mechanism, sides_with_different_ones_say_so_and_nothing_else) {
  const std::vector<security_mechanism> all{no_security{}, plain_server{}, plain_client{"joe", "secret"}};
  for (const security_mechanism& one : all) {
    for (const std::string_view other : {"NULL", "PLAIN", "CURVE", "GSSAPI", "plain", "PLAINX", ""}) {
      listener side(secured(one, true));
      side.feed(greeting(3, 1, other));
      const bool is_same = other == (std::holds_alternative<no_security>(one) ? "NULL" : "PLAIN");
      EXPECT_EQ(side.failure == errc::mechanism_mismatch, !is_same) << other;
      if (!is_same) {
        EXPECT_THAT(side.sent, Not(HasSubstr("secret")));
      }
    }
  }
}

TEST(mechanism, two_servers_notice_that_neither_will_begin) {
  secured_pair servers(plain_server{}, plain_server{});
  servers.shake_hands();
  for (const listener* each : {&servers.server, &servers.client}) {
    EXPECT_THAT(each->log, ElementsAre(StartsWith("failed mechanism_mismatch: both sides are servers")));
  }
}

TEST(mechanism, every_bit_of_its_name_counts) {
  for (std::size_t at = 12; at < 32; ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string said = greeting(3, 1, "PLAIN");
      said[at] = static_cast<char>(said[at] ^ (1 << bit));
      listener server(secured(plain_server{}, true));
      server.feed(said + command("HELLO", "\3joe\6secret"));
      EXPECT_THAT(server.log, ElementsAre(StartsWith("failed mechanism_mismatch"))) << at << ' ' << bit;
    }
  }
}

}  // namespace
}  // namespace monocoque::zmtp
