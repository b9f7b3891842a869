// What a peer sends wrong closes its connection, with the reason visible, and every other peer goes on.

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::string_literals;

/// The failure of that very peer; good ones may come and go meanwhile.
event failure_of(monitor& events, const std::string& address, event_kind kind) {
  for (;;) {
    event next = await_event(events, kind);
    if (next.peer_address == address) return next;
  }
}

/// One way to misbehave towards a bound PULL with a message limit of 1000 bytes and of 5 frames.
struct offence {
  const char* name;
  std::string words;          ///< after the connection is made, all at once
  std::vector<errc> reasons;  ///< any of these
  bool after_handshake = false;
  bool then_close = false;
};

std::string hands() { return speak::greeting() + speak::ready("PUSH"); }

std::vector<offence> offences() {
  using enum errc;
  const std::string hello = speak::greeting();
  std::string bad_end = hello;
  bad_end[9] = '\x7d';
  std::string curve = speak::greeting(3, 1, "CURVE");
  std::string junk_mechanism = speak::greeting(3, 1, "\xff\xfe\x01 what");
  std::string many_frames;
  for (int i = 0; i < 10; ++i) many_frames += speak::frame("x", true);

  return {
      // -- greeting
      {"http_request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", {bad_greeting}},
      {"tls_hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, {bad_greeting}},
      {"ssh_banner", "SSH-2.0-OpenSSH_9.2p1\r\n", {bad_greeting}},
      {"bad_signature", bad_end, {bad_greeting}},
      {"only_ones", std::string(200, '\xff'), {bad_greeting}},
      {"only_zeros", std::string(200, '\0'), {bad_greeting}},
      {"another_mechanism", curve, {mechanism_mismatch}},
      {"unknown_mechanism", junk_mechanism, {mechanism_mismatch}},
      {"close_at_once", "", {peer_disconnected}, false, true},
      {"close_in_greeting", hello.substr(0, 30), {peer_disconnected}, false, true},
      // -- handshake
      {"message_before_handshake", hello + speak::frame("early"), {bad_frame}},
      {"wrong_command", hello + speak::command("HELLO", ""), {bad_command}},
      {"command_without_name", hello + "\x04\x00"s, {bad_command}},
      {"command_name_cut_off", hello + "\x04\x03\x20HE"s, {bad_command}},
      {"truncated_ready", hello + speak::ready("PUSH").substr(0, 12), {peer_disconnected}, false, true},
      {"metadata_cut_off",
       hello + speak::command("READY", speak::property("Socket-Type", "PUSH").substr(0, 14)),
       {bad_metadata}},
      {"metadata_value_too_long",
       hello + speak::command("READY", "\x0bSocket-Type\xff\xff\xff\xffPUSH"s),
       {bad_metadata}},
      {"metadata_without_name", hello + speak::command("READY", speak::property("", "x")), {bad_metadata}},
      {"endless_metadata",
       hello + "\x06"s + speak::u64(std::uint64_t{1} << 40),
       {metadata_too_large, frame_too_large}},
      {"illegal_pair", hello + speak::ready("SUB"), {socket_type_mismatch}},
      {"unknown_socket_type", hello + speak::ready("TELEPHONE"), {socket_type_mismatch}},
      {"peer_refuses", hello + speak::command("ERROR", "\x04nope"s), {refused_by_peer}},
      {"reserved_bits_in_handshake", hello + "\x84\x05xxxxx"s, {bad_frame}},
      // -- traffic
      {"reserved_flag_bits", hands() + "\x08\x01x"s, {bad_frame}, true},
      {"command_with_more", hands() + "\x05\x05\x04PING"s, {bad_frame}, true},
      {"garbage", hands() + std::string(500, '\xee'), {bad_frame}, true},
      {"malformed_command", hands() + "\x04\x01\xff"s, {bad_command}, true},
      {"second_ready", hands() + speak::ready("PUSH"), {bad_command}, true},
      {"oversize_frame",
       hands() + "\x02"s + speak::u64(1001) + "x",
       {frame_too_large, message_over_limit},
       true},
      {"frame_of_2_to_the_63",
       hands() + "\x02"s + speak::u64(std::uint64_t{1} << 63),
       {frame_too_large},
       true},
      {"frames_add_up",
       hands() + speak::frame(std::string(600, 'x'), true) + speak::frame(std::string(600, 'x')),
       {message_over_limit, frame_too_large},
       true},
      {"too_many_frames", hands() + many_frames, {message_over_limit}, true},
      {"error_after_handshake", hands() + speak::command("ERROR", "\x04nope"s), {refused_by_peer}, true},
      {"leaves_between_messages", hands(), {peer_disconnected}, true, true},
      {"leaves_in_mid_header", hands() + "\x01"s, {peer_disconnected}, true, true},
      {"leaves_in_mid_frame", hands() + "\x00\x64only a part of it"s, {peer_disconnected}, true, true},
      {"leaves_in_mid_message",
       hands() + speak::frame("first of two", true),
       {peer_disconnected},
       true,
       true},
      {"leaves_in_mid_message_and_frame",
       hands() + speak::frame("first", true) + "\x00\x64part"s,
       {peer_disconnected},
       true,
       true},
  };
}

class hostile : public testing::TestWithParam<offence> {
 protected:
  context ctx_;
};

TEST_P(hostile, loses_its_connection_and_nobody_else_does) {
  const offence& wrong = GetParam();
  pull ours(ctx_, {.max_message_size = 1000, .max_message_frames = 5});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  push good(ctx_);
  good.connect(ours.last_endpoint());
  await_handshakes(events, 1);
  good.send("before");
  EXPECT_EQ(must_receive(ours).view(), "before");

  raw_peer bad(ours.last_endpoint());
  const std::string address = bad.address();
  bad.send(wrong.words);
  if (wrong.then_close) bad.half_close();
  const event over = failure_of(
      events, address, wrong.after_handshake ? event_kind::disconnected : event_kind::handshake_failed);
  EXPECT_TRUE(std::ranges::any_of(wrong.reasons, [&](errc code) { return over.reason == code; }))
      << over.text();
  EXPECT_NE(over.text().find(address), std::string::npos) << over.text();
  (void)bad.receive_until_closed();

  good.send("after");
  EXPECT_EQ(must_receive(ours).view(), "after");
  EXPECT_EQ(ours.peer_count(), 1U);
}

INSTANTIATE_TEST_SUITE_P(each, hostile, testing::ValuesIn(offences()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(hostile_peer, is_told_why_its_type_is_refused) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer bad(ours.last_endpoint());
  bad.send(speak::greeting() + speak::ready("SUB"));
  EXPECT_NE(bad.receive_until_closed().find("\x05"
                                            "ERROR"),
            std::string::npos);
}

TEST(hostile_peer, that_says_nothing_is_dropped_after_the_handshake_timeout) {
  context ctx;
  pull ours(ctx, {.handshake_timeout = std::chrono::milliseconds(200)});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  for (const std::string& words : {std::string(), speak::greeting().substr(0, 11), speak::greeting()}) {
    raw_peer silent(ours.last_endpoint());
    silent.send(words);
    EXPECT_EQ(failure_of(events, silent.address(), event_kind::handshake_failed).reason,
              errc::handshake_timeout);
    (void)silent.receive_until_closed();
  }
}

TEST(hostile_peer, that_stays_silent_after_the_handshake_is_kept) {
  context ctx;
  pull ours(ctx, {.handshake_timeout = std::chrono::milliseconds(200)});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  raw_peer quiet(ours.last_endpoint());
  shake_hands(quiet, "PUSH");
  await_handshakes(events, 1);
  // Another one that never shakes hands shows that the time is over.
  raw_peer silent(ours.last_endpoint());
  EXPECT_EQ(failure_of(events, silent.address(), event_kind::handshake_failed).reason,
            errc::handshake_timeout);
  quiet.send(speak::frame("still here"));
  EXPECT_EQ(must_receive(ours).view(), "still here");
}

TEST(hostile_peer, that_drips_octet_by_octet_is_understood) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer slow(ours.last_endpoint());
  slow.drip(speak::greeting() + speak::ready("PUSH") + speak::frame("one", true) + speak::frame("") +
            speak::frame(std::string(300, 'x')));
  EXPECT_EQ(must_receive(ours), message::of({"one", ""}));
  EXPECT_EQ(must_receive(ours).view(), std::string(300, 'x'));
}

TEST(hostile_peer, that_sends_everything_in_one_packet_is_understood) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer hasty(ours.last_endpoint());
  std::string all = speak::greeting() + speak::ready("PUSH");
  for (int i = 0; i < 1000; ++i) all += speak::frame(std::to_string(i));
  hasty.send(all);
  hasty.half_close();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(must_receive(ours).view(), std::to_string(i));
}

