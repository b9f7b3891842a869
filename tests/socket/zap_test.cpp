// A ZAP handler in the same context decides who is let in, as with libzmq.

#include "tests/socket/security_support.hpp"
#include "tests/socket/zap_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <tuple>
#include <unistd.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

enum class way { threaded, inline_loop };
const plain_client joe{.username = "joe", .password = "right"};
/// CURVE and PLAIN servers ask of themselves; others, if they have a domain.
constexpr const char* domain = "domain of tests";

/// The two sides of a mechanism.
struct sides {
  security_mechanism server, client;
};

class zap : public testing::TestWithParam<std::tuple<way, socket_type>> {
 protected:
  zap() { std::get<0>(GetParam()) == way::threaded ? ctx_.emplace() : ctx_.emplace(inline_loop); }
  context& ctx() { return *ctx_; }
  [[nodiscard]] static socket_type handler_type() { return std::get<1>(GetParam()); }
  [[nodiscard]] std::vector<sides> all_mechanisms() const {
    std::vector<sides> all{{no_security{}, no_security{}}, {plain_server{}, joe}};
    if (has_curve()) all.emplace_back(keys_.server(), keys_.client());
    return all;
  }
  static socket_options with_domain(const security_mechanism& how) {
    socket_options options = secured(how);
    options.zap_domain = domain;
    options.reconnect_interval = 10ms;
    return options;
  }
  /// What our side says of a client that is answered like this, and what the client says.
  struct outcome {
    event at_server, at_client;
  };
  outcome refusal(const sides& how, const zap_decision& decide) {
    const zap_service handler(ctx(), handler_type(), decide);
    pull server(ctx(), with_domain(how.server));
    monitor of_server = server.monitor();
    server.bind("tcp://127.0.0.1:0");
    push client(ctx(), secured(how.client));
    monitor of_client = client.monitor();
    client.connect(server.last_endpoint());
    outcome seen;
    seen.at_server = await_event(of_server, event_kind::handshake_failed);
    seen.at_client = await_event(of_client, event_kind::handshake_failed);
    EXPECT_EQ(server.peer_count(), 0U);
    return seen;
  }
  /// Lets a client in and answers what is known of it then.
  peer_info admission(const sides& how, const zap_decision& decide) {
    const zap_service handler(ctx(), handler_type(), decide);
    pull server(ctx(), with_domain(how.server));
    server.bind("tcp://127.0.0.1:0");
    push client(ctx(), secured(how.client));
    client.connect(server.last_endpoint());
    client.send("hello");
    const message received = must_receive(server);
    return *received.peer();
  }

  const curve_keys keys_;
  temporary_folder folder_;

 private:
  std::optional<context> ctx_;
};

INSTANTIATE_TEST_SUITE_P(asks, zap,
                         testing::Combine(testing::Values(way::threaded, way::inline_loop),
                                          testing::Values(socket_type::rep, socket_type::router)),
                         [](const auto& parameter) {
                           return std::string(name_of(std::get<1>(parameter.param))) +
                                  (std::get<0>(parameter.param) == way::threaded ? "_threaded" : "_inline");
                         });

// -- what a handler is told

TEST_P(zap, handlers_are_told_what_rfc_27_says) {
  for (const sides& how : all_mechanisms()) {
    const zap_service handler(ctx(), handler_type(),
                              [](const zap_question& q) { return zap_reply(q, "200"); });
    router server(ctx(), with_domain(how.server));
    server.bind("tcp://127.0.0.1:0");
    socket_options options = secured(how.client);
    options.routing_id = bytes::copy("id of joe");
    dealer client(ctx(), options);
    client.connect(server.last_endpoint());
    client.send("hello");
    EXPECT_EQ(must_receive(server).view(0), "id of joe");

    ASSERT_EQ(handler.asked().size(), 1U);
    const zap_question asked = handler.asked()[0];
    EXPECT_EQ(asked.version, "1.0");
    EXPECT_THAT(asked.request_id, Not(IsEmpty()));
    EXPECT_EQ(asked.domain, domain);
    EXPECT_EQ(asked.address, "127.0.0.1");
    if (std::holds_alternative<no_security>(how.server)) {
      EXPECT_EQ(asked.mechanism, "NULL");
      EXPECT_EQ(asked.identity, "id of joe");
      EXPECT_THAT(asked.credentials, IsEmpty());
    } else if (std::holds_alternative<plain_server>(how.server)) {
      EXPECT_EQ(asked.mechanism, "PLAIN");  // the identity comes after the password
      EXPECT_EQ(asked.credentials, (frames{"joe", "right"}));
    } else {
      EXPECT_EQ(asked.mechanism, "CURVE");
      EXPECT_EQ(asked.identity, "id of joe");
      const auto key = keys_.client_keys.public_key.data();
      EXPECT_EQ(asked.credentials, (frames{{reinterpret_cast<const char*>(key.data()), key.size()}}));
    }
  }
}

