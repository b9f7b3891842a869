// inproc:// between two sockets of a context: every pair of types, whoever comes first, with and without
// threads; names, bounds.

#include "tests/socket/inproc_support.hpp"

#include <gtest/gtest.h>

#include <set>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class inproc : public inproc_fixture {};
INSTANTIATE_TEST_SUITE_P(all, inproc, testing::Values(way::threaded, way::inline_loop), way_name);

struct couple {
  socket_type one, other;
};
const std::vector<couple> legal_couples{
    {socket_type::pair, socket_type::pair},     {socket_type::pub, socket_type::sub},
    {socket_type::pub, socket_type::xsub},      {socket_type::xpub, socket_type::sub},
    {socket_type::xpub, socket_type::xsub},     {socket_type::req, socket_type::rep},
    {socket_type::req, socket_type::router},    {socket_type::dealer, socket_type::rep},
    {socket_type::dealer, socket_type::dealer}, {socket_type::dealer, socket_type::router},
    {socket_type::router, socket_type::router}, {socket_type::push, socket_type::pull}};

/// What one says to the other, what that one gets, and the same for the answer (if the types allow one).
struct dialogue {
  message said, heard;
  std::optional<message> answered{}, answer_heard{};
};

dialogue dialogue_of(couple who) {
  using enum socket_type;
  const auto of = [](std::initializer_list<frame_view> frames) { return message::of(frames); };
  if (who.one == push || who.one == pub || who.one == xpub) return {of({"t", "x"}), of({"t", "x"})};
  if (who.one == req && who.other == router)
    return {of({"q"}), of({"one", "", "q"}), of({"one", "", "a"}), of({"a"})};
  if (who.one == dealer && who.other == rep)
    return {of({"hop", "", "q"}), of({"q"}), of({"a", "b"}), of({"hop", "", "a", "b"})};
  if (who.one == dealer && who.other == router)
    return {of({"q", "2"}), of({"one", "q", "2"}), of({"one", "a"}), of({"a"})};
  if (who.one == router) return {of({"other", "q"}), of({"one", "q"}), of({"one", "a"}), of({"other", "a"})};
  return {of({"q", "2"}), of({"q", "2"}), of({"a"}), of({"a"})};
}

TEST_P(inproc, joins_every_legal_pair_whoever_comes_first) {
  int number = 0;
  for (const couple who : legal_couples) {
    for (const bool one_binds : {true, false}) {
      for (const bool bind_first : {true, false}) {
        SCOPED_TRACE(std::string(name_of(who.one)) + "-" + std::string(name_of(who.other)) +
                     (one_binds ? " one binds" : " other binds") + (bind_first ? " first" : " second"));
        const std::string endpoint = place + std::to_string(number++);
        const auto one = any_socket::make(who.one, ctx(), {.routing_id = bytes::copy("one")});
        const auto other = any_socket::make(who.other, ctx(), {.routing_id = bytes::copy("other")});
        if (who.one == socket_type::pub || who.one == socket_type::xpub) other->subscribe("t");
        const auto bind = [&] { (one_binds ? one : other)->base().bind(endpoint); };
        const auto connect = [&] { (one_binds ? other : one)->base().connect(endpoint); };
        bind_first ? bind() : connect();
        bind_first ? connect() : bind();
        EXPECT_EQ(one->base().peer_count(), 1U);
        EXPECT_EQ(other->base().peer_count(), 1U);
        EXPECT_EQ(one->base().last_endpoint(), endpoint);
        if (who.one == socket_type::xpub) {
          EXPECT_EQ(one->receive().view(), "\x01t");
        }
        const dialogue words = dialogue_of(who);
        for (int round = 0; round < 3; ++round) {
          one->send(words.said);
          const message heard = other->receive();
          EXPECT_EQ(heard, words.heard);
          ASSERT_NE(heard.peer(), nullptr);
          EXPECT_EQ(heard.peer()->address, endpoint);
          EXPECT_EQ(heard.peer()->socket_type, name_of(who.one));
          if (!words.answered) continue;
          other->send(*words.answered);
          EXPECT_EQ(one->receive(), *words.answer_heard);
        }
      }
    }
  }
}

