#include "tests/socket/security_support.hpp"

#include <monocoque/monocoque.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace monocoque::test {
namespace {

using ::testing::HasSubstr;

class secured_sockets : public ::testing::TestWithParam<wire> {
 protected:
  std::string fresh() { return fresh_endpoint(GetParam(), folder_, "s" + std::to_string(++endpoints_)); }
  temporary_folder folder_;
  int endpoints_ = 0;
  context ctx_;
};
INSTANTIATE_TEST_SUITE_P(over, secured_sockets, ::testing::Values(wire::tcp, wire::ipc), wire_name);

/// Requests and replies of all sizes, between a server that binds and a client that connects.
void expect_talk(req& asking, rep& answering) {
  for (const std::size_t size : {0UL, 1UL, 200UL, 5000UL, 200'000UL}) {
    const std::string body(size, 'x');
    asking.send(body);
    message request = must_receive(answering);
    ASSERT_EQ(request.view(), body);
    answering.send({"reply", request.view()});
    ASSERT_EQ(must_receive(asking).view(1), body);
  }
}

TEST_P(secured_sockets, talk_over_curve) {
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  const curve_keys keys;
  rep server(ctx_, secured(keys.server()));
  server.bind(fresh());
  req client(ctx_, secured(keys.client()));
  client.connect(server.last_endpoint());
  expect_talk(client, server);
}

TEST_P(secured_sockets, talk_over_curve_when_the_server_connects) {
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  const curve_keys keys;
  req client(ctx_, secured(keys.client()));
  client.bind(fresh());
  rep server(ctx_, secured(keys.server()));
  server.connect(client.last_endpoint());
  expect_talk(client, server);
}

TEST_P(secured_sockets, see_who_was_let_in) {
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  const curve_keys keys;
  const authenticator by_key = [&](const auth_request& about) {
    EXPECT_EQ(about.mechanism, "CURVE");
    EXPECT_EQ(about.public_key, keys.client_keys.public_key);
    EXPECT_EQ(about.socket_type, "PUSH");
    EXPECT_EQ(about.metadata.at("X-Own"), "value");
    EXPECT_EQ(about.process.has_value(), GetParam() == wire::ipc);
    return auth_verdict::allow("joe", {{"Role", "admin"}});
  };
  pull server(ctx_, secured(keys.server(), by_key));
  server.bind(fresh());
  socket_options options = secured(keys.client());
  options.metadata = {{"X-Own", "value"}};
  push client(ctx_, options);
  client.connect(server.last_endpoint());
  client.send("hello");
  const message got = must_receive(server);
  ASSERT_NE(got.peer(), nullptr);
  EXPECT_EQ(got.peer()->user_id, "joe");
  EXPECT_EQ(got.peer()->mechanism, "CURVE");
  EXPECT_EQ(got.peer()->metadata.at("Role"), "admin");
  EXPECT_EQ(got.peer()->metadata.at("X-Own"), "value");
}

TEST_P(secured_sockets, check_passwords) {
  pull server(ctx_, secured(plain_server{}, password_is("right")));
  monitor of_server = server.monitor();
  server.bind(fresh());
  push client(ctx_, secured(plain_client{.username = "joe", .password = "right"}));
  client.connect(server.last_endpoint());
  client.send("hello");
  EXPECT_EQ(must_receive(server).peer()->user_id, "joe");
  push guessing(ctx_, secured(plain_client{.username = "joe", .password = "wrong"}));
  monitor of_guesser = guessing.monitor();
  guessing.connect(server.last_endpoint());
  const event denied = await_event(of_guesser, event_kind::handshake_failed);
  EXPECT_EQ(denied.reason, errc::authentication_failed);
  EXPECT_THAT(denied.reason.message(), HasSubstr("the peer denied it (400)"));
  const event told = await_event(of_server, event_kind::handshake_failed);
  EXPECT_EQ(told.reason, errc::authentication_failed);
  EXPECT_THAT(told.reason.message(), HasSubstr("wrong password"));
}

TEST_P(secured_sockets, may_be_answered_later_by_coroutines_and_threads) {
  std::jthread elsewhere;
  const authenticator by_thread = [&](auth_request about, auth_answer answer) {
    elsewhere =
        std::jthread([user = about.username, answer] { answer(auth_verdict::allow(user + " by thread")); });
  };
  const authenticator by_coroutine = [](auth_request about) -> task<auth_verdict> {
    co_await sleep_for(std::chrono::milliseconds(1));
    co_return auth_verdict::allow(about.username + " by coroutine");
  };
  for (const authenticator& each : {by_thread, by_coroutine}) {
    pull server(ctx_, secured(plain_server{}, each));
    server.bind(fresh());
    push client(ctx_, secured(plain_client{.username = "joe", .password = {}}));
    client.connect(server.last_endpoint());
    client.send("hello");
    EXPECT_THAT(must_receive(server).peer()->user_id, HasSubstr("joe by"));
  }
}

TEST_P(secured_sockets, do_not_wait_for_ever_for_a_verdict) {
  std::vector<auth_answer> kept;
  const authenticator silent = [&](auth_request, auth_answer answer) { kept.push_back(std::move(answer)); };
  socket_options options = secured(plain_server{}, silent);
  options.authentication_timeout = std::chrono::milliseconds(20);
  pull server(ctx_, options);
  monitor events = server.monitor();
  server.bind(fresh());
  push client(ctx_, secured(plain_client{.username = "joe", .password = {}}));
  client.connect(server.last_endpoint());
  const event given_up = await_event(events, event_kind::handshake_failed);
  EXPECT_THAT(given_up.reason.message(), HasSubstr("(300): there was no answer in time"));
}

TEST_P(secured_sockets, disconnect_a_peer_that_is_revoked) {
  std::stop_source revoke;
  const authenticator for_now = [&](const auth_request&) {
    return revoke.stop_requested() ? auth_verdict::deny()
                                   : auth_verdict::allow("joe").until(revoke.get_token());
  };
  pull server(ctx_, secured(plain_server{}, for_now));
  monitor events = server.monitor();
  server.bind(fresh());
  push client(ctx_, secured(plain_client{.username = "joe", .password = {}}));
  monitor of_client = client.monitor();
  client.connect(server.last_endpoint());
  client.send("hello");
  (void)must_receive(server);
  revoke.request_stop();
  const event over = await_event(events, event_kind::disconnected);
  EXPECT_EQ(over.reason, errc::authentication_failed);
  EXPECT_EQ(over.peer->user_id, "joe");
  EXPECT_EQ(await_event(of_client, event_kind::handshake_failed).reason, errc::authentication_failed);
}

TEST_P(secured_sockets, do_not_let_in_for_a_moment_who_was_revoked_meanwhile) {
  std::stop_source revoked;
  revoked.request_stop();
  pull server(ctx_, secured(plain_server{}, [&](const auth_request&) {
                return auth_verdict::allow("joe").until(revoked.get_token());
              }));
  monitor events = server.monitor();
  server.bind(fresh());
  push client(ctx_, secured(plain_client{.username = "joe", .password = {}}));
  client.connect(server.last_endpoint());
  const event refused = await_event(events, event_kind::handshake_failed);
  EXPECT_EQ(refused.reason, errc::authentication_failed);
  EXPECT_THAT(refused.reason.message(), HasSubstr("it is let in no longer"));
}

TEST_P(secured_sockets, say_what_an_authenticator_threw) {
  const authenticator broken = [](const auth_request&) -> auth_verdict {
    throw std::runtime_error("no database");
  };
  pull server(ctx_, secured(plain_server{}, broken));
  monitor events = server.monitor();
  server.bind(fresh());
  push client(ctx_, secured(plain_client{.username = "joe", .password = {}}));
  client.connect(server.last_endpoint());
  EXPECT_THAT(await_event(events, event_kind::handshake_failed).reason.message(),
              HasSubstr("threw no database"));
}

TEST_P(secured_sockets, ask_about_peers_without_security_too) {
  std::atomic<int> asked = 0;
  const authenticator second_only = [&](const auth_request& about) {
    EXPECT_EQ(about.mechanism, "NULL");
    return ++asked == 1 ? auth_verdict::deny() : auth_verdict::allow("anybody");
  };
  pull server(ctx_, secured(no_security{}, second_only));
  server.bind(fresh());
  push client(ctx_, secured(no_security{}));
  monitor events = client.monitor();
  client.connect(server.last_endpoint());
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::authentication_failed);
  client.send("hello");
  EXPECT_EQ(must_receive(server).peer()->user_id, "anybody");
}

TEST_P(secured_sockets, never_talk_to_a_peer_with_another_mechanism) {
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  const curve_keys keys;
  const std::vector<security_mechanism> servers{no_security{}, plain_server{}, keys.server()};
  const std::vector<security_mechanism> clients{no_security{}, plain_client{}, keys.client()};
  const authenticator everybody = [](const auth_request&) { return auth_verdict::allow(); };
  for (std::size_t i = 0; i < servers.size(); ++i) {
    for (std::size_t j = 0; j < clients.size(); ++j) {
      if (i == j) continue;
      pull server(ctx_, secured(servers[i], everybody));
      server.bind(fresh());
      push client(ctx_, secured(clients[j]));
      monitor events = client.monitor();
      client.connect(server.last_endpoint());
      (void)client.try_send("secret");
      EXPECT_TRUE(await_event(events, event_kind::handshake_failed).reason) << i << j;
      EXPECT_EQ(server.peer_count(), 0U);
    }
  }
}

TEST_P(secured_sockets, stop_trying_once_they_are_denied_if_they_are_told_to) {
  pull server(ctx_, secured(plain_server{}, password_is("right")));
  server.bind(fresh());
  socket_options options = secured(plain_client{.username = "joe", .password = "wrong"});
  options.reconnect_stop.denied = true;
  push client(ctx_, options);
  monitor events = client.monitor();
  client.connect(server.last_endpoint());
  EXPECT_EQ(await_event(events, event_kind::closed).reason, errc::authentication_failed);
}

TEST_P(secured_sockets, publish_over_curve_to_many) {
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  const curve_keys keys;
  pub server(ctx_, secured(keys.server()));
  server.bind(fresh());
  std::vector<sub> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back(ctx_, secured(curve_client{.server = keys.server_keys.public_key}));
    readers.back().subscribe("t");
    readers.back().connect(server.last_endpoint());
  }
  const auto everybody_is_there = [&] {
    server.send({"t", "are you there"});
    return std::ranges::all_of(readers, [](sub& each) { return each.receive_for(brief).has_value(); });
  };
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!everybody_is_there() && std::chrono::steady_clock::now() < deadline) {
  }
  for (int i = 0; i < 500; ++i) server.send({"t" + std::to_string(i), std::string(100, 'x')});
  for (sub& each : readers) {
    message got = must_receive(each);
    while (got.view(0) == "t") got = must_receive(each);
    for (int i = 0; i < 500; ++i) {
      if (i > 0) got = must_receive(each);
      ASSERT_EQ(got.view(0), "t" + std::to_string(i));
    }
  }
}

TEST(secured_inline_sockets, talk_over_curve) {
  context ctx(inline_loop);
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  const curve_keys keys;
  rep server(ctx, secured(keys.server()));
  server.bind("tcp://127.0.0.1:0");
  req client(ctx, secured(keys.client()));
  client.connect(server.last_endpoint());
  expect_talk(client, server);
}

}  // namespace
}  // namespace monocoque::test
