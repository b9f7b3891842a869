#include "zmtp/connection.hpp"

#include "zmtp/connection_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace monocoque::zmtp {
namespace {

using namespace zmtp::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using log_lines = std::vector<std::string>;

std::vector<socket_type> types_speaking_zmtp() {
  std::vector<socket_type> all;
  for (std::size_t i = 0; i < socket_type_count; ++i) {
    const auto type = static_cast<socket_type>(i);
    if (type != socket_type::stream && type != socket_type::dgram) all.push_back(type);
  }
  return all;
}

TEST(connection, shakes_hands_between_all_legal_pairs_and_refuses_all_others) {
  const std::vector<socket_type> all = types_speaking_zmtp();
  for (const socket_type own : all) {
    for (const socket_type other : all) {
      listener client(own, false);
      listener server(other, true);
      pump(client, server, 1 + static_cast<std::size_t>(own) + static_cast<std::size_t>(other));
      SCOPED_TRACE(std::string(name_of(own)) + " to " + std::string(name_of(other)));
      if (compatible(own, other)) {
        EXPECT_THAT(client.log, ElementsAre("handshake " + std::string(name_of(other)) + " 3.1 id="));
        EXPECT_THAT(server.log, ElementsAre("handshake " + std::string(name_of(own)) + " 3.1 id="));
        EXPECT_TRUE(client.peer.ready() && server.peer.ready());
      } else {
        EXPECT_EQ(server.failure, errc::socket_type_mismatch);
        EXPECT_EQ(client.failure, errc::refused_by_peer);
        EXPECT_EQ(client.detail, server.detail);
        EXPECT_THAT(client.detail, HasSubstr("cannot talk to"));
      }
    }
  }
}

TEST(connection, announces_identity_and_own_metadata) {
  config settings = listener::settings_for(socket_type::dealer, false);
  settings.routing_id = bytes::copy("me\0too"sv);
  settings.metadata["X-Room"] = "42";
  listener client(settings);
  listener server(socket_type::router);
  pump(client, server);
  EXPECT_EQ(server.who.routing_id.view(), "me\0too"sv);
  EXPECT_EQ(server.who.metadata.at("X-Room"), "42");
  EXPECT_EQ(server.who.metadata.at("Socket-Type"), "DEALER");
  EXPECT_EQ(server.who.mechanism, "NULL");
  EXPECT_EQ(client.who.socket_type, "ROUTER");
}

TEST(connection, two_servers_or_two_clients_do_not_hang_silently) {
  listener one(socket_type::pair, false);
  listener other(socket_type::pair, false);
  pump(one, other);
  EXPECT_TRUE(one.peer.ready() && other.peer.ready());
}

TEST(connection, accepts_property_names_in_any_case_and_a_missing_socket_type) {
  listener shouted(socket_type::router);
  shouted.feed(greeting() + command("READY", property("SOCKET-TYPE", "DEALER") + property("identity", "x")));
  EXPECT_THAT(shouted.log, ElementsAre("handshake DEALER 3.1 id=x"));
  listener silent(socket_type::router);
  silent.feed(greeting() + command("READY"));
  EXPECT_THAT(silent.log, ElementsAre("handshake  3.1 id="));
}

TEST(connection, is_at_rest_when_it_holds_nothing_and_nothing_is_to_be_told) {
  ready_listener server(socket_type::pull, "PUSH");
  EXPECT_TRUE(server.peer.at_rest());
  server.peer.handle_input(bytes::copy(frame("a") + frame("b")));
  EXPECT_FALSE(server.peer.at_rest());
  EXPECT_EQ(server.peer.poll_messages(0).count, 0U);
  EXPECT_EQ(server.peer.poll_messages(5).count, 2U);
  EXPECT_TRUE(server.peer.at_rest());
  server.feed("\0"sv);  // half a header
  server.feed("\1c" + frame("d"));
  EXPECT_THAT(server.log, ElementsAre("message [c]", "message [d]"));
  EXPECT_TRUE(server.peer.at_rest());
  server.peer.handle_eof();
  EXPECT_FALSE(server.peer.at_rest());
  EXPECT_EQ(server.peer.poll_messages(5).count, 0U);
  server.drain();
  EXPECT_EQ(server.failure, errc::peer_disconnected);
  listener greeted(socket_type::pull);
  EXPECT_FALSE(greeted.peer.at_rest());
}

TEST(connection, takes_padding_higher_minors_and_higher_majors_for_3_1) {
  for (const auto& [major, minor] : {std::pair{3, 7}, std::pair{4, 0}, std::pair{255, 255}}) {
    listener server(socket_type::pull);
    std::string padded = greeting(static_cast<char>(major), static_cast<char>(minor));
    padded.replace(1, 8, "anything");
    padded.replace(33, 31, 31, 'x');
    server.feed(padded + ready("PUSH"));
    EXPECT_THAT(server.log, ElementsAre("handshake PUSH 3.1 id="));
  }
}

// Handshake, then short, long and multipart messages with commands before, between and inside of them.
std::string mixed_traffic() {
  return greeting() + ready("XSUB", property("X-Name", "value")) + frame("one") + frame("") +
         frame(std::string(255, 'a')) + frame(std::string(256, 'b')) + command("SUBSCRIBE", "news") +
         frame("part", 1) + frame("", 1) + frame(std::string(300, 'c'), 1) + frame("end") +
         command("PING", "\0\x0a"sv) + frame("head", 1) + command("PING", "\0\1ctx"sv) + frame("tail") +
         command("CANCEL", std::string(400, 'd')) + command("PONG", "back") + command("JOIN", "group") +
         frame("same") + frame("same") + frame("size") + std::string("\2\0\0\0\0\0\0\0\3abc", 12) +
         frame("last");
}

log_lines expected_log() {
  return {"handshake XSUB 3.1 id=",
          "message [one]",
          "message []",
          "message [" + std::string(255, 'a') + "]",
          "message [" + std::string(256, 'b') + "]",
          "subscribe news",
          "message [part][][" + std::string(300, 'c') + "][end]",
          "message [head][tail]",
          "cancel " + std::string(400, 'd'),
          "pong back",
          "message [same]",
          "message [same]",
          "message [size]",
          "message [abc]",
          "message [last]"};
}

TEST(connection, sees_the_same_wherever_the_bytes_are_split) {
  const std::string input = mixed_traffic();
  for (std::size_t at = 0; at <= input.size(); ++at) {
    listener server(socket_type::xpub);
    server.feed(std::string_view(input).substr(0, at));
    server.feed(std::string_view(input).substr(at));
    ASSERT_EQ(server.log, expected_log()) << "split at " << at;
    ASSERT_THAT(server.sent, ::testing::EndsWith("\4\5\4PONG"s + "\4\10\4PONGctx"s));
    ASSERT_EQ(server.peer.pending_bytes(), 0U);
  }
}

TEST(connection, sees_the_same_in_pieces_of_every_size) {
  const std::string input = mixed_traffic();
  for (std::size_t size = 1; size < 400; size += size < 20 ? 1 : 37) {
    listener server(socket_type::xpub);
    server.feed_in_pieces(input, size);
    EXPECT_EQ(server.log, expected_log()) << "pieces of " << size;
  }
}

TEST(connection, gives_a_chunk_of_whole_messages_as_one_slice_of_it) {
  ready_listener server(socket_type::pull, "PUSH");
  std::string input;
  for (int i = 0; i < 1000; ++i) input += frame("message " + std::to_string(i));
  bytes chunk = bytes::copy(input);
  const std::byte* const memory = chunk.data();
  server.peer.handle_input(std::move(chunk));
  event next = server.peer.poll_event();
  ASSERT_TRUE(std::holds_alternative<messages>(next));
  EXPECT_EQ(std::get<messages>(next).count, 1000U);
  EXPECT_EQ(std::get<messages>(next).data.data(), memory);
  EXPECT_EQ(std::get<messages>(next).data.view(), input);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(server.peer.poll_event()));
}

