#include "zmtp/mechanism/curve_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

/// What a peer that has been let in, and has the keys, may do wrong; and one that is on the way and has none.
namespace monocoque::zmtp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

limits tight() {
  limits allowed;
  allowed.max_frame_size = 1000;
  allowed.max_message_size = 1500;
  allowed.max_frames = 4;
  allowed.max_command_size = 100;
  return allowed;
}

/// A server of ours that has let in a client written by hand; its log is empty.
struct open_line {
  explicit open_line(socket_type own = socket_type::dealer, const limits& allowed = tight()) {
    config settings = secured(keys.server(), true, own);
    settings.limits = allowed;
    server = std::make_unique<listener>(settings);
    server->feed(greeting(3, 1, "CURVE") + client.hello());
    EXPECT_TRUE(client.take_welcome(std::string_view(server->take_sent()).substr(64)));
    server->feed(client.initiate(property("Socket-Type", own == socket_type::pub ? "SUB" : "DEALER")));
    server->peer.handle_verdict({});
    server->drain();
    EXPECT_TRUE(server->peer.ready()) << server->detail;
    server->log.clear();
    server->sent.clear();
  }
  /// A message with such a number, flags and payload in its box.
  [[nodiscard]] std::string sealed(std::uint64_t number, std::string_view plain,
                                   std::uint8_t flags = 0) const {
    return message_frame(client.key(), "CurveZMQMESSAGEC", number, plain, flags);
  }

  curve_sides keys;
  std::unique_ptr<listener> server;
  handmade_client client{keys.client()};
};

struct wrong_traffic {
  std::string_view name;
  std::string (*said)(const open_line& line);
  errc code;
  std::string_view detail;
};
void PrintTo(const wrong_traffic& wrong, std::ostream* out) { *out << wrong.name; }

class curve_traffic_breach : public ::testing::TestWithParam<wrong_traffic> {};

TEST_P(curve_traffic_breach, ends_the_connection_wherever_it_is_split_and_what_came_before_is_delivered) {
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{7}, std::size_t{35}}) {
    for (const bool is_first : {true, false}) {
      open_line line;
      const std::string ok = is_first ? "" : line.sealed(2 + 1, "\0fine"sv);
      line.client.next_number = is_first ? 3 : 4;
      line.server->feed_in_pieces(ok + GetParam().said(line), piece);
      EXPECT_EQ(line.server->failure, GetParam().code) << line.server->detail;
      EXPECT_THAT(line.server->detail, HasSubstr(GetParam().detail));
      EXPECT_EQ(line.server->peer.pending_bytes(), 0U);
      line.server->feed(line.client.message("never"));
      line.server->close();
      if (!is_first) {
        EXPECT_EQ(line.server->log.front(), "message [fine]");
      }
      EXPECT_EQ(line.server->log.size(), is_first ? 1U : 2U) << ::testing::PrintToString(line.server->log);
      EXPECT_THAT(line.server->sent, IsEmpty()) << "who is on the way learns nothing";
    }
  }
}

constexpr auto next = [](const open_line& line) { return line.client.next_number; };

std::vector<wrong_traffic> of_numbers() {
  using enum errc;
  return {
      {"the_same", [](const open_line& l) { return l.sealed(next(l) - 1, "\0x"sv); }, decryption_failed,
       "repeated"},
      {"that_of_INITIATE", [](const open_line& l) { return l.sealed(2, "\0x"sv); }, decryption_failed,
       "repeated"},
      {"zero", [](const open_line& l) { return l.sealed(0, "\0x"sv); }, decryption_failed, "number 0"},
      {"one_left_out", [](const open_line& l) { return l.sealed(next(l) + 1, "\0x"sv); }, decryption_failed,
       "left out"},
      {"the_last", [](const open_line& l) { return l.sealed(UINT64_MAX, "\0x"sv); }, decryption_failed,
       "number 18446744073709551615"},
      {"another_than_it_was_sealed_with",
       [](const open_line& l) { return l.sealed(next(l) + 1, "\0x"sv).replace(10, 8, number_text(next(l))); },
       decryption_failed, "cannot be opened"},
  };
}