TEST_P(inproc, refuses_types_that_do_not_match_with_an_event_on_both_sides) {
  for (const bool bind_first : {true, false}) {
    req wrong(ctx());
    pub feed(ctx());
    monitor wrong_events = wrong.monitor(), feed_events = feed.monitor();
    if (bind_first) feed.bind(place);
    wrong.connect(place);
    if (!bind_first) feed.bind(place);
    EXPECT_EQ(await_event(wrong_events, event_kind::handshake_failed).reason, errc::socket_type_mismatch);
    const event refused = await_event(feed_events, event_kind::handshake_failed);
    EXPECT_EQ(refused.reason, errc::socket_type_mismatch);
    EXPECT_EQ(refused.endpoint, place);
    EXPECT_EQ(wrong.peer_count() + feed.peer_count(), 0U);
    EXPECT_FALSE(wrong.can_send()) << "the connection is given up";
    sub right(ctx());
    right.subscribe("");
    right.connect(place);
    feed.send("still in order");
    EXPECT_EQ(must_receive(right).view(), "still in order");
  }
}

TEST_P(inproc, carries_messages_of_every_size_unchanged) {
  pull in(ctx());
  in.bind(place);
  push out(ctx());
  out.connect(place);
  for (const std::size_t size : {0U, 1U, 64U, 71U, 72U, 255U, 9000U, 300'000U}) {
    const std::string text(size, 'x');
    out.send(text);
    EXPECT_EQ(must_receive(in).view(), text);
    const message kept = message(text).push_back(text).push_back("end");
    out.send(kept);
    EXPECT_EQ(must_receive(in), kept);
  }
  message large(std::string(100'000, 'y'));
  const std::byte* const memory = large.front().data();
  out.send(std::move(large));
  EXPECT_EQ(must_receive(in).front().data(), memory) << "handed over, not copied";
}

// -- names

TEST_P(inproc, names_belong_to_one_socket_of_a_context) {
  pull in(ctx()), second(ctx());
  monitor events = second.monitor();
  in.bind(place);
  const result<void> bound = second.bind(as_result, place);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code(), std::errc::address_in_use);
  EXPECT_EQ(await_event(events, event_kind::bind_failed).endpoint, place);
  EXPECT_FALSE(in.bind(as_result, place)) << "not even the same socket twice";
  context elsewhere;
  pull namesake(elsewhere);
  namesake.bind(place);
  push out(ctx());
  out.connect(place);
  out.send("x");
  EXPECT_EQ(must_receive(in).view(), "x");
  EXPECT_EQ(namesake.peer_count(), 0U);
}

TEST_P(inproc, names_are_freed_by_unbind_and_close) {
  std::optional<pull> in(std::in_place, ctx());
  in->bind(place);
  in->unbind(place);
  EXPECT_EQ(in->unbind(as_result, place).error(), errc::no_such_endpoint);
  EXPECT_EQ(in->disconnect(as_result, place).error(), errc::no_such_endpoint);
  pull other(ctx());
  other.bind(place);
  other.close();
  in->bind(place);
  in.reset();
  pull third(ctx());
  third.bind(place);
}

TEST_P(inproc, takes_several_binds_and_connects) {
  pull in(ctx());
  push one(ctx()), two(ctx());
  in.bind("inproc://a");
  in.bind("inproc://b");
  one.bind("inproc://c");
  in.connect("inproc://c");
  one.connect("inproc://a");
  two.connect("inproc://b");
  two.connect("inproc://b");
  EXPECT_EQ(in.peer_count(), 4U);
  for (int i = 0; i < 10; ++i) {
    one.send("one");
    two.send("two");
  }
  std::multiset<std::string> got;
  for (int i = 0; i < 20; ++i) got.insert(must_receive(in).str());
  EXPECT_EQ(got.count("one"), 10U);
  EXPECT_EQ(got.count("two"), 10U);
  two.disconnect("inproc://b");
  EXPECT_EQ(in.peer_count(), 3U);
  two.disconnect("inproc://b");
  EXPECT_EQ(two.disconnect(as_result, "inproc://b").error(), errc::no_such_endpoint);
  EXPECT_EQ(in.peer_count(), 2U);
}

TEST_P(inproc, joins_a_socket_with_itself) {
  dealer alone(ctx());
  alone.bind(place);
  alone.connect(place);
  EXPECT_EQ(alone.peer_count(), 2U);
  alone.send("one");
  alone.send("two");
  std::set<std::string> got{must_receive(alone).str(), must_receive(alone).str()};
  EXPECT_EQ(got, (std::set<std::string>{"one", "two"}));
}

TEST_P(inproc, mixes_with_other_transports) {
  pull in(ctx());
  in.bind(place);
  in.bind("tcp://127.0.0.1:0");
  push near(ctx()), far(ctx());
  near.connect(place);
  far.connect(in.last_endpoint());
  std::multiset<std::string> got;
  for (int i = 0; i < 50; ++i) {
    near.send("near");
    far.send("far");
    got.insert(must_receive(in).str());
  }
  for (int i = 0; i < 50; ++i) got.insert(must_receive(in).str());
  EXPECT_EQ(got.count("near"), 50U);
  EXPECT_EQ(got.count("far"), 50U);
}

// -- connect first

TEST_P(inproc, connected_first_messages_wait_for_whoever_binds) {
  push out(ctx());
  out.connect(place);
  EXPECT_EQ(out.peer_count(), 0U);
  for (int i = 0; i < 100; ++i) out.send(std::to_string(i));
  pull in(ctx());
  in.bind(place);
  EXPECT_EQ(out.peer_count(), 1U);
  expect_numbers(in, 0, 100);
}

TEST_P(inproc, connected_first_and_immediate_takes_nothing_before) {
  push out(ctx(), {.immediate = true});
  out.connect(place);
  EXPECT_FALSE(out.try_send("too early"));
  pull in(ctx());
  in.bind(place);
  EXPECT_TRUE(out.try_send("now"));
  EXPECT_EQ(must_receive(in).view(), "now");
}

TEST_P(inproc, connected_first_many_are_joined_at_once) {
  std::vector<dealer> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(ctx(), socket_options{.routing_id = bytes::copy(std::to_string(i))});
    clients.back().connect(place);
    clients.back().send("hello");
  }
  router hub(ctx());
  hub.bind(place);
  EXPECT_EQ(hub.peer_count(), 20U);
  for (int i = 0; i < 20; ++i) {
    const message hello = must_receive(hub);
    hub.send(message(hello[0]).push_back(hello[0]));
  }
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(must_receive(clients[static_cast<std::size_t>(i)]).view(), std::to_string(i));
}

TEST_P(inproc, what_was_sent_before_anybody_bound_outlives_its_sender) {
  std::optional<push> out(std::in_place, ctx());
  out->connect(place);
  out->send("last words");
  EXPECT_EQ(out->close(), 0U) << "the context has it";
  out.reset();
  pull in(ctx());
  monitor events = in.monitor();
  in.bind(place);
  EXPECT_EQ(must_receive(in).view(), "last words");
  EXPECT_EQ(in.peer_count(), 0U);
  EXPECT_EQ(await_event(events, event_kind::disconnected).reason, errc::peer_disconnected);
}

TEST_P(inproc, what_was_sent_before_anybody_bound_is_dropped_without_linger) {
  push out(ctx(), {.linger = 0ms});
  out.connect(place);
  out.send("for nobody");
  EXPECT_EQ(out.close(), 1U);
  pull in(ctx());
  in.bind(place);
  EXPECT_FALSE(in.receive_for(1ms));
}

// -- bounds

TEST_P(inproc, holds_as_many_messages_as_both_marks_together) {
  for (const bool bind_first : {true, false}) {
    pull in(ctx(), {.receive_high_water_mark = 4});
    push out(ctx(), {.send_high_water_mark = 3});
    if (bind_first) in.bind(place);
    out.connect(place);
    int sent = 0;
    const auto send_all = [&] {
      while (out.try_send(std::to_string(sent))) ++sent;
    };
    if (!bind_first) {
      send_all();
      EXPECT_EQ(sent, 3) << "nobody is there to add to it";
      in.bind(place);
    }
    send_all();
    EXPECT_EQ(sent, 7);
    EXPECT_FALSE(out.can_send());
    expect_numbers(in, 0, 4);
    EXPECT_TRUE(out.can_send()) << "half empty";
    send_all();
    EXPECT_EQ(sent, 11);
    expect_numbers(in, 4, 11);
    EXPECT_FALSE(in.try_receive());
  }
}

std::size_t sent_at_once(push& out, std::size_t at_most = 10'000) {
  std::size_t count = 0;
  while (count < at_most && out.try_send(std::to_string(count))) ++count;
  return count;
}

TEST_P(inproc, has_no_bound_if_either_side_has_none) {
  for (const auto& [send, receive] : {std::pair{0, 5}, std::pair{5, 0}}) {
    pull in(ctx(), {.receive_high_water_mark = receive});
    push out(ctx(), {.send_high_water_mark = send});
    in.bind(place);
    out.connect(place);
    EXPECT_EQ(sent_at_once(out), 10'000U);
    expect_numbers(in, 0, 10'000);
  }
}

TEST_P(inproc, smallest_bounds_do_not_stop_the_stream) {
  pull in(ctx(), {.receive_high_water_mark = 1});
  push out(ctx(), {.send_high_water_mark = 1});
  out.connect(place);
  out.send("0");
  in.bind(place);
  for (int i = 1; i < 100; ++i) {
    EXPECT_TRUE(out.try_send(std::to_string(i)));
    EXPECT_EQ(must_receive(in).view(), std::to_string(i - 1));
  }
}

TEST_P(inproc, full_subscribers_lose_messages_which_are_counted) {
  pub feed(ctx(), {.send_high_water_mark = 2});
  sub reader(ctx(), {.receive_high_water_mark = 2});
  feed.bind(place);
  reader.subscribe("");
  reader.connect(place);
  for (int i = 0; i < 10; ++i) feed.send(std::to_string(i));
  EXPECT_EQ(feed.dropped_count(), 6U);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(must_receive(reader).view(), std::to_string(i));
  EXPECT_FALSE(reader.try_receive());
  feed.send("again");
  EXPECT_EQ(must_receive(reader).view(), "again");
}

TEST_P(inproc, conflate_keeps_the_newest) {
  for (const bool sender_conflates : {true, false}) {
    for (const bool bind_first : {true, false}) {
      pull in(ctx(), {.conflate = !sender_conflates});
      push out(ctx(), {.conflate = sender_conflates});
      if (bind_first) in.bind(place);
      out.connect(place);
      for (int i = 0; i < 50; ++i) out.send(std::to_string(i));
      if (!bind_first) in.bind(place);
      if (!bind_first) out.send("50");
      EXPECT_EQ(must_receive(in).view(), bind_first ? "49" : "50");
      EXPECT_FALSE(in.try_receive());
      EXPECT_EQ(in.dropped_count() + out.dropped_count(), bind_first ? 49U : 50U);
      out.send("next");
      EXPECT_EQ(must_receive(in).view(), "next");
    }
  }
}

}  // namespace
}  // namespace monocoque::test