TEST(connection, gives_no_more_messages_than_asked_for) {
  ready_listener server(socket_type::xpub, "XSUB");
  std::string input;
  for (int i = 0; i < 10; ++i) input += frame("first", 1) + frame(std::to_string(i));
  server.peer.handle_input(bytes::copy(input));
  std::uint32_t seen = 0;
  for (const std::uint32_t wanted : {1U, 3U, 2U, 9U}) {
    event next = server.peer.poll_event(wanted);
    ASSERT_TRUE(std::holds_alternative<messages>(next));
    EXPECT_EQ(std::get<messages>(next).count, std::min(wanted, 10 - seen));
    seen += std::get<messages>(next).count;
  }
  EXPECT_EQ(seen, 10U);
}

TEST(connection, gives_only_what_comes_before_the_next_message_if_there_is_no_room) {
  ready_listener server(socket_type::xpub, "XSUB");
  server.peer.handle_input(bytes::copy(command("SUBSCRIBE", "a") + command("PING", "\0\0"sv) + frame("m") +
                                       command("SUBSCRIBE", "b")));
  server.drain(0);
  EXPECT_THAT(server.log, ElementsAre("subscribe a"));
  EXPECT_EQ(server.sent, command("PONG"));
  EXPECT_GT(server.peer.unread_bytes(), 0U);
  server.feed(frame("n"));
  EXPECT_THAT(server.log, ElementsAre("subscribe a", "message [m]", "subscribe b", "message [n]"));
  EXPECT_EQ(server.peer.unread_bytes(), 0U);
}