std::vector<wrong_traffic> of_boxes() {
  using enum errc;
  return {
      {"of_a_server",
       [](const open_line& l) { return message_frame(l.client.key(), "CurveZMQMESSAGES", next(l), "\0x"sv); },
       decryption_failed, "cannot be opened"},
      {"with_the_prefix_of_INITIATE",
       [](const open_line& l) { return message_frame(l.client.key(), "CurveZMQINITIATE", next(l), "\0x"sv); },
       decryption_failed, "cannot be opened"},
      {"of_the_long_term_keys",
       [](const open_line& l) {
         return message_frame(raw::shared_key(l.client.server, l.client.own_secret), "CurveZMQMESSAGEC",
                              next(l), "\0x"sv);
       },
       decryption_failed, "cannot be opened"},
      {"of_zeros",
       [](const open_line& l) { return frame("\7MESSAGE" + number_text(next(l)) + std::string(40, '\0')); },
       decryption_failed, "cannot be opened"},
      {"without_flags", [](const open_line& l) { return l.sealed(next(l), ""); }, bad_command,
       "frame of 32 bytes"},
      {"empty_frame", [](const open_line&) { return frame(""); }, bad_command, "frame of 0 bytes"},
      {"nothing_but_a_name", [](const open_line&) { return frame("\7MESSAGE"); }, bad_command,
       "frame of 8 bytes"},
      {"bit_2", [](const open_line& l) { return l.sealed(next(l), "\x04x"); }, bad_frame, "0x04"},
      {"bit_3", [](const open_line& l) { return l.sealed(next(l), "\x08x"); }, bad_frame, "0x08"},
      {"bit_7_of_a_short_one", [](const open_line& l) { return l.sealed(next(l), "\x80"); }, bad_frame,
       "0x80"},
      {"all_bits", [](const open_line& l) { return l.sealed(next(l), "\xffx"); }, bad_frame, "0xff"},
      {"a_command_with_more", [](const open_line& l) { return l.sealed(next(l), "\x03\1x"); }, bad_frame,
       "command frame with the MORE flag"},
  };
}

std::vector<wrong_traffic> of_frames() {
  using enum errc;
  return {
      {"more_outside", [](const open_line& l) { return l.sealed(next(l), "\0x"sv, 1); }, bad_frame,
       "flags 0x01"},
      {"a_reserved_bit_outside", [](const open_line& l) { return l.sealed(next(l), "\0x"sv, 8); }, bad_frame,
       "flags 0x08"},
      {"all_bits_outside", [](const open_line& l) { return l.sealed(next(l), "\0x"sv, 0xfd); }, bad_frame,
       "flags 0xfd"},
      {"a_long_header_of_something_short", [](const open_line&) { return "\2\0\0\0\0\0\0\0\40"s; },
       bad_command, "frame of 32 bytes"},
      {"2_to_the_63", [](const open_line&) { return "\2\x80\0\0\0\0\0\0\0"s; }, frame_too_large,
       "at most 1000"},
      {"all_ones", [](const open_line&) { return "\2\xff\xff\xff\xff\xff\xff\xff\xff"s; }, frame_too_large,
       "at most 1000"},
      {"over_the_limit", [](const open_line& l) { return l.sealed(next(l), std::string(1002, '\0')); },
       frame_too_large, "frame of 1001 bytes"},
      {"announced_over_the_limit", [](const open_line&) { return "\2\0\0\0\0\0\0\4\x0a"s; }, frame_too_large,
       "frame of 1001 bytes"},
      {"a_message_in_clear", [](const open_line&) { return frame("in clear"); }, bad_command,
       "too short for a CURVE"},
      {"a_long_message_in_clear", [](const open_line&) { return frame(std::string(300, 'x')); }, bad_command,
       "no CURVE MESSAGE"},
      {"MESSAGE_in_other_letters",
       [](const open_line& l) { return l.sealed(next(l), "\0x"sv).replace(3, 1, "m"); }, bad_command,
       "no CURVE MESSAGE"},
      {"PING_in_clear", [](const open_line&) { return command("PING", "\0\0"s + std::string(30, 'p')); },
       bad_command, "no CURVE MESSAGE"},
      {"ERROR_in_clear", [](const open_line&) { return command("ERROR", "\3no!"); }, bad_command,
       "too short"},
      {"long_ERROR_in_clear", [](const open_line&) { return command("ERROR", "\50" + std::string(40, 'e')); },
       bad_command, "no CURVE MESSAGE"},
      {"READY_in_clear", [](const open_line&) { return ready("DEALER", std::string(9, 'x')); }, bad_command,
       "no CURVE MESSAGE"},
  };
}