TEST(hostile_peer, that_half_closes_has_its_last_message_delivered) {
  context ctx;
  pull ours(ctx);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  raw_peer leaving(ours.last_endpoint());
  shake_hands(leaving, "PUSH");
  leaving.send(speak::frame("last words"));
  leaving.half_close();
  EXPECT_EQ(failure_of(events, leaving.address(), event_kind::disconnected).reason, errc::peer_disconnected);
  EXPECT_EQ(must_receive(ours).view(), "last words");
}

TEST(hostile_peer, that_sends_unknown_commands_and_pings_goes_on) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer chatty(ours.last_endpoint());
  shake_hands(chatty, "PUSH");
  chatty.send(speak::command("FUTURE", "whatever") +
              speak::command("PING",
                             "\x00\x0a"
                             "ctx"s) +
              speak::frame("message"));
  EXPECT_EQ(must_receive(ours).view(), "message");
  EXPECT_EQ(chatty.receive(10), speak::command("PONG", "ctx"));
}

// RFC 37 says only that a peer should say its type; libzmq does not insist on it either.
TEST(hostile_peer, that_keeps_its_socket_type_to_itself_is_let_in) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer terse(ours.last_endpoint());
  terse.send(speak::greeting() + speak::command("READY", "") + speak::frame("hello"));
  const message received = must_receive(ours);
  EXPECT_EQ(received.view(), "hello");
  EXPECT_EQ(received.peer()->socket_type, "");
}

