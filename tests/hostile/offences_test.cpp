// Every way to misbehave that we could think of, by a peer that came to us and by one that we went to: its
// connection is over, an event says what it did, and every other peer goes on.

#include "tests/hostile/scene.hpp"
#include "tests/misuse/likeness.hpp"
#include "tests/socket/any_socket.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <thread>
#include <tuple>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::string_literals;
using enum errc;

enum class ending { none, half_close };

struct offence {
  std::string name;
  moment at;          // which the event tells apart: handshake_failed or disconnected
  std::string words;  // all at once
  errc reason;
  std::string detail;  // the event's
  ending then = ending::none;
};
void PrintTo(const offence& each, std::ostream* out) { *out << each.name; }

std::string up_to_traffic(std::string_view type) { return speak::greeting() + speak::ready(type); }

std::string repeated(int times, const std::string& what) {
  std::string all;
  for (int i = 0; i < times; ++i) all += what;
  return all;
}

/// ZMTP 2.0: signature, revision 1, socket type.
std::string v2_greeting(char socket_type) { return speak::greeting().substr(0, 10) + '\x01' + socket_type; }

std::vector<offence> in_greeting() {
  const auto bad = [](const std::string& name, const std::string& words, const std::string& start) {
    return offence{name, moment::handshake, words, bad_greeting,
                   "starts with " + start + ", neither a ZMTP signature nor an identity frame"};
  };
  const auto other = [](const std::string& name, const std::string& words, const std::string& wanted) {
    return offence{name, moment::handshake, words, mechanism_mismatch,
                   "the peer wants mechanism \"" + wanted + "\", this side \"NULL\""};
  };
  return {
      bad("http_request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "0x47 0x45"),
      bad("http2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "0x50 0x52"),
      bad("tls_hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, "0x16 0x03"),
      bad("ssh_banner", "SSH-2.0-OpenSSH_9.2p1\r\n", "0x53 0x53"),
      bad("smtp_banner", "220 mail.example.org ESMTP\r\n", "0x32 0x32"),
      bad("only_zeros", std::string(200, '\0'), "0x00 0x00"),
      bad("identity_frame_of_300", "\xff\0\0\0\0\0\0\x01\x2c\0"s,
          "0xff 0x00 0x00 0x00 0x00 0x00 0x00 0x01 0x2c 0x00"),
      {"bad_signature", moment::handshake, greeting_with(9, '\x7d'), bad_greeting,
       "signature ends with 0x7d instead of 0x7f"},
      {"only_ones", moment::handshake, std::string(200, '\xff'), bad_greeting,
       "signature ends with 0xff instead of 0x7f"},
      other("curve", speak::greeting(3, 1, "CURVE"), "CURVE"),
      other("plain", speak::greeting(3, 1, "PLAIN"), "PLAIN"),
      other("no_mechanism", speak::greeting(3, 1, ""), ""),
      other("lower_case_mechanism", speak::greeting(3, 0, "null"), "null"),
      other("mechanism_of_20_octets", speak::greeting(3, 1, "NULLNULLNULLNULLNULL"), "NULLNULLNULLNULLNULL"),
      other("mechanism_that_is_not_padded", greeting_with(20, 'x'), "NULL????x???????????"),
      other("mechanism_of_control_characters", speak::greeting(3, 1, "\x1b[2J\xff"), "?[2J?"),
      {"close_at_once", moment::handshake, "", peer_disconnected,
       "closed by the peer before the handshake was done, waiting for its greeting, of which 0 bytes had "
       "come",
       ending::half_close},
      {"close_in_greeting", moment::handshake, speak::greeting().substr(0, 30), peer_disconnected,
       "closed by the peer before the handshake was done, waiting for its greeting, of which 30 bytes had "
       "come",
       ending::half_close},
      {"v2_of_no_type", moment::handshake, v2_greeting('\x4d') + speak::frame(""), socket_type_mismatch,
       "number 77 is no socket type known to PULL"},
      {"v2_of_another_type", moment::handshake, v2_greeting('\x02') + speak::frame(""), socket_type_mismatch,
       "SUB cannot talk to PULL"},
      {"v2_identity_of_256", moment::handshake, v2_greeting('\x08') + speak::frame(std::string(256, 'i')),
       frame_too_large, "frame of 256 bytes; at most 255 are allowed"},
      {"v2_identity_of_two_frames", moment::handshake,
       v2_greeting('\x08') + speak::frame("", true) + speak::frame(""), message_over_limit,
       "message of more than 1 frames, the limit"},
  };
}

std::vector<offence> in_handshake() {
  const auto after_greeting = [](const std::string& name, const std::string& words, errc reason,
                                 const std::string& detail, ending then = ending::none) {
    return offence{name, moment::handshake, speak::greeting() + words, reason, detail, then};
  };
  const auto instead = [&](const std::string& name) {
    return after_greeting("command_" + name, speak::command(name, ""), unexpected_command,
                          "command " + name + " in the handshake, where READY was expected");
  };
  const auto ready = [&](const std::string& name, const std::string& properties, errc reason,
                         const std::string& detail) {
    return after_greeting("ready_with_" + name, speak::command("READY", properties), reason, detail);
  };
  const auto type = [](std::string_view name) { return speak::property("Socket-Type", name); };
  return {
      after_greeting("message_first", speak::frame("early"), bad_frame,
                     "message frame before the handshake is done"),
      after_greeting("reserved_bits", "\x84\x05xxxxx"s, bad_frame, "reserved flag bits 0x80 in frame header"),
      after_greeting("command_with_more", "\x05" + speak::ready("PUSH").substr(1), bad_frame,
                     "command frame with the MORE flag"),
      instead("HELLO"),
      instead("INITIATE"),
      instead("PING"),
      instead("SUBSCRIBE"),
      instead("ready"),
      after_greeting("no_name", "\x04\x00"s, bad_command, "command without a name"),
      after_greeting("empty_name", "\x04\x02\x00x"s, bad_command, "command with an empty name"),
      after_greeting("name_cut_off", "\x04\x03\x20HE"s, bad_command, "command cut off in its name"),
      after_greeting("close_in_ready", speak::ready("PUSH").substr(0, 12), peer_disconnected,
                     "closed by the peer before the handshake was done, waiting for its NULL handshake",
                     ending::half_close),
      ready("a_value_cut_off", type("PUSH").substr(0, 18), bad_metadata,
            "metadata cut off in the value of property Socket-Type"),
      ready("a_value_of_4_GB", "\x0bSocket-Type\xff\xff\xff\xffPUSH"s, bad_metadata,
            "metadata cut off in the value of property Socket-Type"),
      ready("a_size_cut_off", type("PUSH").substr(0, 14), bad_metadata,
            "metadata cut off in the size of property Socket-Type"),
      ready("a_name_cut_off", "\xffSocket-Type"s, bad_metadata, "metadata cut off in a property name"),
      ready("an_empty_name", type("PUSH") + speak::property("", "x"), bad_metadata,
            "property with an empty name"),
      ready("a_type_given_twice", type("PUSH") + speak::property("SOCKET-type", "PUSH"), bad_metadata,
            "property SOCKET-type given twice"),
      ready("an_identity_of_256", type("PUSH") + speak::property("Identity", std::string(256, 'i')),
            bad_metadata, "Identity of 256 bytes; at most 255 are allowed"),
      ready("an_illegal_type", type("SUB"), socket_type_mismatch, "SUB cannot talk to PULL"),
      ready("an_unknown_type", type("TELEPHONE"), socket_type_mismatch,
            "TELEPHONE is no socket type known to PULL"),
      ready("an_empty_type", type(""), socket_type_mismatch, " is no socket type known to PULL"),
      ready("a_type_of_control_characters", type("\x1b[2J"), socket_type_mismatch,
            "?[2J is no socket type known to PULL"),
      ready("much_metadata", type("PUSH") + speak::property("X-Book", std::string(17'000, 'b')),
            metadata_too_large, "command of ... bytes; at most ... are allowed"),
      after_greeting("command_of_a_terabyte", "\x06"s + speak::u64(std::uint64_t{1} << 40U),
                     metadata_too_large, "command of 1099511627776 bytes; at most ... are allowed"),
      after_greeting("command_of_2_to_the_63", "\x06"s + speak::u64(std::uint64_t{1} << 63U), frame_too_large,
                     "frame of 9223372036854775808 bytes; no frame may have 2^63 or more"),
      after_greeting("refusal", speak::command("ERROR", "\x04nope"s), refused_by_peer, "nope"),
      after_greeting("refusal_of_control_characters", speak::command("ERROR", "\x04\x1b[2J"s),
                     refused_by_peer, "?[2J"),
      after_greeting("refusal_cut_off", speak::command("ERROR", "\xffnope"s), bad_command,
                     "ERROR cut off in its reason"),
      after_greeting("refusal_without_a_reason", speak::command("ERROR", ""), bad_command,
                     "ERROR without a reason"),
      after_greeting("refusal_of_a_kilobyte", speak::command("ERROR", "\xff" + std::string(1000, 'n')),
                     refused_by_peer, std::string(255, 'n')),
      after_greeting("silence", "", handshake_timeout, "waiting for its NULL handshake"),
      {"silence_in_the_greeting", moment::handshake, speak::greeting().substr(0, 11), handshake_timeout,
       "waiting for its greeting, of which 11 bytes had come"},
      {"silence_at_once", moment::handshake, "", handshake_timeout,
       "waiting for its greeting, of which 0 bytes had come"},
      {"silence_of_a_v2_peer", moment::handshake, v2_greeting('\x08'), handshake_timeout,
       "waiting for its identity frame"},
  };
}

std::vector<offence> in_traffic() {
  const auto shaken = [](const std::string& name, const std::string& words, errc reason,
                         const std::string& detail, ending then = ending::none) {
    return offence{name, moment::traffic, up_to_traffic("PUSH") + words, reason, detail, then};
  };
  const std::string part = "\x00\x64only a part of it"s;
  const auto left = [&](const std::string& name, const std::string& words) {
    return shaken("leaves_" + name, words, peer_disconnected,
                  "closed by the peer in the middle of a message, of which " + std::to_string(words.size()) +
                      " bytes had come",
                  ending::half_close);
  };
  return {
      shaken("reserved_flag_bits", "\x08\x01x"s, bad_frame, "reserved flag bits 0x08 in frame header"),
      shaken("reserved_flag_bits_inside_a_message", speak::frame("a", true) + "\x10"s, bad_frame,
             "reserved flag bits 0x10 in frame header"),
      shaken("garbage", std::string(500, '\xee'), bad_frame, "reserved flag bits 0xe8 in frame header"),
      shaken("command_with_more", "\x05\x05\x04PING"s, bad_frame, "command frame with the MORE flag"),
      shaken("command_without_a_name", "\x04\x00"s, bad_command, "command without a name"),
      shaken("command_cut_off", "\x04\x01\xff"s, bad_command, "command cut off in its name"),
      shaken("command_over_the_limit", speak::command("SUBSCRIBE", std::string(65'536, 's')), frame_too_large,
             "command of 65546 bytes; at most 65536 are allowed"),
      shaken("command_of_2_to_the_63", "\x06"s + speak::u64(std::uint64_t{1} << 63U), frame_too_large,
             "frame of 9223372036854775808 bytes; no frame may have 2^63 or more"),
      shaken("second_ready", speak::ready("PUSH"), unexpected_command, "READY after the handshake"),
      shaken("second_greeting", speak::greeting(), bad_frame, "reserved flag bits 0xf8 in frame header"),
      shaken("late_refusal", speak::command("ERROR", "\x04nope"s), refused_by_peer, "nope"),
      shaken("late_refusal_cut_off", speak::command("ERROR", "\x20nope"s), bad_command,
             "ERROR cut off in its reason"),
      shaken("ping_without_a_time_to_live", speak::command("PING", ""), bad_command,
             "PING without a time to live"),
      shaken("ping_cut_off", speak::command("PING", "\0"s), bad_command, "PING without a time to live"),
      shaken("frame_over_the_limit", "\x02"s + speak::u64(1001) + "x", frame_too_large,
             "frame of 1001 bytes; at most 1000 are allowed"),
      shaken("frame_of_2_to_the_63", "\x02"s + speak::u64(std::uint64_t{1} << 63U), frame_too_large,
             "frame of 9223372036854775808 bytes; no frame may have 2^63 or more"),
      shaken("frame_of_2_to_the_64", "\x03"s + speak::u64(UINT64_MAX), frame_too_large,
             "frame of 18446744073709551615 bytes; no frame may have 2^63 or more"),
      shaken("frames_that_add_up",
             speak::frame(std::string(600, 'x'), true) + speak::frame(std::string(600, 'x')),
             message_over_limit, "message of more than 1000 bytes, the limit"),
      shaken("too_many_frames", repeated(10, speak::frame("x", true)), message_over_limit,
             "message of more than 5 frames, the limit"),
      shaken("too_many_empty_frames", repeated(10, speak::frame("", true)), message_over_limit,
             "message of more than 5 frames, the limit"),
      shaken("leaves_between_messages", speak::frame("whole"), peer_disconnected, "closed by the peer",
             ending::half_close),
      left("in_mid_header", "\x01"s),
      left("in_mid_frame", part),
      left("in_mid_message", speak::frame("first", true)),
      left("in_mid_message_and_frame", speak::frame("first", true) + part),
      {"v2_command", moment::traffic,
       v2_greeting('\x08') + speak::frame("") + speak::command("PING", "\0\0"s), bad_frame,
       "command frame from a peer that speaks ZMTP 2.0 or 1.0"},
      {"v1_frame_of_length_0", moment::traffic, speak::v1_frame("") + "\0\0"s, bad_frame,
       "ZMTP 1.0 frame of length 0; the flags count"},
      {"v1_frame_of_2_to_the_60", moment::traffic,
       speak::v1_frame("") + "\xff" + speak::u64(std::uint64_t{1} << 60U) + "\0"s, frame_too_large,
       "frame of 1152921504606846975 bytes; at most 1000 are allowed"},
  };
}

/// Long enough for what is said at once to be heard, where silence is no part of it.
constexpr std::chrono::milliseconds silence_limit{300};

class offences : public testing::TestWithParam<std::tuple<offence, role>> {};

TEST_P(offences, cost_the_offender_its_connection_and_nobody_else_anything) {
  const auto& [wrong, as] = GetParam();
  scene on;
  pull ours(on.ctx, {.handshake_timeout = wrong.reason == handshake_timeout ? silence_limit : patience,
                     .max_message_size = 1000,
                     .max_message_frames = 5});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  push good(on.ctx);
  good.connect(ours.last_endpoint());
  good.send("before");
  EXPECT_EQ(must_receive(ours).view(), "before");

  const raw_peer bad = on.meet(ours, as);
  bad.send(wrong.words);
  if (wrong.then == ending::half_close) bad.half_close();
  const event over = scene::end_of(events, bad, on.place, as, wrong.at);
  EXPECT_EQ(over.reason, wrong.reason) << over.text();
  EXPECT_TRUE(is_like(over.reason.detail(), wrong.detail))
      << "said:     " << over.reason.detail() << "\nexpected: " << wrong.detail;
  EXPECT_FALSE(over.peer_address.empty()) << over.text();
  EXPECT_FALSE(over.endpoint.empty()) << over.text();
  (void)bad.receive_until_closed();

  good.send("after");
  std::optional<message> received = must_receive(ours);
  while (received->view() == "whole") received = must_receive(ours);  // of the bad one, before it was bad
  EXPECT_EQ(received->view(), "after");
}

const auto name_of_offence = [](const auto& each) {
  const auto& [wrong, as] = each.param;
  return wrong.name + name_of_role(as);
};
INSTANTIATE_TEST_SUITE_P(in_greeting, offences,
                         testing::Combine(testing::ValuesIn(in_greeting()), both_roles), name_of_offence);
INSTANTIATE_TEST_SUITE_P(in_handshake, offences,
                         testing::Combine(testing::ValuesIn(in_handshake()), both_roles), name_of_offence);
INSTANTIATE_TEST_SUITE_P(in_traffic, offences, testing::Combine(testing::ValuesIn(in_traffic()), both_roles),
                         name_of_offence);

// -- what only sockets of some options or types notice

struct special_offence {
  std::string name;
  socket_type ours;
  socket_options options;
  std::string_view type;  // of the bad peer
  std::string words;      // after the handshake
  errc reason;
  std::string detail;
};
void PrintTo(const special_offence& each, std::ostream* out) { *out << each.name; }

std::vector<special_offence> special_offences() {
  using enum socket_type;
  const auto subscribe = [](const std::string& topic) { return speak::command("SUBSCRIBE", topic); };
  const std::string many = "more subscriptions than one peer may have";
  return {
      {"message_that_never_ends",
       pull,
       {.max_unfinished_bytes = 10'000},
       "PUSH",
       repeated(3, speak::frame(std::string(5000, 'x'), true)),
       limit_reached,
       "a message of which ... bytes have come is not whole; at most 10000 are held"},
      {"frame_that_never_ends",
       dealer,
       {.max_unfinished_bytes = 10'000},
       "DEALER",
       "\x02"s + speak::u64(1'000'000) + std::string(20'000, 'x'),
       limit_reached,
       "a message of which ... bytes have come is not whole; at most 10000 are held"},
      {"subscriptions_to_a_pub",
       pub,
       {.max_subscriptions = 3},
       "SUB",
       subscribe("a") + subscribe("b") + subscribe("c") + subscribe("d"),
       limit_reached,
       many},
      {"subscriptions_to_an_xpub",
       xpub,
       {.max_subscriptions = 2},
       "XSUB",
       subscribe("a") + subscribe("b") + subscribe("c"),
       limit_reached,
       many},
      {"bytes_of_subscriptions",
       pub,
       {.max_subscription_bytes = 1000},
       "SUB",
       subscribe(std::string(600, 'a')) + subscribe(std::string(600, 'b')),
       limit_reached,
       many},
      {"subscriptions_in_messages",
       xpub,
       {.max_subscriptions = 2},
       "XSUB",
       speak::frame("\x01"
                    "a") +
           speak::frame("\x01"
                        "b") +
           speak::frame("\x01"
                        "c"),
       limit_reached,
       many},
  };
}

class special_offences_are : public testing::TestWithParam<std::tuple<special_offence, role>> {};
TEST_P(special_offences_are, told_in_an_event) {
  const auto& [wrong, as] = GetParam();
  scene on;
  const auto ours = any_socket::make(wrong.ours, on.ctx, wrong.options);
  monitor events = ours->base().monitor();
  if (as == role::accepted) ours->base().bind("tcp://127.0.0.1:0");
  const raw_peer bad = on.meet(ours->base(), as);
  shake_hands(bad, wrong.type);
  bad.send(wrong.words);
  const event over = scene::end_of(events, bad, on.place, as, moment::traffic);
  EXPECT_EQ(over.reason, wrong.reason) << over.text();
  EXPECT_TRUE(is_like(over.reason.detail(), wrong.detail)) << over.text();
  (void)bad.receive_until_closed();
}
const auto name_of_special = [](const auto& each) {
  const auto& [wrong, as] = each.param;
  return wrong.name + name_of_role(as);
};
INSTANTIATE_TEST_SUITE_P(each, special_offences_are,
                         testing::Combine(testing::ValuesIn(special_offences()), both_roles),
                         name_of_special);

class long_handshakes : public testing::TestWithParam<role> {};
TEST_P(long_handshakes, are_cut_at_the_limit_of_bytes) {
  scene on;
  pull ours(on.ctx, {.max_handshake_bytes = 1024});
  monitor events = ours.monitor();
  if (GetParam() == role::accepted) ours.bind("tcp://127.0.0.1:0");
  const raw_peer bad = on.meet(ours, GetParam());
  const std::string words =
      speak::greeting() + speak::command("READY", speak::property("X-Book", std::string(15'000, 'b')));
  constexpr std::size_t at_once = 5'000;
  bad.send(words.substr(0, at_once));
  // The limit is looked at with the next read.
  for (std::size_t next = at_once; ours.stats().events_of(event_kind::handshake_failed) == 0; ++next) {
    ASSERT_LT(next, words.size());
    bad.send(words.substr(next, 1));
    std::this_thread::yield();
  }
  const event over = scene::end_of(events, bad, on.place, GetParam(), moment::handshake);
  EXPECT_EQ(over.reason, limit_reached) << over.text();
  EXPECT_TRUE(is_like(over.reason.detail(), "... bytes, waiting for its NULL handshake")) << over.text();
}
INSTANTIATE_TEST_SUITE_P(each, long_handshakes, both_roles, [](const auto& each) {
  return std::string(each.param == role::accepted ? "by_who_came" : "by_whom_we_went_to");
});

}  // namespace
}  // namespace monocoque::test