std::vector<wrong_traffic> of_contents() {
  using enum errc;
  return {
      {"a_command_over_the_limit",
       [](const open_line& l) { return l.sealed(next(l), "\2\4PING" + std::string(96, 'p')); },
       frame_too_large, "command of 101 bytes"},
      {"a_command_without_a_name", [](const open_line& l) { return l.sealed(next(l), "\2"); }, bad_command,
       "without a name"},
      {"READY_again", [](const open_line& l) { return l.sealed(next(l), "\2\5READY"); }, unexpected_command,
       "READY after the handshake"},
      {"ERROR", [](const open_line& l) { return l.sealed(next(l), "\2\5ERROR\4gone"); }, refused_by_peer,
       "gone"},
      {"too_many_frames",
       [](const open_line& l) {
         std::string all;
         for (std::uint64_t i = 0; i < 5; ++i) all += l.sealed(next(l) + i, "\1");
         return all;
       },
       message_over_limit, "more than 4 frames"},
      {"a_message_over_the_limit",
       [](const open_line& l) {
         return l.sealed(next(l), "\1" + std::string(900, 'a')) +
                l.sealed(next(l) + 1, "\1" + std::string(900, 'b'));
       },
       message_over_limit, "more than 1500 bytes"},
  };
}

constexpr auto name_of_case = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(number, curve_traffic_breach, ::testing::ValuesIn(of_numbers()), name_of_case);
INSTANTIATE_TEST_SUITE_P(box, curve_traffic_breach, ::testing::ValuesIn(of_boxes()), name_of_case);
INSTANTIATE_TEST_SUITE_P(frame, curve_traffic_breach, ::testing::ValuesIn(of_frames()), name_of_case);
INSTANTIATE_TEST_SUITE_P(content, curve_traffic_breach, ::testing::ValuesIn(of_contents()), name_of_case);

TEST(curve_traffic, a_message_of_every_short_size_of_frame_is_no_message) {
  for (std::size_t size = 0; size < 33; ++size) {
    open_line line;
    line.server->feed(frame(line.sealed(3, "\0x"sv).substr(2, size)));
    EXPECT_EQ(line.server->failure, errc::bad_command) << size;
    EXPECT_EQ(line.server->log.size(), 1U);
  }
}

