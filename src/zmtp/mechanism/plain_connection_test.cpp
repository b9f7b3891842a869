#include "zmtp/mechanism/security_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace monocoque::zmtp {
namespace {

using namespace testing;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const plain_client joe{.username = "joe", .password = "secret"};

std::string text(std::string_view of) {
  return std::string(1, static_cast<char>(of.size())) + std::string(of);
}
std::string hello(std::string_view username, std::string_view password) {
  return command("HELLO", text(username) + text(password));
}
const std::string initiate = command("INITIATE", property("Socket-Type", "DEALER"));

/// A server that has been greeted.
struct greeted_server : listener {
  explicit greeted_server(config settings = secured(plain_server{}, true)) : listener(std::move(settings)) {
    feed(greeting(3, 1, "PLAIN"));
    sent.clear();
  }
  void decide(verdict decided = {}) {
    peer.handle_verdict(std::move(decided));
    drain();
  }
};
/// A client that has been greeted, and has said HELLO.
struct greeted_client : listener {
  greeted_client() : listener(secured(joe, false)) {
    feed(greeting(3, 1, "PLAIN"));
    said = take_sent().substr(64);
  }
  std::string said;
};

TEST(plain_connection, a_client_that_is_let_in_talks) {
  for (const bool server_accepts : {true, false}) {
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{7}}) {
      secured_pair both(plain_server{}, joe, server_accepts);
      both.shake_hands({.user_id = "joe", .metadata = {{"role", "clerk"}}}, piece);
      EXPECT_THAT(both.server.log, ElementsAre("claim PLAIN joe:secret ", "handshake DEALER 3.1 id="));
      EXPECT_THAT(both.client.log, ElementsAre("handshake DEALER 3.1 id="));
      EXPECT_EQ(both.server.who.user_id, "joe");
      EXPECT_EQ(both.server.who.metadata.at("role"), "clerk");
      EXPECT_EQ(both.client.who.user_id, "");
      both.server.feed(both.client.in_its_form(frame("in clear")));
      EXPECT_EQ(both.server.log.back(), "message [in clear]");
    }
  }
}

TEST(plain_connection, names_and_passwords_may_have_any_octets_and_0_to_255_of_them) {
  for (const std::string& word : {std::string(), std::string(1, '\0'), std::string(255, '\xff')}) {
    secured_pair both(plain_server{}, plain_client{word, word});
    both.shake_hands();
    EXPECT_EQ(both.server.log.front(), "claim PLAIN " + word + ':' + word + ' ');
    EXPECT_TRUE(both.client.peer.ready());
  }
}

TEST(plain_connection, nothing_is_said_before_the_verdict_and_nothing_taken) {
  greeted_server server;
  server.feed(hello("joe", "secret") + initiate + frame("early"));
  EXPECT_THAT(server.log, ElementsAre("claim PLAIN joe:secret "));
  EXPECT_THAT(server.sent, IsEmpty());
  EXPECT_FALSE(server.peer.ready());
  server.decide();
  EXPECT_THAT(server.log, ElementsAre(StartsWith("claim"), StartsWith("handshake"), "message [early]"));
}

TEST(plain_connection, what_was_said_too_early_is_thrown_away_with_who_is_denied) {
  greeted_server server;
  server.feed(hello("joe", "wrong") + initiate + frame("early"));
  server.decide({.status = 400, .reason = "wrong password"});
  EXPECT_THAT(server.log, ElementsAre(StartsWith("claim"), HasSubstr("authentication_failed")));
  EXPECT_EQ(server.sent, command("ERROR", text("400")));
  EXPECT_EQ(server.peer.unread_bytes(), 0U);
}

// -- what a client may do wrong

struct wrong_word {
  std::string said;
  errc code;
  std::string_view detail;
};

