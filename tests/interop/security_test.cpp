// CURVE and PLAIN with libzmq at the other end: what is said beside the messages, who is let in, and who is
// not.

#include "tests/interop/convert.hpp"
#include "tests/interop/secured_scene.hpp"
#include "tests/interop/zap_handler.hpp"
#include "tests/interop/zmq_monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zmq.h>

#include <optional>
#include <string>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

/// Among the drafts in libzmq's header, though it is there.
constexpr int zmq_metadata = 95;

const plain_client joe{.username = "joe", .password = "right"};

class security : public secured_scene {};
INSTANTIATE_TEST_SUITE_P(over, security, testing::Values(wire::tcp, wire::ipc), wire_name);

socket_options with_metadata(socket_options options) {
  options.metadata = {{"X-Ours", "one"}};
  return options;
}

void expect_properties(const message& received) {
  ASSERT_NE(received.peer(), nullptr);
  EXPECT_THAT(received.peer()->metadata, Contains(Pair("X-Theirs", "two")));
  EXPECT_EQ(received.peer()->socket_type, "DEALER");
}

TEST_P(security, properties_of_ours_and_of_theirs_are_seen_when_we_are_the_server) {
  const std::vector<std::pair<security_mechanism, security_mechanism>> mechanisms{
      {plain_server{}, joe}, {keys_.server(), keys_.client()}};
  for (const auto& [of_server, of_client] : mechanisms) {
    dealer ours(ctx_, with_metadata(secured(of_server, password_is("right"))));
    if (std::holds_alternative<curve_server>(of_server)) {
      ours = dealer(ctx_, with_metadata(secured(of_server)));
    }
    ours.bind(endpoint());
    zmq_peer theirs(libzmq_, socket_type::dealer);
    theirs.secure(of_client);
    theirs.set(zmq_metadata, "X-Theirs:two");
    theirs.connect(ours.last_endpoint());
    theirs.send({"hello"});
    expect_properties(must_receive(ours));
    ours.send("hello");
    (void)theirs.receive();
    EXPECT_EQ(theirs.property("X-Ours"), "one");
    EXPECT_EQ(theirs.property("Socket-Type"), "DEALER");
  }
}

TEST_P(security, properties_of_ours_and_of_theirs_are_seen_when_libzmq_is_the_server) {
  const zap_handler handler(libzmq_, allow_all);
  const std::vector<std::pair<security_mechanism, security_mechanism>> mechanisms{
      {joe, plain_server{}}, {keys_.client(), keys_.server()}};
  for (const auto& [of_client, of_server] : mechanisms) {
    zmq_peer theirs(libzmq_, socket_type::dealer);
    theirs.secure(of_server);
    theirs.set(zmq_metadata, "X-Theirs:two");
    dealer ours(ctx_, with_metadata(secured(of_client)));
    ours.connect(theirs.bind(endpoint()));
    theirs.send({"hello"});
    expect_properties(must_receive(ours));
    ours.send("hello");
    (void)theirs.receive();
    EXPECT_EQ(theirs.property("X-Ours"), "one");
    EXPECT_EQ(theirs.property("User-Id"), "joe");
  }
}

TEST_P(security, our_server_sees_the_key_and_the_process_of_a_libzmq_client) {
  const authenticator by_key = [&](const auth_request& about) {
    EXPECT_EQ(about.public_key, keys_.client_keys.public_key);
    EXPECT_EQ(about.routing_id.str(), "id-of-joe");
    EXPECT_EQ(about.process.has_value(), GetParam() == wire::ipc);
    return auth_verdict::allow("joe");
  };
  router ours(ctx_, secured(keys_.server(), by_key));
  ours.bind(endpoint());
  zmq_peer theirs(libzmq_, socket_type::dealer);
  theirs.secure(keys_.client());
  theirs.set("routing_id", "id-of-joe");
  theirs.connect(ours.last_endpoint());
  theirs.send({"hello"});
  const message received = must_receive(ours);
  EXPECT_EQ(received.view(0), "id-of-joe");
  EXPECT_EQ(received.peer()->user_id, "joe");
  EXPECT_EQ(received.peer()->mechanism, "CURVE");
}

