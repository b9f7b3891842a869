// A ZAP handler hears of a client from our server what it hears of the same client from libzmq's.

#include "tests/interop/secured_scene.hpp"
#include "tests/interop/zap_handler.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <string>
#include <utility>
#include <vector>

namespace monocoque::test {
namespace {

class zap_likeness : public secured_scene {};
INSTANTIATE_TEST_SUITE_P(over, zap_likeness, testing::Values(wire::tcp, wire::ipc), wire_name);

void expect_same(const zap_question& ours, const zap_question& theirs) {
  EXPECT_EQ(ours.version, theirs.version);
  EXPECT_EQ(ours.domain, theirs.domain);
  EXPECT_EQ(ours.address, theirs.address);
  EXPECT_EQ(ours.mechanism, theirs.mechanism);
  EXPECT_EQ(ours.credentials, theirs.credentials);
  // "1" of all requests of libzmq, which has a connection to the handler for each. Its identity frame is the
  // server's own routing id.
  EXPECT_EQ(theirs.request_id, "1");
  EXPECT_EQ(theirs.identity, "server");
  EXPECT_EQ(ours.identity, ours.mechanism == "PLAIN" ? "" : "client");
}

TEST_P(zap_likeness, our_requests_are_those_of_libzmq) {
  const zap_handler their_handler(libzmq_, allow_all);
  const zap_service our_handler(ctx_, socket_type::rep, allow_all);
  const std::vector<std::pair<security_mechanism, security_mechanism>> mechanisms{
      {no_security{}, no_security{}},
      {plain_server{}, plain_client{.username = "joe", .password = "right"}},
      {keys_.server(), keys_.client()}};
  for (const auto& [of_server, of_client] : mechanisms) {
    socket_options options = secured(of_server);
    options.zap_domain = "domain";
    router ours(ctx_, options);
    ours.bind(endpoint());
    zmq_peer theirs(libzmq_, socket_type::router);
    theirs.set(ZMQ_ZAP_DOMAIN, "domain");
    theirs.set("routing_id", "server");
    theirs.secure(of_server);
    const std::string their_place = theirs.bind(endpoint());

    for (const std::string& place : {ours.last_endpoint(), their_place}) {
      zmq_peer client(libzmq_, socket_type::dealer);
      client.secure(of_client);
      client.set("routing_id", "client");
      client.connect(place);
      client.send({"hello"});
      if (place == their_place) {
        EXPECT_EQ(theirs.receive(), (frames{"client", "hello"}));
      } else {
        EXPECT_EQ(must_receive(ours).view(1), "hello");
      }
    }
    ASSERT_EQ(our_handler.asked().size(), their_handler.asked().size());
    expect_same(our_handler.asked().back(), their_handler.asked().back());
  }
}

}  // namespace
}  // namespace monocoque::test
