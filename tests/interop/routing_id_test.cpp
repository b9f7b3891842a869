// Routing ids across implementations: given, binary, long, generated, many at once.

#include "tests/interop/convert.hpp"
#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <set>

namespace monocoque::test {
namespace {

constexpr std::size_t crowd = 100;

std::vector<std::string> interesting_ids() {
  std::string longest(255, '\0');
  longest.front() = '\x01';
  return {"a", std::string("x\0y\0", 4), "\xff\xfe", std::string(254, 'l'), longest};
}

class routing_id : public testing::Test {
 protected:
  context ctx_;
  zmq_context libzmq_;
};

TEST_F(routing_id, of_any_bytes_is_kept_by_our_router) {
  router hub(ctx_, {.router_mandatory = true});
  hub.bind("tcp://127.0.0.1:0");
  for (const std::string& id : interesting_ids()) {
    zmq_peer peer(libzmq_, socket_type::dealer);
    peer.set("routing_id", id);
    peer.connect(hub.last_endpoint());
    peer.send({"hello"});
    const message received = must_receive(hub);
    EXPECT_EQ(to_frames(received), (frames{id, "hello"}));
    ASSERT_NE(received.peer(), nullptr);
    EXPECT_EQ(received.peer()->routing_id, id);
    EXPECT_EQ(received.peer()->socket_type, "DEALER");
    hub.send(to_message({id, "to", "you"}));
    EXPECT_EQ(peer.receive(), (frames{"to", "you"}));
  }
}

TEST_F(routing_id, of_any_bytes_is_told_to_their_router) {
  for (const std::string& id : interesting_ids()) {
    zmq_peer hub(libzmq_, socket_type::router);
    const std::string endpoint = hub.bind("tcp://127.0.0.1:0");
    dealer ours(ctx_, {.routing_id = bytes::copy(id)});
    ours.connect(endpoint);
    ours.send("hello");
    EXPECT_EQ(hub.receive(), (frames{id, "hello"}));
    hub.send({id, "to", "you"});
    EXPECT_EQ(to_frames(must_receive(ours)), (frames{"to", "you"}));
  }
}

TEST_F(routing_id, is_made_up_for_each_of_100_nameless_peers) {
  router hub(ctx_, {.router_mandatory = true});
  hub.bind("tcp://127.0.0.1:0");
  std::vector<zmq_peer> peers;
  for (std::size_t i = 0; i < crowd; ++i) {
    peers.emplace_back(libzmq_, socket_type::dealer);
    peers.back().connect(hub.last_endpoint());
    peers.back().send({std::to_string(i)});
  }
  std::set<std::string> ids, words;
  for (std::size_t i = 0; i < crowd; ++i) {
    const frames received = to_frames(must_receive(hub));
    ASSERT_EQ(received.size(), 2U);
    EXPECT_EQ(received[0].size(), 5U);
    EXPECT_EQ(received[0][0], '\0');  // so that no given id can equal it
    ids.insert(received[0]);
    words.insert(received[1]);
    hub.send(to_message({received[0], "echo " + received[1]}));
  }
  EXPECT_EQ(ids.size(), crowd);
  EXPECT_EQ(words.size(), crowd);
  for (std::size_t i = 0; i < crowd; ++i) EXPECT_EQ(peers[i].receive(), frames{"echo " + std::to_string(i)});
}

TEST_F(routing_id, of_100_of_our_peers_is_made_up_by_their_router) {
  zmq_peer hub(libzmq_, socket_type::router);
  const std::string endpoint = hub.bind("tcp://127.0.0.1:0");
  std::vector<dealer> peers;
  for (std::size_t i = 0; i < crowd; ++i) {
    peers.emplace_back(ctx_);
    peers.back().connect(endpoint);
    peers.back().send(std::to_string(i));
  }
  for (std::size_t i = 0; i < crowd; ++i) {
    const frames received = hub.receive();
    hub.send({received.at(0), "echo " + received.at(1)});
  }
  for (std::size_t i = 0; i < crowd; ++i) {
    EXPECT_EQ(must_receive(peers[i]).view(), "echo " + std::to_string(i));
  }
}

TEST_F(routing_id, a_second_peer_of_the_same_name_is_refused_and_the_first_goes_on) {
  router hub(ctx_, {.router_mandatory = true});
  monitor events = hub.monitor();
  hub.bind("tcp://127.0.0.1:0");
  zmq_peer first(libzmq_, socket_type::dealer);
  first.set("routing_id", "name");
  first.connect(hub.last_endpoint());
  await_handshakes(events, 1);

  zmq_peer second(libzmq_, socket_type::dealer);
  second.set("routing_id", "name");
  second.connect(hub.last_endpoint());
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::duplicate_routing_id);

  hub.send(message::of({"name", "for the first"}));
  EXPECT_EQ(first.receive(), frames{"for the first"});
}

TEST_F(routing_id, is_handed_over_to_the_newcomer_if_asked) {
  router hub(ctx_, {.router_mandatory = true, .router_handover = true});
  monitor events = hub.monitor();
  hub.bind("tcp://127.0.0.1:0");
  zmq_peer first(libzmq_, socket_type::dealer);
  first.set("routing_id", "name");
  first.set("reconnect", "never");
  first.connect(hub.last_endpoint());
  first.send({"one"});
  EXPECT_EQ(to_frames(must_receive(hub)), (frames{"name", "one"}));

  zmq_peer second(libzmq_, socket_type::dealer);
  second.set("routing_id", "name");
  second.connect(hub.last_endpoint());
  second.send({"two"});
  EXPECT_EQ(to_frames(must_receive(hub)), (frames{"name", "two"}));
  hub.send(message::of({"name", "for the second"}));
  EXPECT_EQ(second.receive(), frames{"for the second"});
}

TEST_F(routing_id, given_by_the_one_who_connects_wins) {
  zmq_peer peer(libzmq_, socket_type::dealer);
  const std::string endpoint = peer.bind("tcp://127.0.0.1:0");
  router hub(ctx_, {.router_mandatory = true});
  monitor events = hub.monitor();
  connect_options options;
  options.routing_id = bytes::copy("my name for it");
  hub.connect(endpoint, options);
  await_handshakes(events, 1);
  hub.send(message::of({"my name for it", "x"}));
  EXPECT_EQ(peer.receive(), frames{"x"});
}

}  // namespace
}  // namespace monocoque::test