TEST_P(zap, handlers_are_told_the_process_of_ipc_peers) {
  const zap_service handler(ctx(), handler_type(), [](const zap_question& q) { return zap_reply(q, "200"); });
  pull server(ctx(), with_domain(no_security{}));
  server.bind(folder_.ipc("s"));
  push client(ctx());
  client.connect(server.last_endpoint());
  client.send("hello");
  (void)must_receive(server);
  EXPECT_EQ(handler.asked().at(0).address, "localhost:" + std::to_string(::getuid()) + ":" +
                                               std::to_string(::getgid()) + ":" + std::to_string(::getpid()));
}

TEST_P(zap, handlers_are_told_ipv6_addresses_without_brackets) {
  const zap_service handler(ctx(), handler_type(), [](const zap_question& q) { return zap_reply(q, "200"); });
  socket_options options = with_domain(no_security{});
  options.ipv6 = true;
  pull server(ctx(), options);
  if (!server.bind(as_result, "tcp://[::1]:0")) GTEST_SKIP() << "no IPv6 here";
  push client(ctx(), {.ipv6 = true});
  client.connect(server.last_endpoint());
  client.send("hello");
  (void)must_receive(server);
  EXPECT_EQ(handler.asked().at(0).address, "::1");
}

// -- what it answers

TEST_P(zap, status_200_lets_in_with_a_user_id_and_metadata) {
  for (const sides& how : all_mechanisms()) {
    const peer_info who = admission(how, [](const zap_question& q) {
      return zap_reply(q, "200", "joe the user", {{"Role", "admin"}, {"Shift", "night"}});
    });
    EXPECT_EQ(who.user_id, "joe the user");
    EXPECT_EQ(who.metadata.at("Role"), "admin");
    EXPECT_EQ(who.metadata.at("Shift"), "night");
    EXPECT_EQ(who.metadata.at("Socket-Type"), "PUSH");
  }
}

TEST_P(zap, statuses_400_and_500_reach_both_sides) {
  for (const sides& how : all_mechanisms()) {
    for (const char* const status : {"400", "500"}) {
      const outcome seen = refusal(how, [&](const zap_question& q) { return zap_reply(q, status); });
      EXPECT_EQ(seen.at_server.reason, errc::authentication_failed);
      EXPECT_THAT(seen.at_server.reason.message(), HasSubstr(std::string("(") + status + "): so be it"));
      EXPECT_EQ(seen.at_client.reason,
                status == std::string_view("400") ? errc::authentication_failed : errc::refused_by_peer);
      EXPECT_THAT(seen.at_client.reason.message(), HasSubstr(status));
    }
  }
}

TEST_P(zap, status_300_disconnects_without_a_word_and_the_client_comes_again) {
  for (const sides& how : all_mechanisms()) {
    const outcome seen = refusal(how, [](const zap_question& q) { return zap_reply(q, "300"); });
    EXPECT_EQ(seen.at_server.reason, errc::authentication_failed);
    EXPECT_EQ(seen.at_client.reason, errc::peer_disconnected);
    std::atomic<int> asked = 0;
    const peer_info who = admission(how, [&](const zap_question& q) {
      return ++asked == 1 ? zap_reply(q, "300") : zap_reply(q, "200", "at last");
    });
    EXPECT_EQ(who.user_id, "at last");
  }
}

TEST_P(zap, replies_that_make_no_sense_are_status_500) {
  const auto expect_500 = [this](const char* what, const zap_decision& decide) {
    SCOPED_TRACE(what);
    for (const sides& how : all_mechanisms()) {
      const outcome seen = refusal(how, decide);
      EXPECT_EQ(seen.at_server.reason, errc::authentication_failed);
      EXPECT_THAT(seen.at_server.reason.message(),
                  HasSubstr("(500): the ZAP handler's reply makes no sense"));
      EXPECT_THAT(seen.at_client.reason.message(), HasSubstr("500"));
    }
  };
  expect_500("a frame is missing", [](const zap_question& q) {
    frames reply = zap_reply(q, "200");
    reply.pop_back();
    return reply;
  });
  expect_500("nothing but a version and an id",
             [](const zap_question& q) { return frames{q.version, q.request_id}; });
  expect_500("a frame too many", [](const zap_question& q) {
    frames reply = zap_reply(q, "200");
    reply.emplace_back("more");
    return reply;
  });
  expect_500("another version", [](const zap_question& q) {
    frames reply = zap_reply(q, "200");
    reply[0] = "1.1";
    return reply;
  });
  for (const char* const status : {"", "20", "200 ", "2000", "201", "600", "yes"})
    expect_500(status, [&](const zap_question& q) { return zap_reply(q, status); });
  for (const char* const metadata : {"\1", "\1x\1", "\1x\1\1\1\1y", "x"}) {
    expect_500("broken metadata", [&](const zap_question& q) {
      frames reply = zap_reply(q, "200");
      reply[5] = metadata;
      return reply;
    });
  }
}

