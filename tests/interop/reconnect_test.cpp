// Peers that are late, go away and come back.

#include "tests/interop/convert.hpp"
#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <set>

namespace monocoque::test {
namespace {

class reconnect : public testing::TestWithParam<wire> {
 protected:
  [[nodiscard]] std::string endpoint() const { return fresh_endpoint(GetParam(), folder_); }

  temporary_folder folder_;
  context ctx_;
  zmq_context libzmq_;
  socket_options quick_{.reconnect_interval = std::chrono::milliseconds(10)};
};

/// An endpoint that was bound a moment ago, so that it is free now and has a name.
std::string vacated(const std::string& endpoint) {
  context ctx;
  pull once(ctx);
  once.bind(endpoint);
  std::string name = once.last_endpoint();
  once.close();
  return name;
}

TEST_P(reconnect, connect_before_libzmq_binds) {
  const std::string place = vacated(endpoint());
  req client(ctx_, quick_);
  monitor events = client.monitor();
  client.connect(place);
  client.send("early");
  (void)await_event(events, event_kind::connect_retried);
  zmq_peer server(libzmq_, socket_type::rep);
  server.bind(place);
  EXPECT_EQ(server.receive(), frames{"early"});
  server.send({"in time"});
  EXPECT_EQ(must_receive(client).view(), "in time");
}

TEST_P(reconnect, libzmq_connects_before_we_bind) {
  const std::string place = vacated(endpoint());
  zmq_peer client(libzmq_, socket_type::req);
  client.connect(place);
  client.send({"early"});
  rep server(ctx_);
  server.bind(place);
  EXPECT_EQ(must_receive(server).view(), "early");
  server.send("in time");
  EXPECT_EQ(client.receive(), frames{"in time"});
}

TEST_P(reconnect, after_the_libzmq_side_restarts) {
  std::optional<zmq_peer> server(std::in_place, libzmq_, socket_type::rep);
  const std::string place = server->bind(endpoint());
  req client(ctx_, quick_);
  monitor events = client.monitor();
  client.connect(place);
  for (int life = 0; life < 3; ++life) {
    if (life > 0) {
      server.reset();
      (void)await_event(events, event_kind::disconnected);
      server.emplace(libzmq_, socket_type::rep);
      server->bind(place);
    }
    await_handshakes(events, 1);
    client.send("life " + std::to_string(life));
    EXPECT_EQ(server->receive(), frames{"life " + std::to_string(life)});
    server->send({"yes"});
    EXPECT_EQ(must_receive(client).view(), "yes");
  }
}

TEST_P(reconnect, of_libzmq_after_our_side_restarts) {
  std::optional<router> server(std::in_place, ctx_);
  server->bind(endpoint());
  const std::string place = server->last_endpoint();
  zmq_peer client(libzmq_, socket_type::dealer);
  client.connect(place);
  for (int life = 0; life < 3; ++life) {
    if (life > 0) {
      server->close();
      server.emplace(ctx_);
      server->bind(place);
    }
    monitor events = server->monitor();
    if (server->peer_count() == 0) await_handshakes(events, 1);
    client.send({"life " + std::to_string(life)});
    const message received = must_receive(*server);
    EXPECT_EQ(received[1], "life " + std::to_string(life));
    server->send(received);
    EXPECT_EQ(client.receive(), frames{"life " + std::to_string(life)});
  }
}

TEST_P(reconnect, sends_our_subscriptions_again) {
  std::optional<zmq_peer> feed(std::in_place, libzmq_, socket_type::xpub);
  const std::string place = feed->bind(endpoint());
  sub ours(ctx_, quick_);
  ours.subscribe("a");
  ours.subscribe("b");
  ours.subscribe("gone");
  ours.connect(place);
  for (int life = 0; life < 2; ++life) {
    if (life > 0) {
      ours.unsubscribe("gone");
      EXPECT_EQ(feed->receive(), frames{std::string("\0gone", 5)});
      feed.reset();
      feed.emplace(libzmq_, socket_type::xpub);
      feed->bind(place);
    }
    std::multiset<std::string> seen;
    for (int n = 0; n < 3 - life; ++n) seen.insert(feed->receive().at(0).substr(1));
    EXPECT_EQ(seen, life == 0 ? (std::multiset<std::string>{"a", "b", "gone"})
                              : (std::multiset<std::string>{"a", "b"}));
    feed->send({"gone?"});
    feed->send({"b" + std::to_string(life)});
    if (life == 0) {
      EXPECT_EQ(must_receive(ours).view(), "gone?");
    }
    EXPECT_EQ(must_receive(ours).view(), "b" + std::to_string(life));
  }
}

TEST_P(reconnect, we_take_libzmq_subscriptions_again_after_a_restart) {
  std::optional<xpub> feed(std::in_place, ctx_);
  feed->bind(endpoint());
  const std::string place = feed->last_endpoint();
  zmq_peer theirs(libzmq_, socket_type::sub);
  theirs.subscribe("topic");
  theirs.connect(place);
  for (int life = 0; life < 2; ++life) {
    if (life > 0) {
      feed->close();
      feed.emplace(ctx_);
      feed->bind(place);
    }
    // libzmq subscribes again when its application next looks at the socket.
    while (!feed->can_receive()) (void)theirs.receive_for(std::chrono::milliseconds(10));
    EXPECT_EQ(must_receive(*feed).view(), "\x01topic");
    feed->send("topic " + std::to_string(life));
    EXPECT_EQ(theirs.receive(), frames{"topic " + std::to_string(life)});
  }
}

TEST_P(reconnect, a_subscriber_that_left_is_reported_by_our_xpub) {
  xpub feed(ctx_);
  feed.bind(endpoint());
  std::optional<zmq_peer> theirs(std::in_place, libzmq_, socket_type::sub);
  theirs->subscribe("topic");
  theirs->connect(feed.last_endpoint());
  EXPECT_EQ(must_receive(feed).view(), "\x01topic");
  theirs.reset();
  EXPECT_EQ(must_receive(feed).view(), std::string_view("\0topic", 6));
}

INSTANTIATE_TEST_SUITE_P(all, reconnect, testing::Values(wire::tcp, wire::ipc), wire_name);

}  // namespace
}  // namespace monocoque::test
