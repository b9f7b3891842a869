#include "zmtp/connection.hpp"
#include "zmtp/connection_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What a peer may do wrong: each ends in one `failed` with a code and a detail that says what it was.
namespace monocoque::zmtp {
namespace {

using namespace zmtp::testing;
using ::testing::HasSubstr;

struct wrong_input {
  std::string_view name;
  std::string input;
  errc code;
  std::string_view detail;
};
void PrintTo(const wrong_input& wrong, std::ostream* out) { *out << wrong.name; }

class hostile_peer : public ::testing::TestWithParam<wrong_input> {};

zmtp::limits tight() {
  zmtp::limits allowed;
  allowed.max_frame_size = 1000;
  allowed.max_message_size = 1500;
  allowed.max_frames = 4;
  allowed.max_command_size = 100;
  allowed.max_metadata_size = 600;
  return allowed;
}

TEST_P(hostile_peer, is_refused_with_the_reason_however_its_bytes_are_split) {
  const wrong_input& wrong = GetParam();
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{7}}) {
    config settings = listener::settings_for(socket_type::xpub);
    settings.limits = tight();
    listener server(settings);
    server.feed_in_pieces(wrong.input, piece);
    EXPECT_EQ(server.failure, wrong.code) << server.detail;
    EXPECT_THAT(server.detail, HasSubstr(wrong.detail));
    EXPECT_TRUE(server.peer.has_failed());
    EXPECT_FALSE(server.peer.ready());
    EXPECT_EQ(server.peer.pending_bytes(), 0U);
    const std::size_t lines = server.log.size();
    server.feed(wrong.input);
    server.close();
    EXPECT_EQ(server.log.size(), lines) << "nothing may follow a failure";
  }
}

std::string up_to_traffic() { return greeting() + ready("XSUB"); }

std::vector<wrong_input> in_greeting() {
  std::string bad_end = greeting();
  bad_end[9] = 0x7d;
  std::string unpadded = greeting(3, 1, "NULL");
  unpadded[20] = 'x';
  return {
      {"http", "GET / HTTP/1.1\r\n\r\n", errc::bad_greeting, "0x47 0x45"},
      {"tls", "\x16\x03\x01\x02\x00\x01"s, errc::bad_greeting, "neither a ZMTP signature"},
      {"zeros", std::string(64, '\0'), errc::bad_greeting, "0x00 0x00"},
      {"signature_end", bad_end, errc::bad_greeting, "0x7d"},
      {"long_identity_too_long", "\xff\0\0\0\0\0\0\2\0\0"s, errc::bad_greeting, "neither"},
      {"curve", greeting(3, 1, "CURVE"), errc::mechanism_mismatch, "\"CURVE\", this side \"NULL\""},
      {"lower_case_null", greeting(3, 0, "null"), errc::mechanism_mismatch, "\"null\""},
      {"no_mechanism", greeting(3, 0, ""), errc::mechanism_mismatch, "\"\""},
      {"null_prefix", greeting(3, 0, "NULLX"), errc::mechanism_mismatch, "\"NULLX\""},
      {"dirty_padding", unpadded, errc::mechanism_mismatch, "\"NULL????x"},
      {"v2_type", "\xff\0\0\0\0\0\0\0\1\x7f\1\x4d"s, errc::socket_type_mismatch,
       "number 77 is no socket type"},
      {"v2_pair", "\xff\0\0\0\0\0\0\0\1\x7f\1\7"s, errc::socket_type_mismatch, "PULL cannot talk to XPUB"},
  };
}

