// SERVER and PEER: peers known by a number.

#include "tests/socket/single_frame_support.hpp"

#include <monocoque/routing_number.hpp>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class numbered_peers : public single_frames {};
INSTANTIATE_TEST_SUITE_P(over, numbered_peers, everywhere, name_of_place);

message addressed(std::uint32_t routing_id, std::string_view text) {
  message made(routing_id_frame(routing_id));
  made.push_back(text);
  return made;
}

TEST_P(numbered_peers, of_a_server_get_answers_of_their_own) {
  server answering(ctx());
  answering.bind(fresh());
  std::vector<std::unique_ptr<client>> asking;
  for (int i = 0; i < 5; ++i) {
    asking.push_back(std::make_unique<client>(ctx()));
    asking.back()->connect(answering.last_endpoint());
    asking.back()->send(std::to_string(i));
  }
  std::set<std::uint32_t> numbers;
  for (std::size_t i = 0; i < asking.size(); ++i) {
    const message request = must_receive(answering);
    ASSERT_EQ(request.size(), 2U);
    numbers.insert(routing_id_of(request));
    answering.send({request[0], "reply to " + request[1].str()});
    answering.send({request[0], "and more"});
  }
  for (std::size_t i = 0; i < asking.size(); ++i) {
    EXPECT_EQ(must_receive(*asking[i]).view(), "reply to " + std::to_string(i));
    EXPECT_EQ(must_receive(*asking[i]).view(), "and more");
  }
  EXPECT_EQ(numbers.size(), asking.size());
  EXPECT_FALSE(numbers.contains(0));
}

TEST_P(numbered_peers, of_a_server_may_be_what_it_connects_to) {
  client asking(ctx());
  asking.bind(fresh());
  server answering(ctx());
  answering.connect(asking.last_endpoint());
  asking.send("first");
  const message request = must_receive(answering);
  answering.send(addressed(routing_id_of(request), "second"));
  EXPECT_EQ(must_receive(asking).view(), "second");
}

TEST_P(numbered_peers, that_are_not_there_are_unroutable) {
  server answering(ctx());
  answering.bind(fresh());
  EXPECT_EQ(why_not(answering, addressed(7, "x")), errc::unroutable);
  EXPECT_EQ(why_not(answering, addressed(0, "x")), errc::unroutable);
  EXPECT_EQ(why_not(answering, message("x")), errc::invalid_argument);
  client asking(ctx());
  asking.connect(answering.last_endpoint());
  asking.send("x");
  const std::uint32_t id = routing_id_of(must_receive(answering));
  EXPECT_EQ(why_not(answering, message::of({routing_id_frame(id), "x", "y"})), errc::invalid_argument);
  EXPECT_EQ(why_not(answering, addressed(id + 1, "x")), errc::unroutable);
  EXPECT_TRUE(answering.can_send());
  monitor events = answering.monitor();
  asking.close(0ms);
  static_cast<void>(await_event(events, event_kind::disconnected));
  EXPECT_EQ(why_not(answering, addressed(id, "x")), errc::unroutable);
  client again(ctx());
  again.connect(answering.last_endpoint());
  again.send("x");
  EXPECT_NE(routing_id_of(must_receive(answering)), id);
}

TEST_P(numbered_peers, that_are_full_are_waited_for) {
  server answering(ctx(), {.send_high_water_mark = 1});
  answering.bind(fresh());
  client asking(ctx(), {.receive_high_water_mark = 1});
  asking.connect(answering.last_endpoint());
  asking.send("x");
  const std::uint32_t id = routing_id_of(must_receive(answering));
  const std::string large(100'000, 'x');
  std::size_t sent = 0;
  for (message next = addressed(id, large); answering.try_send(next); next = addressed(id, large)) ++sent;
  ASSERT_GT(sent, 0U);
  EXPECT_EQ(why_not(answering, addressed(id + 1, "x")), errc::unroutable) << "others are told at once";
  for (; sent > 0; --sent) ASSERT_EQ(must_receive(asking).view(), large);
  EXPECT_FALSE(why_not(answering, addressed(id, large)));
  EXPECT_EQ(must_receive(asking).view(), large);
}

TEST_P(numbered_peers, of_a_peer_can_be_written_to_first) {
  peer one(ctx()), other(ctx());
  one.bind(fresh());
  const std::uint32_t id = other.connect_peer(one.last_endpoint());
  ASSERT_NE(id, 0U);
  other.send(addressed(id, "hello"));
  const message received = must_receive(one);
  EXPECT_EQ(received.view(1), "hello");
  EXPECT_EQ(received.peer()->socket_type, "PEER");
  one.send({received[0], "hello to you"});
  const message answer = must_receive(other);
  EXPECT_EQ(answer.view(1), "hello to you");
  EXPECT_EQ(routing_id_of(answer), id);
}

TEST_P(numbered_peers, of_a_peer_can_be_written_to_before_they_are_there) {
  if (std::get<0>(GetParam()) == path::tcp) GTEST_SKIP() << "no port is sure to be free";
  const std::string where = fresh();
  peer one(ctx());
  const std::uint32_t id = one.connect_peer(where);
  one.send(addressed(id, "early"));
  peer other(ctx());
  other.bind(where);
  EXPECT_EQ(must_receive(other).view(1), "early");
}

TEST_P(numbered_peers, of_a_peer_are_many_each_with_a_number) {
  peer hub(ctx());
  std::vector<std::unique_ptr<peer>> others;
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 5; ++i) {
    others.push_back(std::make_unique<peer>(ctx()));
    others.back()->bind(fresh());
    ids.push_back(hub.connect_peer(others.back()->last_endpoint()));
  }
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) hub.send(addressed(ids[i], std::to_string(i)));
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(must_receive(*others[i]).view(1), std::to_string(i));
}