TEST_P(security, heartbeats_go_both_ways_inside_curve) {
  for (const bool we_are_the_server : {true, false}) {
    socket_options options = secured(we_are_the_server ? security_mechanism(keys_.server()) : keys_.client());
    options.heartbeat_interval = 10ms;
    options.heartbeat_timeout = patience;
    dealer ours(ctx_, options);
    monitor events = ours.monitor();
    ours.bind(endpoint());
    zmq_peer theirs(libzmq_, socket_type::dealer);
    theirs.secure(we_are_the_server ? security_mechanism(keys_.client()) : keys_.server());
    theirs.set(ZMQ_HEARTBEAT_IVL, 10);
    theirs.set(ZMQ_HEARTBEAT_TIMEOUT, 2000);
    theirs.set(ZMQ_HEARTBEAT_TTL, 4000);
    theirs.connect(ours.last_endpoint());
    await_handshakes(events, 1);
    // Many of both are on their way while messages are.
    for (int i = 0; i < 100 || ours.peers().at(0).heartbeat_round_trip == 0ns; ++i) {
      theirs.send({"anything", std::to_string(i)});
      const message received = must_receive(ours);
      ASSERT_EQ(received.view(1), std::to_string(i));
      ours.send("still there");
      ASSERT_EQ(theirs.receive(), frames{"still there"});
    }
    EXPECT_EQ(events.try_receive(), std::nullopt);
  }
}

// -- who is not let in

TEST_P(security, a_libzmq_client_with_another_key_for_our_server_gets_no_answer) {
  pull ours(ctx_, secured(keys_.server()));
  monitor events = ours.monitor();
  ours.bind(endpoint());
  zmq_peer theirs(libzmq_, socket_type::push);
  theirs.set(ZMQ_LINGER, 0);
  theirs.secure(curve_client{.server = keys_.client_keys.public_key, .keys = keys_.client_keys});
  theirs.connect(ours.last_endpoint());
  const event failed = await_event(events, event_kind::handshake_failed);
  EXPECT_EQ(failed.reason, errc::decryption_failed);
  EXPECT_THAT(failed.reason.message(), HasSubstr("HELLO cannot be opened"));
  EXPECT_EQ(ours.peer_count(), 0U);
}

TEST_P(security, our_client_with_another_key_for_a_libzmq_server_gets_no_answer) {
  zmq_peer theirs(libzmq_, socket_type::pull);
  theirs.secure(keys_.server());
  zmq_monitor their_events(libzmq_, theirs);
  push ours(ctx_, secured(curve_client{.server = keys_.client_keys.public_key, .keys = keys_.client_keys}));
  monitor events = ours.monitor();
  ours.connect(theirs.bind(endpoint()));
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::peer_disconnected);
  EXPECT_EQ(their_events.await(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL), ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC);
}

/// libzmq's PLAIN clients do not know ERROR, but a misspelt one, and give up all the same.
void expect_refusal_of_plain(zmq_monitor& events) {
  EXPECT_EQ(events.await(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND);
}

TEST_P(security, libzmq_clients_learn_the_status_with_which_we_deny_them) {
  const std::vector<std::pair<auth_verdict, std::uint32_t>> verdicts{{auth_verdict::deny(), 400},
                                                                     {auth_verdict::fail(), 500}};
  const std::vector<std::pair<security_mechanism, security_mechanism>> mechanisms{
      {no_security{}, no_security{}}, {plain_server{}, joe}, {keys_.server(), keys_.client()}};
  for (const auto& [verdict, status] : verdicts) {
    for (const auto& [of_server, of_client] : mechanisms) {
      pull ours(ctx_, secured(of_server, [&](const auth_request&) { return verdict; }));
      monitor events = ours.monitor();
      ours.bind(endpoint());
      zmq_peer theirs(libzmq_, socket_type::push);
      theirs.set(ZMQ_LINGER, 0);
      theirs.secure(of_client);
      zmq_monitor their_events(libzmq_, theirs);
      theirs.connect(ours.last_endpoint());
      if (std::holds_alternative<plain_client>(of_client)) {
        expect_refusal_of_plain(their_events);
      } else {
        EXPECT_EQ(their_events.await(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH), status) << of_client.index();
      }
      EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::authentication_failed);
      EXPECT_EQ(ours.peer_count(), 0U);
    }
  }
}