std::vector<wrong_input> in_handshake() {
  const std::string g = greeting();
  return {
      {"message_first", g + frame("hello"), errc::bad_frame, "message frame before the handshake is done"},
      {"ping_first", g + command("PING", "\0\0"sv), errc::unexpected_command, "PING in the handshake"},
      {"subscribe_first", g + command("SUBSCRIBE"), errc::unexpected_command, "SUBSCRIBE in the handshake"},
      {"empty_command", g + frame("", 4), errc::bad_command, "without a name"},
      {"empty_name", g + frame("\0x"sv, 4), errc::bad_command, "empty name"},
      {"name_cut", g + frame("\x09READY"sv, 4), errc::bad_command, "cut off in its name"},
      {"illegal_pair", g + ready("PULL"), errc::socket_type_mismatch, "PULL cannot talk to XPUB"},
      {"unknown_type", g + ready("FOO\n"), errc::socket_type_mismatch, "FOO? is no socket type"},
      {"truncated_ready", g + command("READY", "\x0bSocket-Type\0\0\0\x04SU"sv), errc::bad_metadata,
       "Socket-Type"},
      {"empty_property", g + command("READY", "\0\0\0\0\0"sv), errc::bad_metadata, "empty name"},
      {"twice", g + ready("XSUB", property("socket-TYPE", "SUB")), errc::bad_metadata, "given twice"},
      {"identity", g + ready("SUB", property("Identity", std::string(256, 'i'))), errc::bad_metadata,
       "256 bytes"},
      {"metadata", g + ready("SUB", property("X", std::string(600, 'x'))), errc::metadata_too_large,
       "command of"},
      {"huge_ready", g + "\6\x7f\xff\xff\xff\xff\xff\xff\xff"s, errc::metadata_too_large, "at most 606"},
      {"refusal", g + command("ERROR", "\3no\x07"sv), errc::refused_by_peer, "no?"},
      {"refusal_cut", g + command("ERROR", "\x20no"sv), errc::bad_command, "cut off in its reason"},
      {"refusal_empty", g + command("ERROR"), errc::bad_command, "without a reason"},
  };
}

std::vector<wrong_input> in_traffic() {
  const std::string t = up_to_traffic();
  const std::string ok = frame("fine");
  return {
      {"reserved_bits", t + ok + "\xf8\0"s, errc::bad_frame, "reserved flag bits 0xf8 in frame header"},
      {"one_reserved_bit", t + "\x09\0"s, errc::bad_frame, "reserved flag bits 0x08"},
      {"command_with_more", t + "\5\1x"s, errc::bad_frame, "command frame with the MORE flag"},
      {"frame_over_limit", t + ok + frame(std::string(1001, 'x')), errc::frame_too_large,
       "frame of 1001 bytes"},
      {"2_to_the_63", t + "\2\x80\0\0\0\0\0\0\0"s, errc::frame_too_large, "2^63"},
      {"all_ones", t + "\3\xff\xff\xff\xff\xff\xff\xff\xff"s, errc::frame_too_large, "2^63"},
      {"huge_frame", t + "\2\x10\0\0\0\0\0\0\0"s, errc::frame_too_large, "at most 1000"},
      {"message_over_limit", t + frame(std::string(800, 'x'), 1) + frame(std::string(800, 'y')),
       errc::message_over_limit, "more than 1500 bytes"},
      {"too_many_frames", t + frame("", 1) + frame("", 1) + frame("", 1) + frame("", 1) + frame(""),
       errc::message_over_limit, "more than 4 frames"},
      {"command_over_limit", t + command("SUBSCRIBE", std::string(91, 's')), errc::frame_too_large,
       "command of 101 bytes; at most 100"},
      {"nameless_command", t + frame("", 4), errc::bad_command, "without a name"},
      {"ping_cut", t + command("PING", "\0"sv), errc::bad_command, "time to live"},
      {"ready_again", t + ready("XSUB"), errc::unexpected_command, "READY after the handshake"},
      {"late_refusal", t + command("ERROR", "\4gone"), errc::refused_by_peer, "gone"},
      {"bits_inside_a_message", t + frame("a", 1) + "\x10"s, errc::bad_frame, "0x10"},
  };
}

std::vector<wrong_input> from_old_peers() {
  const std::string v2 = "\xff\0\0\0\0\0\0\0\1\x7f\1\2"s;
  return {
      {"v2_command", v2 + "\0\0"s + command("PING", "\0\0"sv), errc::bad_frame, "ZMTP 2.0"},
      {"v2_long_identity", v2 + frame(std::string(256, 'i')), errc::frame_too_large, "at most 255"},
      {"v2_two_identities", v2 + frame("", 1) + frame(""), errc::message_over_limit, "more than 1 frames"},
      {"v1_empty_frame", "\1\0\3\0hi\0"s, errc::bad_frame, "length 0"},
      {"v1_huge", "\1\0\xff\x10\0\0\0\0\0\0\0\0"s, errc::frame_too_large, "at most 1000"},
      {"v1_all_ones", "\1\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"s, errc::frame_too_large, "2^63"},
  };
}