TEST(connection, holds_back_a_split_message_that_became_whole_without_room) {
  ready_listener server(socket_type::pull, "PUSH");
  const std::string input = frame("split in two") + frame("next");
  server.peer.handle_input(bytes::copy(std::string_view(input).substr(0, 5)));
  server.drain(1);
  server.peer.handle_input(bytes::copy(std::string_view(input).substr(5)));
  server.drain(0);
  EXPECT_THAT(server.log, IsEmpty());
  server.peer.handle_eof();
  server.drain(0);
  EXPECT_THAT(server.log, IsEmpty()) << "the end of input must not overtake messages";
  server.drain();
  EXPECT_THAT(server.log,
              ElementsAre("message [split in two]", "message [next]", HasSubstr("peer_disconnected")));
}

TEST(connection, reads_the_rest_of_a_large_message_in_place) {
  ready_listener server(socket_type::pull, "PUSH");
  std::string payload(3'000'000, 'x');
  for (std::size_t i = 0; i < payload.size(); i += 7) payload[i] = static_cast<char>(i);
  const std::string input = frame("head", 1) + frame(payload, 1) + frame("tail") + frame("after");
  std::size_t at = 60'000;
  server.feed(std::string_view(input).substr(0, at));
  const std::size_t frame_end = input.size() - frame("tail").size() - frame("after").size();
  std::size_t reads = 0;
  for (;;) {
    const std::span<std::byte> room = server.peer.direct_room();
    if (room.empty()) break;
    ASSERT_LE(room.size(), frame_end - at);
    ASSERT_LE(room.size(), 2 * at + 1000) << "memory follows what has come";
    const std::size_t size = std::min<std::size_t>(room.size(), 50'000 + reads);
    std::memcpy(room.data(), input.data() + at, size);
    server.peer.handle_direct(size);
    server.drain();
    at += size;
    ++reads;
  }
  EXPECT_GT(reads, 20U);
  server.feed(std::string_view(input).substr(at));
  EXPECT_THAT(server.log, ElementsAre("message [head][" + payload + "][tail]", "message [after]"));
}

TEST(connection, offers_no_direct_room_on_a_peers_word_alone) {
  ready_listener server(socket_type::pull, "PUSH");
  server.feed("\2\x10\0\0\0\0\0\0\0"sv);
  EXPECT_TRUE(server.peer.direct_room().empty());
  EXPECT_LE(server.peer.pending_bytes(), 9U);
  server.feed(std::string(20'000, 'x'));
  EXPECT_LE(server.peer.direct_room().size(), 45'000U);
}

TEST(connection, answers_ping_and_reports_pong_and_time_to_live) {
  ready_listener server(socket_type::dealer, "ROUTER");
  server.feed(command("PING", "\1\x02"sv) + command("PING",
                                                    "\0\x32"
                                                    "0123456789abcdef and more"sv));
  EXPECT_EQ(server.take_sent(), command("PONG") + command("PONG", "0123456789abcdef"));
  EXPECT_EQ(server.peer.peer_ttl(), std::chrono::seconds(5));
  std::vector<std::byte> out;
  server.peer.encode_ping(50, as_octets("ctx"), out);
  EXPECT_EQ(text_of(out), command("PING",
                                  "\0\x32"
                                  "ctx"sv));
  server.feed(command("PONG", "ctx"));
  EXPECT_THAT(server.log, ElementsAre("pong ctx"));
  out.clear();
  server.peer.encode_sign_of_life(out);
  EXPECT_EQ(text_of(out), command("PONG"));
}

TEST(connection, stops_answering_pings_of_a_peer_that_reads_nothing) {
  ready_listener server(socket_type::dealer, "ROUTER");
  for (int i = 0; i < 10'000; ++i) {
    server.peer.handle_input(bytes::copy(command("PING", "\0\0ctx"sv)));
    (void)server.peer.poll_event();
  }
  EXPECT_LT(server.peer.output().size(), 2000U);
  EXPECT_TRUE(server.peer.ready());
}

TEST(connection, encodes_subscriptions_as_commands_for_3_1_and_as_messages_for_3_0) {
  for (const char minor : {'\0', '\1'}) {
    ready_listener server(socket_type::sub, "PUB", {}, minor);
    std::vector<std::byte> out;
    server.peer.encode_subscription(true, as_octets("news"), out);
    server.peer.encode_subscription(false, as_octets(""), out);
    EXPECT_EQ(text_of(out),
              minor == 0 ? "\0\5\1news\0\1\0"s : command("SUBSCRIBE", "news") + command("CANCEL"));
    std::vector<std::byte> ping;
    server.peer.encode_ping(1, {}, ping);
    EXPECT_EQ(ping.empty(), minor == 0);
    EXPECT_EQ(server.peer.take_form(), nullptr);
  }
}

TEST(connection, encodes_the_joining_of_groups_as_commands_for_every_3) {
  for (const char minor : {'\0', '\1'}) {
    ready_listener dish(socket_type::dish, "RADIO", {}, minor);
    std::vector<std::byte> out;
    dish.peer.encode_subscription(true, as_octets("tv"), out);
    dish.peer.encode_subscription(false, as_octets(""), out);
    EXPECT_EQ(text_of(out), command("JOIN", "tv") + command("LEAVE"));
  }
}

TEST(connection, hears_of_groups_as_a_radio_and_of_topics_as_a_publisher) {
  const std::string both = command("JOIN", "tv") + command("LEAVE") + command("SUBSCRIBE", "news");
  ready_listener radio(socket_type::radio, "DISH");
  radio.feed(both);
  EXPECT_THAT(radio.log, ElementsAre("subscribe tv", "cancel "));
  ready_listener pub(socket_type::pub, "SUB");
  pub.feed(both);
  EXPECT_THAT(pub.log, ElementsAre("subscribe news"));
}

TEST(connection, passes_over_commands_it_does_not_know) {
  ready_listener server(socket_type::pull, "PUSH");
  server.feed(command("FROBNICATE", "x") + command("SUBSCRIBE", "to a PULL") + frame("m"));
  EXPECT_THAT(server.log, ElementsAre("message [m]"));
}

TEST(connection, gives_up_at_the_handshake_deadline_however_its_octets_drip) {
  time_point now{std::chrono::seconds(100)};
  config settings = listener::settings_for(socket_type::rep);
  settings.handshake_timeout = std::chrono::seconds(2);
  listener server(settings, now);
  const std::string words = greeting() + ready("REQ");
  for (std::size_t i = 0; i < words.size() && server.failure == errc{}; ++i) {
    server.feed(words.substr(i, 1));
    now += std::chrono::milliseconds(50);
    if (now >= server.peer.next_timeout()) server.peer.handle_timeout(now);
    server.drain();
  }
  EXPECT_EQ(server.failure, errc::handshake_timeout);
}

TEST(connection, takes_no_more_than_so_many_bytes_for_a_handshake) {
  config settings = listener::settings_for(socket_type::rep);
  settings.limits.max_handshake_size = 1000;
  listener server(settings);
  const std::string words = greeting() + ready("REQ", property("X-Long", std::string(2000, 'x')));
  server.feed_in_pieces(words, 100);
  EXPECT_EQ(server.failure, errc::limit_reached);
  EXPECT_THAT(server.detail, HasSubstr("1100 bytes, waiting for its NULL handshake"));
  listener patient(settings);
  patient.feed_in_pieces(greeting() + ready("REQ") + frame("", 1) + frame(std::string(5000, 'x')), 100);
  EXPECT_TRUE(patient.peer.ready()) << "what follows the handshake does not count";
}

TEST(connection, holds_no_more_than_so_much_of_an_unfinished_message) {
  config settings = listener::settings_for(socket_type::pull);
  settings.limits.max_unfinished_size = 1000;
  listener server(settings);
  server.feed(greeting() + ready("PUSH") + frame(std::string(5000, 'a')));
  EXPECT_EQ(server.failure, errc{}) << "what comes whole is not held";
  for (int i = 0; i < 20 && server.failure == errc{}; ++i) server.feed(frame(std::string(100, 'b'), 1));
  EXPECT_EQ(server.failure, errc::limit_reached);
  EXPECT_LE(server.peer.pending_bytes(), 0U);
}

TEST(connection, wants_to_be_called_at_the_handshake_deadline_and_never_after_it) {
  const time_point start{std::chrono::seconds(100)};
  config settings = listener::settings_for(socket_type::rep);
  settings.handshake_timeout = std::chrono::seconds(2);
  listener server(settings, start);
  EXPECT_EQ(server.peer.next_timeout(), start + std::chrono::seconds(2));
  server.feed(greeting() + ready("REQ"));
  EXPECT_EQ(server.peer.next_timeout(), time_point::max());
  server.peer.handle_timeout(start + std::chrono::hours(1));
  EXPECT_TRUE(server.peer.ready());
  settings.handshake_timeout = std::chrono::seconds(0);
  EXPECT_EQ(listener(settings, start).peer.next_timeout(), time_point::max());
}

}  // namespace
}  // namespace monocoque::zmtp