TEST_P(security, libzmq_clients_come_again_when_we_cannot_tell_now) {
  const std::vector<std::pair<security_mechanism, security_mechanism>> mechanisms{
      {no_security{}, no_security{}}, {plain_server{}, joe}, {keys_.server(), keys_.client()}};
  for (const auto& [of_server, of_client] : mechanisms) {
    std::atomic<int> asked = 0;
    const authenticator third_time = [&](const auth_request&) {
      return ++asked < 3 ? auth_verdict::unavailable() : auth_verdict::allow("at last");
    };
    pull ours(ctx_, secured(of_server, third_time));
    ours.bind(endpoint());
    zmq_peer theirs(libzmq_, socket_type::push);
    theirs.secure(of_client);
    theirs.set(ZMQ_RECONNECT_IVL, 10);
    theirs.connect(ours.last_endpoint());
    theirs.send({"hello"});
    EXPECT_EQ(must_receive(ours).peer()->user_id, "at last");
    EXPECT_EQ(asked, 3);
  }
}

TEST_P(security, a_wrong_password_is_denied_both_ways) {
  const plain_client guesses{.username = "joe", .password = "wrong"};
  const zap_handler handler(libzmq_, [](const zap_question& about) {
    return zap_reply(about, about.credentials == frames{"joe", "right"} ? "200" : "400");
  });
  zmq_peer theirs(libzmq_, socket_type::pull);
  theirs.secure(plain_server{});
  push ours(ctx_, secured(guesses));
  monitor events = ours.monitor();
  ours.connect(theirs.bind(endpoint()));
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::authentication_failed);

  pull our_server(ctx_, secured(plain_server{}, password_is("right")));
  our_server.bind(endpoint());
  zmq_peer their_client(libzmq_, socket_type::push);
  their_client.set(ZMQ_LINGER, 0);
  their_client.secure(guesses);
  zmq_monitor their_events(libzmq_, their_client);
  their_client.connect(our_server.last_endpoint());
  expect_refusal_of_plain(their_events);
}

TEST_P(security, our_client_learns_the_status_with_which_a_libzmq_server_denies_it) {
  const std::vector<std::pair<security_mechanism, security_mechanism>> mechanisms{
      {no_security{}, no_security{}}, {plain_server{}, joe}, {keys_.server(), keys_.client()}};
  for (const char* const each : {"400", "500"}) {
    const std::string status(each);
    const zap_handler handler(libzmq_, [&](const zap_question& about) { return zap_reply(about, status); });
    for (const auto& [of_server, of_client] : mechanisms) {
      zmq_peer theirs(libzmq_, socket_type::pull);
      theirs.set(ZMQ_ZAP_DOMAIN, "global");
      theirs.secure(of_server);
      push ours(ctx_, secured(of_client));
      monitor events = ours.monitor();
      ours.connect(theirs.bind(endpoint()));
      const event denied = await_event(events, event_kind::handshake_failed);
      EXPECT_EQ(denied.reason, status == "400" ? errc::authentication_failed : errc::refused_by_peer)
          << of_client.index();
      EXPECT_THAT(denied.reason.message(), HasSubstr(status));
    }
  }
}