constexpr auto name_of_case = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(greeting, hostile_peer, ::testing::ValuesIn(in_greeting()), name_of_case);
INSTANTIATE_TEST_SUITE_P(handshake, hostile_peer, ::testing::ValuesIn(in_handshake()), name_of_case);
INSTANTIATE_TEST_SUITE_P(traffic, hostile_peer, ::testing::ValuesIn(in_traffic()), name_of_case);
INSTANTIATE_TEST_SUITE_P(old_peer, hostile_peer, ::testing::ValuesIn(from_old_peers()), name_of_case);

TEST(hostile_peer, gets_an_error_command_that_says_why_it_was_refused) {
  listener server(socket_type::pub);
  server.feed(greeting() + ready("PUSH"));
  const std::string reason = "PUSH cannot talk to PUB";
  EXPECT_THAT(server.sent, ::testing::EndsWith(command("ERROR", static_cast<char>(reason.size()) + reason)));
  EXPECT_THAT(server.sent, ::testing::Not(HasSubstr("READY")));
}

TEST(hostile_peer, what_came_before_the_breach_is_delivered) {
  ready_listener server(socket_type::pull, "PUSH");
  server.feed(frame("a") + frame("b", 1) + frame("c") + "\xf0"s + frame("never"));
  EXPECT_THAT(server.log, ::testing::ElementsAre("message [a]", "message [b][c]", HasSubstr("bad_frame")));
}

TEST(hostile_peer, leaving_early_is_told_apart_by_the_detail) {
  listener silent(socket_type::pull);
  silent.close();
  EXPECT_EQ(silent.failure, errc::peer_disconnected);
  EXPECT_THAT(silent.detail, HasSubstr("its greeting, of which 0 bytes"));
  listener before_ready(socket_type::pull);
  before_ready.feed(greeting());
  before_ready.close();
  EXPECT_THAT(before_ready.detail, HasSubstr("waiting for its NULL handshake"));
  for (const std::string& cut : {"\0"s, "\0\5ab"s, frame("a", 1)}) {
    ready_listener inside(socket_type::pull, "PUSH");
    inside.feed(frame("whole") + cut);
    inside.close();
    EXPECT_EQ(inside.failure, errc::peer_disconnected);
    EXPECT_THAT(inside.detail,
                HasSubstr("in the middle of a message, of which " + std::to_string(cut.size())));
    EXPECT_EQ(inside.log.size(), 2U);
  }
  ready_listener between(socket_type::pull, "PUSH");
  between.feed(frame("whole"));
  between.close();
  EXPECT_EQ(between.detail, "closed by the peer");
}

TEST(hostile_peer, trickling_octets_does_not_move_the_handshake_deadline) {
  const time_point start{std::chrono::seconds(100)};
  config settings = listener::settings_for(socket_type::rep);
  settings.handshake_timeout = std::chrono::seconds(30);
  listener server(settings, start);
  const std::string all = greeting() + ready("REQ");
  for (int second = 0; second < 29; ++second) {
    server.feed(all.substr(static_cast<std::size_t>(second), 1));
    server.peer.handle_timeout(start + std::chrono::seconds(second));
    ASSERT_FALSE(server.peer.has_failed());
  }
  server.peer.handle_timeout(start + std::chrono::seconds(30));
  server.drain();
  EXPECT_EQ(server.failure, errc::handshake_timeout);
  EXPECT_EQ(server.detail, "waiting for its greeting, of which 29 bytes had come");
}

TEST(hostile_peer, our_own_bad_settings_are_an_error_too) {
  config settings;
  settings.routing_id = bytes::copy(std::string(256, 'x'));
  EXPECT_EQ(listener(settings).failure, errc::invalid_argument);
  settings.routing_id = {};
  for (const std::string& name : {""s, std::string(256, 'n'), "identity"s}) {
    settings.metadata = {{name, "value"}};
    listener own(settings);
    EXPECT_EQ(own.failure, errc::invalid_argument);
    EXPECT_TRUE(own.sent.empty());
  }
}

}  // namespace
}  // namespace monocoque::zmtp
