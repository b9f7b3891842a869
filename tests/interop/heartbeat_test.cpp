// Heartbeats between libzmq and us, each asking, each answering.

#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class heartbeats : public testing::TestWithParam<wire> {
 protected:
  [[nodiscard]] std::string endpoint() const { return fresh_endpoint(GetParam(), folder_); }

  temporary_folder folder_;
  context ctx_;
  zmq_context libzmq_;
};

TEST_P(heartbeats, of_ours_are_answered_by_libzmq) {
  dealer ours(ctx_, {.heartbeat_interval = 10ms, .heartbeat_timeout = patience});
  ours.bind(endpoint());
  zmq_peer theirs(libzmq_, socket_type::dealer);
  theirs.connect(ours.last_endpoint());
  theirs.send({"hello"});
  const message hello = must_receive(ours);
  if (hello.peer()->zmtp_minor == 0) GTEST_SKIP() << "this libzmq speaks ZMTP 3.0";
  while (ours.peers().at(0).heartbeat_round_trip == 0ns) {
    theirs.send({"anything"});
    (void)must_receive(ours);
  }
  ours.send("still there");
  EXPECT_EQ(theirs.receive(), frames{"still there"});
}

TEST_P(heartbeats, of_libzmq_are_answered_by_us) {
  dealer ours(ctx_);
  monitor events = ours.monitor();
  ours.bind(endpoint());
  zmq_peer theirs(libzmq_, socket_type::dealer);
  theirs.set(ZMQ_HEARTBEAT_IVL, 20);
  theirs.set(ZMQ_HEARTBEAT_TIMEOUT, 2000);
  theirs.set(ZMQ_HEARTBEAT_TTL, 4000);
  theirs.connect(ours.last_endpoint());
  await_handshakes(events, 1);
  // Nothing but heartbeats for many of their intervals.
  const result<event> next = events.receive_for(as_result, 500ms);
  EXPECT_FALSE(next) << next->text();
  ours.send("still there");
  EXPECT_EQ(theirs.receive(), frames{"still there"});
}

INSTANTIATE_TEST_SUITE_P(all, heartbeats, testing::Values(wire::tcp, wire::ipc), wire_name);

}  // namespace
}  // namespace monocoque::test