TEST(curve_traffic, nothing_is_allocated_for_what_is_only_announced) {
  for (const std::uint64_t announced :
       {std::uint64_t{1} << 20, std::uint64_t{1} << 40, std::uint64_t{1} << 62}) {
    open_line line(socket_type::dealer, {});
    std::string said = "\2" + number_text(announced) + "\7MESSAGE" + number_text(3);
    line.server->feed(said);
    EXPECT_EQ(line.server->peer.pending_bytes(), said.size());
    EXPECT_THAT(line.server->peer.direct_room(), IsEmpty());
    // What may be read into grows with what has come.
    std::size_t come = said.size();
    for (const std::size_t size : {20'000U, 100'000U, 500'000U}) {
      line.server->feed(std::string(size, 'x'));
      come += size;
      EXPECT_EQ(line.server->peer.pending_bytes(), come);
      EXPECT_LE(line.server->peer.direct_room().size(), 2 * come);
    }
    EXPECT_THAT(line.server->log, IsEmpty());
    line.server->close();
    EXPECT_EQ(line.server->failure, errc::peer_disconnected);
    EXPECT_EQ(line.server->peer.pending_bytes(), 0U);
  }
}

TEST(curve_traffic, an_unfinished_message_over_the_limit_of_such_is_given_up) {
  limits allowed;
  allowed.max_unfinished_size = 1000;
  open_line line(socket_type::dealer, allowed);
  line.server->feed("\2" + number_text(100'000) + std::string(900, 'x'));
  EXPECT_THAT(line.server->log, IsEmpty());
  line.server->feed(std::string(200, 'x'));
  EXPECT_EQ(line.server->failure, errc::limit_reached);
}

TEST(curve_traffic, a_forged_large_frame_that_is_read_into_its_own_memory_is_not_delivered) {
  for (const bool forged : {false, true}) {
    open_line line(socket_type::dealer, {});
    std::string said = line.sealed(3, std::string(1, '\0') + std::string(300'000, 'y'));
    if (forged) said[200'000] ^= 1;
    line.server->feed(said.substr(0, 20'000));
    for (std::size_t at = 20'000; at < said.size();) {
      const auto room = line.server->peer.direct_room();
      ASSERT_FALSE(room.empty());
      std::memcpy(room.data(), said.data() + at, room.size());
      line.server->peer.handle_direct(room.size());
      at += room.size();
      line.server->drain();
    }
    if (forged) {
      EXPECT_THAT(line.server->log, ElementsAre(HasSubstr("decryption_failed")));
    } else {
      EXPECT_THAT(line.server->log, ElementsAre("message [" + std::string(300'000, 'y') + "]"));
    }
  }
}

TEST(curve_traffic, MESSAGE_may_come_as_a_command_and_with_a_long_header) {
  open_line line;
  std::string long_one = line.sealed(4, "\0b"sv);
  long_one.replace(0, 2, "\6" + number_text(long_one.size() - 2));
  line.server->feed(line.sealed(3, "\0a"sv, base::wire::flag_command) + long_one);
  EXPECT_THAT(line.server->log, ElementsAre("message [a]", "message [b]"));
}

TEST(curve_traffic, commands_in_boxes_do_what_they_do_in_clear) {
  open_line line(socket_type::pub);
  line.server->feed(line.sealed(3, "\2\4PING\0\1ctx"sv) + line.sealed(4, "\2\11SUBSCRIBEtopic"sv) +
                    line.sealed(5, "\2\4WHAT?"sv) + line.sealed(6, "\2\6CANCELtopic"sv));
  EXPECT_THAT(line.server->log, ElementsAre("subscribe topic", "cancel topic"));
  EXPECT_EQ(line.server->sent, command("PONG", "ctx")) << "which the form puts into a box";
  EXPECT_EQ(line.server->peer.peer_ttl(), std::chrono::milliseconds(100));
}

TEST(curve_traffic, a_command_between_the_frames_of_a_message_is_taken_out_of_it) {
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
    open_line line;
    line.server->feed_in_pieces(
        line.sealed(3, "\1one"sv) + line.sealed(4, "\2\4PONGctx"sv) + line.sealed(5, "\0two"sv), piece);
    EXPECT_THAT(line.server->log, ElementsAre("pong ctx", "message [one][two]"));
  }
}

TEST(curve_traffic, leaving_in_the_middle_of_a_frame_or_a_message_is_told_apart) {
  open_line inside;
  inside.server->feed(inside.sealed(3, "\0whole"sv).substr(0, 20));
  inside.server->close();
  EXPECT_THAT(inside.server->detail, HasSubstr("in the middle of a message, of which 20 bytes"));
  open_line between;
  between.server->feed(between.sealed(3, "\1half"sv));
  between.server->close();
  EXPECT_THAT(between.server->detail, HasSubstr("in the middle of a message"));
  EXPECT_THAT(between.server->log, ElementsAre(HasSubstr("peer_disconnected")));
}

}  // namespace
}  // namespace monocoque::zmtp