TEST_P(zap, a_reply_to_another_request_is_none) {
  for (const char* const id : {"", "0", "x", "4711", "18446744073709551616"}) {
    const zap_service handler(ctx(), handler_type(), [&](const zap_question& q) {
      frames reply = zap_reply(q, "200");
      reply[1] = id;
      return reply;
    });
    socket_options options = with_domain(plain_server{});
    options.authentication_timeout = 20ms;
    pull server(ctx(), options);
    monitor events = server.monitor();
    server.bind("tcp://127.0.0.1:0");
    push client(ctx(), secured(joe));
    client.connect(server.last_endpoint());
    EXPECT_THAT(await_event(events, event_kind::handshake_failed).reason.message(),
                HasSubstr("(300): there was no answer in time"));
  }
}

TEST_P(zap, many_clients_get_each_its_own_answer) {
  constexpr int count = 50;
  const zap_service handler(ctx(), handler_type(),
                            [](const zap_question& q) { return zap_reply(q, "200", q.credentials.at(0)); });
  pull server(ctx(), with_domain(plain_server{}));
  server.bind("tcp://127.0.0.1:0");
  std::vector<push> clients;
  for (int i = 0; i < count; ++i) {
    const std::string name = "client " + std::to_string(i);
    clients.emplace_back(ctx(), secured(plain_client{.username = name, .password = {}}));
    clients.back().connect(server.last_endpoint());
    clients.back().send(name);
  }
  std::set<std::string> seen;
  for (int i = 0; i < count; ++i) {
    const message received = must_receive(server);
    EXPECT_EQ(received.view(), received.peer()->user_id);
    seen.insert(received.peer()->user_id);
  }
  EXPECT_EQ(seen.size(), std::size_t{count});
}

// -- handlers that come and go

TEST_P(zap, a_handler_that_never_answers_keeps_nobody_waiting_for_ever) {
  const zap_service handler(ctx(), handler_type(), [](const zap_question&) { return std::nullopt; });
  for (const sides& how : all_mechanisms()) {
    socket_options options = with_domain(how.server);
    options.authentication_timeout = 20ms;
    pull server(ctx(), options);
    monitor events = server.monitor();
    server.bind("tcp://127.0.0.1:0");
    push client(ctx(), secured(how.client));
    client.connect(server.last_endpoint());
    EXPECT_THAT(await_event(events, event_kind::handshake_failed).reason.message(),
                HasSubstr("(300): there was no answer in time"));
  }
}

TEST_P(zap, a_handler_that_closes_while_it_is_asked_may_be_followed_by_another) {
  std::atomic<bool> was_asked = false;
  std::optional<zap_service> handler;
  handler.emplace(ctx(), handler_type(), [&](const zap_question&) {
    was_asked = true;
    return std::nullopt;
  });
  socket_options options = with_domain(plain_server{});
  options.authentication_timeout = options.handshake_timeout = 1h;
  pull server(ctx(), options);
  monitor events = server.monitor();
  server.bind("tcp://127.0.0.1:0");
  socket_options eager = secured(joe);
  eager.reconnect_interval = 10ms;
  push client(ctx(), eager);
  client.connect(server.last_endpoint());
  (void)await_event(events, event_kind::accepted);
  while (!was_asked) (void)events.receive_for(as_result, 1ms);
  handler.reset();
  const event failed = await_event(events, event_kind::handshake_failed);
  EXPECT_EQ(failed.reason, errc::authentication_failed);
  EXPECT_THAT(failed.reason.message(), HasSubstr("(300): the ZAP handler has gone"));
  EXPECT_EQ(failed.status, 300);
  EXPECT_EQ(failed.flaw, zap_flaw::no_reply);
  handler.emplace(ctx(), handler_type(),
                  [](const zap_question& q) { return zap_reply(q, "200", "at last"); });
  client.send("hello");
  EXPECT_EQ(must_receive(server).peer()->user_id, "at last");
}

TEST_P(zap, the_newest_of_many_handlers_is_asked) {
  pull server(ctx(), with_domain(plain_server{}));
  server.bind("tcp://127.0.0.1:0");
  for (int i = 0; i < 20; ++i) {
    const zap_service handler(ctx(), handler_type(),
                              [i](const zap_question& q) { return zap_reply(q, "200", std::to_string(i)); });
    push client(ctx(), secured(joe));
    client.connect(server.last_endpoint());
    client.send("hello");
    EXPECT_EQ(must_receive(server).peer()->user_id, std::to_string(i));
  }
}

