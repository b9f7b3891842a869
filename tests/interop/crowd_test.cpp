// A hundred peers on one socket.

#include "tests/interop/convert.hpp"
#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

namespace monocoque::test {
namespace {

constexpr std::size_t crowd = 100;

TEST(crowd, of_libzmq_subscribers_all_hear_our_publisher) {
  context ctx;
  zmq_context libzmq;
  xpub ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  std::vector<zmq_peer> peers;
  for (std::size_t i = 0; i < crowd; ++i) {
    peers.emplace_back(libzmq, socket_type::sub);
    peers.back().connect(ours.last_endpoint());
    peers.back().subscribe("to " + std::to_string(i) + ";");
    EXPECT_EQ(must_receive(ours).view(), "\x01to " + std::to_string(i) + ";");
  }
  for (zmq_peer& peer : peers) peer.subscribe("all");
  EXPECT_EQ(must_receive(ours).view(),
            "\x01"
            "all");
  // The first of a topic is reported; that the others have arrived shows in what follows on their
  // connections.
  for (std::size_t i = 0; i < crowd; ++i) {
    peers[i].subscribe("ready " + std::to_string(i));
    EXPECT_EQ(must_receive(ours).view(), "\x01ready " + std::to_string(i));
  }
  ours.send("all of you");
  for (std::size_t i = 0; i < crowd; ++i) ours.send("to " + std::to_string(i) + ";");
  for (std::size_t i = 0; i < crowd; ++i) {
    EXPECT_EQ(peers[i].receive(), frames{"all of you"});
    EXPECT_EQ(peers[i].receive(), frames{"to " + std::to_string(i) + ";"});
  }
}

TEST(crowd, of_our_subscribers_all_hear_their_publisher) {
  context ctx;
  zmq_context libzmq;
  zmq_peer theirs(libzmq, socket_type::xpub);
  const std::string endpoint = theirs.bind("tcp://127.0.0.1:0");
  std::vector<sub> peers;
  for (std::size_t i = 0; i < crowd; ++i) {
    peers.emplace_back(ctx);
    peers.back().subscribe("all");
    peers.back().subscribe("ready " + std::to_string(i));
    peers.back().connect(endpoint);
  }
  for (std::size_t ready = 0; ready < crowd;) {
    if (theirs.receive().at(0).starts_with("\x01ready")) ++ready;
  }
  theirs.send({"all of you", "body"});
  for (sub& peer : peers) EXPECT_EQ(to_frames(must_receive(peer)), (frames{"all of you", "body"}));
}

TEST(crowd, of_libzmq_pushers_is_heard_fairly) {
  context ctx;
  zmq_context libzmq;
  pull sink(ctx);
  sink.bind("tcp://127.0.0.1:0");
  std::vector<zmq_peer> peers;
  constexpr std::size_t each = 20;
  for (std::size_t i = 0; i < crowd; ++i) {
    peers.emplace_back(libzmq, socket_type::push);
    peers.back().connect(sink.last_endpoint());
    for (std::size_t n = 0; n < each; ++n) peers.back().send({std::to_string(i), std::to_string(n)});
  }
  std::vector<std::size_t> next(crowd);
  for (std::size_t n = 0; n < crowd * each; ++n) {
    const frames received = to_frames(must_receive(sink));
    std::size_t& expected = next.at(std::stoul(received.at(0)));
    EXPECT_EQ(received.at(1), std::to_string(expected));
    ++expected;
  }
  EXPECT_EQ(next, std::vector<std::size_t>(crowd, each));
  EXPECT_EQ(sink.peer_count(), crowd);
}

TEST(crowd, of_libzmq_pullers_is_dealt_to_in_turn) {
  context ctx;
  zmq_context libzmq;
  push source(ctx);
  monitor events = source.monitor();
  source.bind("tcp://127.0.0.1:0");
  std::vector<zmq_peer> peers;
  for (std::size_t i = 0; i < crowd; ++i) {
    peers.emplace_back(libzmq, socket_type::pull);
    peers.back().connect(source.last_endpoint());
  }
  await_handshakes(events, crowd);
  for (std::size_t round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < crowd; ++i) source.send(std::to_string(round));
  }
  for (zmq_peer& peer : peers) {
    for (std::size_t round = 0; round < 3; ++round) EXPECT_EQ(peer.receive(), frames{std::to_string(round)});
  }
}

}  // namespace
}  // namespace monocoque::test