TEST_P(security, our_client_comes_again_when_a_libzmq_server_cannot_tell_now_or_its_handler_makes_no_sense) {
  const std::vector<std::pair<security_mechanism, security_mechanism>> mechanisms{
      {no_security{}, no_security{}}, {plain_server{}, joe}, {keys_.server(), keys_.client()}};
  const std::vector<frames> first_replies{{"1.0", "1", "300", "later", "", ""},
                                          {"1.0", "1", "600", "garbage", "", ""},
                                          {"1.0", "1", "200", "garbage", "", "\3"},
                                          {"2.0", "1", "200", "garbage", "", ""},
                                          {"garbage"}};
  for (const frames& first_reply : first_replies) {
    SCOPED_TRACE(first_reply.back());
    for (const auto& [of_server, of_client] : mechanisms) {
      int asked = 0;
      const zap_handler handler(libzmq_, [&](const zap_question& about) {
        return ++asked == 1 ? first_reply : zap_reply(about, "200");
      });
      zmq_peer theirs(libzmq_, socket_type::pull);
      theirs.set(ZMQ_ZAP_DOMAIN, "global");
      theirs.set(ZMQ_HANDSHAKE_IVL, 100);  // to which its PLAIN leaves a connection after 300
      theirs.secure(of_server);
      socket_options options = secured(of_client);
      options.reconnect_interval = 10ms;
      push ours(ctx_, options);
      monitor events = ours.monitor();
      ours.connect(theirs.bind(endpoint()));
      EXPECT_TRUE(await_event(events, event_kind::handshake_failed).reason) << of_client.index();
      ours.send("hello");
      EXPECT_EQ(theirs.receive(), frames{"hello"});
    }
  }
}

// -- no way down to less security

struct sides {
  security_mechanism ours, theirs;
};

/// All that cannot talk to each other.
std::vector<sides> mismatches(const curve_keys& keys) {
  const std::vector<security_mechanism> all{no_security{}, joe, plain_server{}, keys.client(), keys.server()};
  constexpr std::size_t partners[] = {0, 2, 1, 4, 3};
  std::vector<sides> different;
  for (const security_mechanism& ours : all) {
    for (std::size_t theirs = 0; theirs < all.size(); ++theirs)
      if (partners[ours.index()] != theirs) different.push_back({ours, all[theirs]});
  }
  return different;
}

TEST_P(security, sides_that_do_not_fit_never_exchange_a_message) {
  const zap_handler handler(libzmq_, allow_all);
  for (const auto& [our_mechanism, their_mechanism] : mismatches(keys_)) {
    for (const bool we_bind : {true, false}) {
      SCOPED_TRACE(std::to_string(our_mechanism.index()) + " against " +
                   std::to_string(their_mechanism.index()) + (we_bind ? ", bound" : ", connected"));
      socket_options options = secured(our_mechanism, password_is("right"));
      if (!std::holds_alternative<plain_server>(our_mechanism)) options.authenticate = {};
      options.handshake_timeout = 100ms;
      dealer ours(ctx_, options);
      monitor events = ours.monitor();
      zmq_peer theirs(libzmq_, socket_type::dealer);
      theirs.set(ZMQ_LINGER, 0);
      theirs.set(ZMQ_HANDSHAKE_IVL, 100);
      theirs.secure(their_mechanism);
      if (we_bind) {
        ours.bind(endpoint());
        theirs.connect(ours.last_endpoint());
        (void)theirs.try_send({"secret"});  // not queued if libzmq has given the peer up by now
      } else {
        ours.connect(theirs.bind(endpoint()));
        (void)ours.try_send("secret");
      }
      EXPECT_TRUE(await_event(events, event_kind::handshake_failed).reason);
      EXPECT_EQ(ours.peer_count(), 0U);
      EXPECT_EQ(ours.try_receive(), std::nullopt);
      EXPECT_FALSE(theirs.try_send({"secret"}) && !we_bind) << "libzmq has a peer";
      EXPECT_EQ(theirs.receive_for(0ms), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace monocoque::test