TEST_P(numbered_peers, that_are_disconnected_are_unroutable_and_not_heard) {
  peer one(ctx()), other(ctx());
  one.bind(fresh());
  monitor events = other.monitor();
  const std::uint32_t id = other.connect_peer(one.last_endpoint());
  other.send(addressed(id, "first"));
  other.send(addressed(id, "second"));
  const std::uint32_t caller = routing_id_of(must_receive(one));
  one.send(addressed(caller, "last word"));
  one.disconnect_peer(caller);
  EXPECT_EQ(why_not(one, addressed(caller, "x")), errc::unroutable);
  EXPECT_EQ(one.disconnect_peer(as_result, caller).error(), errc::unroutable);
  EXPECT_FALSE(one.try_receive()) << "what it had sent is not heard any more";
  EXPECT_EQ(must_receive(other).view(1), "last word");
  static_cast<void>(await_event(events, event_kind::disconnected));
}

TEST_P(numbered_peers, that_were_connected_to_are_given_up_when_disconnected) {
  server one(ctx());
  client other(ctx());
  other.bind(fresh());
  one.connect(other.last_endpoint());
  other.send("x");
  const std::uint32_t id = routing_id_of(must_receive(one));
  monitor events = one.monitor();
  one.disconnect_peer(id);
  static_cast<void>(await_event(events, event_kind::disconnected));
  EXPECT_EQ(one.disconnect_peer(as_result, id).error(), errc::unroutable);
  EXPECT_EQ(one.disconnect(as_result, other.last_endpoint()).error(), errc::no_such_endpoint);
}

TEST(numbered_peer, keeps_its_number_when_it_is_connected_to_again) {
  context ctx;
  peer one(ctx, {.reconnect_interval = 1ms});
  peer other(ctx);
  other.bind("tcp://127.0.0.1:0");
  const std::string where = other.last_endpoint();
  const std::uint32_t id = one.connect_peer(where);
  one.send(addressed(id, "x"));
  const message received = must_receive(other);
  monitor events = one.monitor();
  other.disconnect(*received.peer());
  static_cast<void>(await_event(events, event_kind::handshake_done));
  one.send(addressed(id, "y"));
  EXPECT_EQ(must_receive(other).view(1), "y");
}

TEST(numbered_peer, is_not_known_before_it_is_there_with_immediate) {
  context ctx;
  peer one(ctx, {.immediate = true});
  const result<std::uint32_t> refused = one.connect_peer(as_result, "tcp://127.0.0.1:1");
  EXPECT_EQ(refused.error(), errc::not_supported);
  EXPECT_NE(refused.error().message().find("immediate"), std::string::npos);
  EXPECT_EQ(one.connect_peer(as_result, "nowhere").error(), errc::not_supported);
}

TEST(numbered_peer, has_one_number_whoever_connects_meanwhile) {
  context ctx;
  peer hub(ctx);
  hub.bind("tcp://127.0.0.1:0");
  peer other(ctx);
  other.bind("tcp://127.0.0.1:0");
  std::jthread crowd([&, where = hub.last_endpoint()] {
    for (int i = 0; i < 50; ++i) {
      peer passing(ctx);
      const std::uint32_t id = passing.connect_peer(where);
      passing.send(addressed(id, "x"));
      passing.close(patience);
    }
  });
  std::set<std::uint32_t> ids;
  for (int i = 0; i < 50; ++i) {
    const std::uint32_t id = hub.connect_peer(other.last_endpoint());
    EXPECT_TRUE(ids.insert(id).second);
    hub.send(addressed(id, std::to_string(i)));
    ASSERT_EQ(must_receive(other).view(1), std::to_string(i));
    hub.disconnect_peer(id);
  }
}

}  // namespace
}  // namespace monocoque::test