TEST(plain_connection, what_is_not_a_HELLO_is_refused) {
  const std::vector<wrong_word> wrong = {
      {command("HELLO"), errc::bad_command, "not a name and a password"},
      {command("HELLO", "\0"sv), errc::bad_command, "not a name and a password"},
      {command("HELLO", "\4joe"), errc::bad_command, "not a name and a password"},
      {command("HELLO", "\3joe"), errc::bad_command, "not a name and a password"},
      {command("HELLO", "\3joe\7secret"), errc::bad_command, "not a name and a password"},
      {command("HELLO", "\3joe\6secret!"), errc::bad_command, "not a name and a password"},
      {command("HELLO", "\xff" + std::string(255, 'x')), errc::bad_command, "not a name and a password"},
      {command("hello", "\3joe\6secret"), errc::unexpected_command, "where HELLO was expected"},
      {initiate, errc::unexpected_command, "command INITIATE in the handshake, where HELLO"},
      {command("WELCOME"), errc::unexpected_command, "command WELCOME in the handshake"},
      {ready("DEALER"), errc::unexpected_command, "command READY in the handshake"},
      {command("ERROR", "\3bye"), errc::refused_by_peer, "bye"},
      {frame("\5HELLO\3joe\6secret"), errc::bad_frame, "message frame before the handshake"},
      {command("HELLO", std::string(20'000, 'x')), errc::metadata_too_large, "command of"},
      {"\6\x7f\xff\xff\xff\xff\xff\xff\xff"s, errc::metadata_too_large, "command of"},
  };
  for (const auto& [said, code, detail] : wrong) {
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
      greeted_server server;
      server.feed_in_pieces(said, piece);
      server.decide();  // which nobody has asked for
      server.feed(hello("joe", "secret"));
      EXPECT_EQ(server.log.size(), 1U) << ::testing::PrintToString(server.log);
      EXPECT_EQ(server.failure, code) << server.detail;
      EXPECT_THAT(server.detail, HasSubstr(detail));
      EXPECT_THAT(server.sent, Not(HasSubstr("WELCOME")));
      EXPECT_EQ(server.peer.pending_bytes(), 0U);
    }
  }
}

TEST(plain_connection, what_is_not_an_INITIATE_is_refused_of_who_may_come_in_too) {
  const std::vector<wrong_word> wrong = {
      {hello("joe", "secret"), errc::unexpected_command, "command HELLO in the handshake, where INITIATE"},
      {hello("admin", "guess"), errc::unexpected_command, "where INITIATE"},
      {ready("DEALER"), errc::unexpected_command, "command READY"},
      {frame("early"), errc::bad_frame, "message frame before the handshake"},
      {command("ERROR", "\3bye"), errc::refused_by_peer, "bye"},
      {command("INITIATE", "\x0bSocket-Type\0\0\0\7DEALER"sv), errc::bad_metadata, "cut off"},
      {command("INITIATE", property("Socket-Type", "PULL")), errc::socket_type_mismatch, "PULL cannot talk"},
      {command("INITIATE", property("Socket-Type", "WHAT")), errc::socket_type_mismatch, "no socket type"},
      {command("INITIATE", property("X", "1") + property("x", "2")), errc::bad_metadata, "given twice"},
      {command("INITIATE", property("Identity", std::string(256, 'i'))), errc::bad_metadata, "256 bytes"},
      {command("INITIATE", property("X", std::string(16 * 1024, 'x'))), errc::metadata_too_large,
       "metadata of"},
      {command("INITIATE", property("X", std::string(20'000, 'x'))), errc::metadata_too_large, "command of"},
  };
  for (const auto& [said, code, detail] : wrong) {
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{1000}}) {
      greeted_server server;
      server.feed(hello("joe", "secret"));
      server.decide();
      server.log.clear();
      server.feed_in_pieces(said, piece);
      server.decide();
      EXPECT_EQ(server.log.size(), 1U) << ::testing::PrintToString(server.log);
      EXPECT_EQ(server.failure, code) << server.detail;
      EXPECT_THAT(server.detail, HasSubstr(detail));
      EXPECT_THAT(server.sent, Not(HasSubstr("READY\13")));
    }
  }
}

// -- what a server may do wrong

TEST(plain_connection, what_is_not_the_answer_to_HELLO_is_refused) {
  const std::vector<wrong_word> wrong = {
      {command("WELCOME", "x"), errc::bad_command, "WELCOME with data"},
      {ready("DEALER"), errc::unexpected_command, "where WELCOME"},
      {hello("", ""), errc::unexpected_command, "command HELLO"},
      {initiate, errc::unexpected_command, "command INITIATE"},
      {frame("\7WELCOME"), errc::bad_frame, "before the handshake"},
      {command("ERROR", text("400")), errc::authentication_failed, "the peer denied it (400)"},
      {command("ERROR", text("300")), errc::refused_by_peer, "(300)"},
      {command("ERROR", text("500")), errc::refused_by_peer, "(500)"},
      {command("ERROR", "\4gone"), errc::refused_by_peer, "gone"},
      {command("ERROR", "\4no"), errc::bad_command, "cut off"},
      {command("ERROR"), errc::bad_command, "without a reason"},
  };
  for (const auto& [said, code, detail] : wrong) {
    greeted_client client;
    client.feed(said + command("WELCOME") + ready("DEALER"));
    EXPECT_EQ(client.log.size(), 1U) << ::testing::PrintToString(client.log);
    EXPECT_EQ(client.failure, code) << client.detail;
    EXPECT_THAT(client.detail, HasSubstr(detail));
    EXPECT_THAT(client.sent, Not(HasSubstr("INITIATE")));
  }
}

TEST(plain_connection, what_is_not_the_answer_to_INITIATE_is_refused) {
  const std::vector<wrong_word> wrong = {
      {command("WELCOME"), errc::unexpected_command, "where READY"},
      {initiate, errc::unexpected_command, "command INITIATE"},
      {ready("PUB"), errc::socket_type_mismatch, "PUB cannot talk to DEALER"},
      {command("READY", "\0\0\0\0\0"sv), errc::bad_metadata, "empty name"},
      {frame("early"), errc::bad_frame, "before the handshake"},
      {command("ERROR", text("400")), errc::authentication_failed, "(400)"},
  };
  for (const auto& [said, code, detail] : wrong) {
    greeted_client client;
    client.feed(command("WELCOME"));
    EXPECT_THAT(client.take_sent(), HasSubstr("\10INITIATE\13Socket-Type"));
    client.feed(said + ready("DEALER") + frame("late"));
    EXPECT_EQ(client.log.size(), 1U) << ::testing::PrintToString(client.log);
    EXPECT_EQ(client.failure, code) << client.detail;
    EXPECT_THAT(client.detail, HasSubstr(detail));
  }
}

// -- changed, cut off, sent back

/// What was heard, changed, and that nothing more comes: without a verdict for anybody but joe nothing gets
/// in.
void expect_nothing_but_joe(const std::string& said, std::size_t piece) {
  greeted_server server;
  server.feed_in_pieces(said, piece);
  if (server.log == std::vector{"claim PLAIN joe:secret "s}) {
    server.decide();
  } else if (!server.log.empty() && server.log.front().starts_with("claim")) {
    server.decide({.status = 400});
    EXPECT_THAT(server.log, ElementsAre(StartsWith("claim"), StartsWith("failed authentication_failed")));
  }
  server.close();
  EXPECT_THAT(server.log.back(), StartsWith("failed"));
  EXPECT_THAT(server.failure,
              AnyOf(errc::bad_command, errc::unexpected_command, errc::bad_frame, errc::bad_metadata,
                    errc::metadata_too_large, errc::socket_type_mismatch, errc::authentication_failed,
                    errc::peer_disconnected, errc::refused_by_peer))
      << server.detail;
  EXPECT_EQ(server.peer.pending_bytes() + server.peer.unread_bytes(), 0U);
}

TEST(plain_connection, a_client_with_any_bit_changed_gets_in_as_joe_or_not_at_all) {
  const std::string said = hello("joe", "secret") + initiate + frame("hi");
  for (std::size_t at = 0; at < said.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      SCOPED_TRACE(::testing::Message() << "octet " << at << " bit " << bit);
      std::string changed = said;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) expect_nothing_but_joe(changed, piece);
    }
  }
}

TEST(plain_connection, a_client_that_breaks_off_anywhere_has_gone) {
  const std::string said = hello("joe", "secret") + initiate;
  for (std::size_t size = 0; size < said.size(); ++size) {
    greeted_server server;
    server.feed(said.substr(0, size));
    server.decide();
    server.close();
    EXPECT_EQ(server.failure, errc::peer_disconnected) << size;
    EXPECT_THAT(server.log, Not(Contains(StartsWith("handshake"))));
  }
}

TEST(plain_connection, HELLO_of_every_other_size_is_refused) {
  const std::string body = "\5HELLO\3joe\6secret";
  for (std::size_t size = 0; size < body.size() + 40; ++size) {
    if (size == body.size()) continue;
    greeted_server server;
    std::string said = body;
    said.resize(size, '\0');
    server.feed(frame(said, base::wire::flag_command));
    EXPECT_THAT(server.log, ElementsAre(StartsWith("failed bad_command"))) << size;
  }
}

TEST(plain_connection, two_of_the_same_kind_do_not_get_on) {
  secured_pair clients(joe, joe);
  clients.shake_hands();
  EXPECT_EQ(clients.server.failure, errc::unexpected_command);
  EXPECT_THAT(clients.server.detail, HasSubstr("command HELLO"));
  EXPECT_THAT(clients.server.log, Each(StartsWith("failed")));
  EXPECT_THAT(clients.client.log, Each(StartsWith("failed")));
}

TEST(plain_connection, what_one_has_said_oneself_is_refused) {
  greeted_client client;
  client.feed(client.said);
  EXPECT_THAT(client.log, ElementsAre(HasSubstr("command HELLO")));
  greeted_client welcomed;
  welcomed.feed(command("WELCOME"));
  welcomed.feed(welcomed.take_sent());
  EXPECT_THAT(welcomed.log, ElementsAre(HasSubstr("command INITIATE")));
  greeted_server server;
  server.feed(hello("joe", "secret"));
  server.decide();
  server.feed(server.take_sent());
  EXPECT_THAT(server.log.back(), HasSubstr("command WELCOME"));
}

}  // namespace
}  // namespace monocoque::zmtp