TEST_P(zap, a_handler_that_unbinds_is_asked_no_more) {
  zap_service first(ctx(), handler_type(),
                    [](const zap_question& q) { return zap_reply(q, "200", "of first"); });
  pull server(ctx(), with_domain(plain_server{}));
  server.bind("tcp://127.0.0.1:0");
  const auto user_of_the_next = [&] {
    push client(ctx(), secured(joe));
    client.connect(server.last_endpoint());
    client.send("hello");
    return must_receive(server).peer()->user_id;
  };
  EXPECT_EQ(user_of_the_next(), "of first");
  first.unbind();
  const zap_service second(ctx(), handler_type(),
                           [](const zap_question& q) { return zap_reply(q, "200", "of second"); });
  EXPECT_EQ(user_of_the_next(), "of second");
  EXPECT_EQ(first.asked().size(), 1U);
}

TEST_P(zap, the_context_ends_while_a_question_is_open) {
  const zap_service handler(ctx(), handler_type(), [](const zap_question&) { return std::nullopt; });
  pull server(ctx(), with_domain(plain_server{}));
  monitor events = server.monitor();
  server.bind("tcp://127.0.0.1:0");
  push client(ctx(), secured(joe));
  client.connect(server.last_endpoint());
  while (handler.asked().empty()) (void)events.receive_for(as_result, 1ms);
}

TEST_P(zap, an_authenticator_is_asked_in_place_of_the_handler) {
  const zap_service handler(ctx(), handler_type(), [](const zap_question& q) { return zap_reply(q, "400"); });
  socket_options options = with_domain(plain_server{});
  options.authenticate = password_is("right");
  pull server(ctx(), options);
  server.bind("tcp://127.0.0.1:0");
  push client(ctx(), secured(joe));
  client.connect(server.last_endpoint());
  client.send("hello");
  EXPECT_EQ(must_receive(server).peer()->user_id, "joe");
  EXPECT_THAT(handler.asked(), IsEmpty());
}

// -- who is asked about at all: ZMQ_ZAP_DOMAIN, ZMQ_ZAP_ENFORCE_DOMAIN

/// Is a client let in, and was the handler asked, if there is one?
class zap_domain : public zap {
 protected:
  enum class handling { none, denying };
  bool lets_in(const sides& how, const char* of_domain, bool enforce, handling handlers) {
    std::optional<zap_service> handler;
    if (handlers == handling::denying) {
      handler.emplace(ctx(), handler_type(), [](const zap_question& q) { return zap_reply(q, "400"); });
    }
    socket_options options = secured(how.server);
    options.zap_domain = of_domain;
    options.zap_enforce_domain = enforce;
    pull server(ctx(), options);
    monitor events = server.monitor();
    server.bind("tcp://127.0.0.1:0");
    push client(ctx(), secured(how.client));
    client.connect(server.last_endpoint());
    for (;;) {
      const event next = events.receive_for(as_result, patience).value();
      if (next.kind == event_kind::handshake_done) return true;
      if (next.kind == event_kind::handshake_failed) return false;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(asks, zap_domain,
                         testing::Combine(testing::Values(way::threaded), testing::Values(socket_type::rep)));

TEST_P(zap_domain, sockets_without_security_ask_only_if_they_have_one) {
  const sides null{no_security{}, no_security{}};
  for (const bool enforce : {false, true}) {
    EXPECT_TRUE(lets_in(null, "", enforce, handling::denying));
    EXPECT_FALSE(lets_in(null, domain, enforce, handling::denying));
    EXPECT_TRUE(lets_in(null, "", enforce, handling::none));
    EXPECT_EQ(lets_in(null, domain, enforce, handling::none), !enforce);
  }
}

TEST_P(zap_domain, plain_servers_let_nobody_in_unasked) {
  const sides plain{plain_server{}, joe};
  for (const bool enforce : {false, true}) {
    for (const char* const each : {"", domain}) {
      EXPECT_FALSE(lets_in(plain, each, enforce, handling::denying));
      EXPECT_FALSE(lets_in(plain, each, enforce, handling::none));
    }
  }
}

TEST_P(zap_domain, curve_servers_let_everybody_in_without_a_handler_unless_it_is_enforced) {
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  const sides curve{keys_.server(), keys_.client()};
  EXPECT_FALSE(lets_in(curve, "", false, handling::denying));
  EXPECT_TRUE(lets_in(curve, "", true, handling::denying)) << "nobody is asked";
  EXPECT_TRUE(lets_in(curve, "", false, handling::none));
  EXPECT_TRUE(lets_in(curve, "", true, handling::none));
  for (const bool enforce : {false, true}) {
    EXPECT_FALSE(lets_in(curve, domain, enforce, handling::denying));
    EXPECT_EQ(lets_in(curve, domain, enforce, handling::none), !enforce);
  }
}

}  // namespace
}  // namespace monocoque::test