TEST(hostile_peer, of_any_kind_many_times_leaves_no_trace) {
  context ctx;
  pull ours(ctx);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  for (int i = 0; i < 100; ++i) {
    raw_peer bad(ours.last_endpoint());
    bad.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(failure_of(events, bad.address(), event_kind::handshake_failed).reason, errc::bad_greeting);
  }
  EXPECT_EQ(ours.peer_count(), 0U);
}

TEST(hostile_peer, second_to_a_pair_is_refused) {
  context ctx;
  pair ours(ctx);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  raw_peer first(ours.last_endpoint());
  shake_hands(first, "PAIR");
  await_handshakes(events, 1);
  raw_peer second(ours.last_endpoint());
  second.send(speak::greeting() + speak::ready("PAIR"));
  EXPECT_EQ(failure_of(events, second.address(), event_kind::handshake_failed).reason, errc::second_peer);
  first.send(speak::frame("mine"));
  EXPECT_EQ(must_receive(ours).view(), "mine");
}

// -- the other way round: we connect to something hostile

TEST(hostile_server, is_tried_again_until_it_behaves) {
  context ctx;
  raw_listener place;
  push ours(ctx, {.reconnect_interval = std::chrono::milliseconds(1)});
  monitor events = ours.monitor();
  ours.connect(place.endpoint());
  const std::vector<std::pair<std::string, errc>> tries{
      {"220 mail.example.org ESMTP\r\n", errc::bad_greeting},
      {speak::greeting(3, 1, "PLAIN"), errc::mechanism_mismatch},
      {speak::greeting() + speak::ready("PUB"), errc::socket_type_mismatch},
      {speak::greeting() + speak::command("ERROR", "\x02no"s), errc::refused_by_peer},
  };
  for (const auto& [words, reason] : tries) {
    const raw_peer bad = place.accept();
    bad.send(words);
    EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, reason);
  }
  {
    const raw_peer dropped = place.accept();
  }
  // Closed with our greeting unread: the system calls that a reset.
  const error why = await_event(events, event_kind::handshake_failed).reason;
  EXPECT_TRUE(why == errc::peer_disconnected || why.code() == std::errc::connection_reset) << why.message();

  const raw_peer good = place.accept();
  shake_hands(good, "PULL");
  ours.send("at last");
  EXPECT_EQ(good.receive(9), speak::frame("at last"));
}

TEST(hostile_server, that_never_answers_is_given_up_after_the_handshake_timeout) {
  context ctx;
  raw_listener place;
  push ours(ctx, {.reconnect_interval = std::chrono::milliseconds(1),
                  .handshake_timeout = std::chrono::milliseconds(100)});
  monitor events = ours.monitor();
  ours.connect(place.endpoint());
  for (int i = 0; i < 2; ++i) {
    const raw_peer silent = place.accept();
    EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::handshake_timeout);
  }
}

}  // namespace
}  // namespace monocoque::test
