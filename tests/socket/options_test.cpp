// Options are checked when the socket is made, and read back. What is out of range is in
// tests/misuse/options_test.cpp.

#include "tests/socket/any_socket.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

struct owned_option {
  const char* name;
  std::function<void(socket_options&)> set;
  std::vector<socket_type> owners;
};

std::vector<socket_type> all_types() {
  std::vector<socket_type> all;
  for (std::size_t i = 0; i < socket_type_count; ++i) all.push_back(static_cast<socket_type>(i));
  return all;
}

std::vector<socket_type> speaking_zmtp() {
  std::vector<socket_type> all = all_types();
  std::erase(all, socket_type::stream);
  return all;
}

std::vector<owned_option> of_some_types() {
  using enum socket_type;
  return {
      {"conflate", [](socket_options& o) { o.conflate = true; }, {push, pull, pub, sub, dealer}},
      {"hello_message",
       [](socket_options& o) { o.hello_message = bytes::copy("hi"); },
       {push, dealer, router, socket_type::pair, pub, xpub, client, server, scatter, peer, channel}},
      {"disconnect_message",
       [](socket_options& o) { o.disconnect_message = bytes::copy("bye"); },
       {pull, dealer, router, socket_type::pair, client, server, gather, peer, channel}},
      {"hiccup_message",
       [](socket_options& o) { o.hiccup_message = bytes::copy("hic"); },
       {pull, dealer, router, socket_type::pair, client, server, gather, peer, channel}},
      {"when_full",
       [](socket_options& o) { o.when_full = full_policy::drop_oldest; },
       {push, dealer, socket_type::pair, pub, xpub, router, radio, client, scatter, channel}},
      {"when_full",
       [](socket_options& o) { o.when_full = full_policy::disconnect; },
       {pub, xpub, router, radio}},
      {"req_relaxed", [](socket_options& o) { o.req_relaxed = true; }, {req}},
      {"req_correlate", [](socket_options& o) { o.req_correlate = true; }, {req}},
      {"router_mandatory", [](socket_options& o) { o.router_mandatory = true; }, {router}},
      {"router_handover", [](socket_options& o) { o.router_handover = true; }, {router}},
      {"probe_router", [](socket_options& o) { o.probe_router = true; }, {router, dealer, req}},
      {"router_notify_connect", [](socket_options& o) { o.router_notify_connect = true; }, {router}},
      {"router_notify_disconnect", [](socket_options& o) { o.router_notify_disconnect = true; }, {router}},
      {"stream_notify", [](socket_options& o) { o.stream_notify = false; }, {stream}},
      {"security", [](socket_options& o) { o.security = plain_server{}; }, speaking_zmtp()},
      {"zap_domain", [](socket_options& o) { o.zap_domain = "d"; }, speaking_zmtp()},
      {"authenticate",
       [](socket_options& o) { o.authenticate = [](const auth_request&) { return auth_verdict::allow(); }; },
       speaking_zmtp()},
      {"report_subscriptions",
       [](socket_options& o) { o.report_subscriptions = subscription_reports::verbose; },
       {xpub}},
      {"no_drop", [](socket_options& o) { o.no_drop = true; }, {pub, xpub, radio}},
      {"welcome_message", [](socket_options& o) { o.welcome_message = bytes::copy("hi"); }, {pub, xpub}},
      {"invert_matching", [](socket_options& o) { o.invert_matching = true; }, {pub, xpub, sub}},
      {"only_first_subscribe", [](socket_options& o) { o.only_first_subscribe = true; }, {pub, xpub, xsub}},
      {"verbose_unsubscribe", [](socket_options& o) { o.verbose_unsubscribe = true; }, {xsub}},
  };
}

TEST(options, of_other_types_are_refused_by_name) {
  context ctx;
  for (const owned_option& option : of_some_types()) {
    for (const socket_type type : all_types()) {
      const bool owned = std::ranges::find(option.owners, type) != option.owners.end();
      socket_options options;
      option.set(options);
      try {
        (void)any_socket::make(type, ctx, options);
        EXPECT_TRUE(owned) << option.name << " on " << name_of(type);
      } catch (const exception& refused) {
        EXPECT_FALSE(owned) << option.name << " on " << name_of(type) << ": " << refused.what();
        EXPECT_EQ(refused.code(), errc::not_supported);
        EXPECT_NE(std::string_view(refused.what()).find(option.name), std::string_view::npos)
            << refused.what();
      }
    }
  }
}

TEST(options, are_read_back) {
  context ctx;
  const push made(ctx,
                  {.send_high_water_mark = 7, .linger = 3s, .routing_id = bytes::copy("me"), .backlog = 3});
  EXPECT_EQ(made.options().send_high_water_mark, 7);
  EXPECT_EQ(made.options().linger, 3s);
  EXPECT_EQ(made.options().routing_id, "me");
  EXPECT_EQ(made.options().backlog, 3);
  EXPECT_EQ(made.options().receive_high_water_mark, 1000);
}

TEST(options, have_the_defaults_of_libzmq) {
  const socket_options defaults;
  EXPECT_EQ(defaults.send_high_water_mark, 1000);
  EXPECT_EQ(defaults.receive_high_water_mark, 1000);
  EXPECT_EQ(defaults.send_timeout, infinite);
  EXPECT_EQ(defaults.receive_timeout, infinite);
  EXPECT_EQ(defaults.reconnect_interval, 100ms);
  EXPECT_EQ(defaults.handshake_timeout, 30s);
  EXPECT_EQ(defaults.max_message_size, -1);
}

TEST(options, have_a_longer_backlog_than_libzmq) { EXPECT_EQ(socket_options().backlog, 4096); }

TEST(options, of_a_context_force_a_driver) {
  context_options options;
  options.driver = io_driver::epoll;
  const context forced(options);
  EXPECT_EQ(forced.driver(), io_driver::epoll);
  EXPECT_FALSE(forced.is_inline());
}

TEST(options, the_environment_names_the_driver) {
  const char* named = std::getenv("MONOCOQUE_IO");
  if (named == nullptr) GTEST_SKIP() << "MONOCOQUE_IO is not set";
  const context ctx;
  EXPECT_EQ(ctx.driver(), std::string_view(named) == "uring" ? io_driver::uring : io_driver::epoll);
}

TEST(options, threads_take_turns_on_epoll_if_nobody_chose) {
  const char* named = std::getenv("MONOCOQUE_IO");
  const std::string before = named != nullptr ? named : "";
  ::unsetenv("MONOCOQUE_IO");
  const context ctx;
  if (named != nullptr) ::setenv("MONOCOQUE_IO", before.c_str(), 1);
  EXPECT_EQ(ctx.driver(), io_driver::epoll);
}

TEST(options, several_io_threads_serve_one_socket) {
  context_options options;
  options.io_threads = 3;
  context ctx(options);
  pull sink(ctx);
  sink.bind("tcp://127.0.0.1:0");
  std::vector<push> sources;
  for (int i = 0; i < 9; ++i) {
    sources.emplace_back(ctx);
    sources.back().connect(sink.last_endpoint());
    for (int n = 0; n < 100; ++n) sources.back().send("x");
  }
  for (int n = 0; n < 900; ++n) EXPECT_EQ(must_receive(sink).view(), "x");
}

TEST(options, metadata_is_told_to_the_peer) {
  context ctx;
  dealer in(ctx);
  in.bind("tcp://127.0.0.1:0");
  dealer out(ctx, {.routing_id = bytes::copy("me"), .metadata = {{"X-Color", "red"}}});
  out.connect(in.last_endpoint());
  out.send("hello");
  const message received = must_receive(in);
  ASSERT_NE(received.peer(), nullptr);
  const peer_info& peer = *received.peer();
  EXPECT_TRUE(peer.address.starts_with("tcp://127.0.0.1:")) << peer.address;
  EXPECT_EQ(peer.routing_id, "me");
  EXPECT_EQ(peer.socket_type, "DEALER");
  EXPECT_EQ(peer.mechanism, "NULL");
  EXPECT_EQ(peer.zmtp_major, 3);
  EXPECT_EQ(peer.zmtp_minor, 1);
  EXPECT_EQ(peer.metadata.at("X-Color"), "red");
}

/// How many TCP sockets of this process have that option so.
int count_sockets_with(int option, int value) {
  int found = 0;
  for (int fd = 3; fd < 1000; ++fd) {
    int is = -1;
    socklen_t size = sizeof is;
    if (::getsockopt(fd, IPPROTO_TCP, option, &is, &size) == 0 && is == value) ++found;
  }
  return found;
}

TEST(options, of_tcp_are_set_on_both_ends) {
  context ctx;
  const socket_options options{.tcp_keepalive = true,
                               .tcp_keepalive_idle = 77s,
                               .tcp_keepalive_count = 5,
                               .tcp_keepalive_interval = 33s,
                               .tcp_user_timeout = 54'321ms};
  pull in(ctx, options);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx, options);
  out.connect(in.last_endpoint());
  out.send("x");
  (void)must_receive(in);
  // The one that listens, the one that it accepted, the one that connected.
  EXPECT_EQ(count_sockets_with(TCP_KEEPIDLE, 77), 3);
  EXPECT_EQ(count_sockets_with(TCP_KEEPCNT, 5), 3);
  EXPECT_EQ(count_sockets_with(TCP_KEEPINTVL, 33), 3);
  EXPECT_EQ(count_sockets_with(TCP_USER_TIMEOUT, 54'321), 3);
}

TEST(options, a_message_limit_holds_for_what_is_received) {
  context ctx;
  pull in(ctx, {.max_message_size = 100});
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  push out(ctx, {.linger = 0ms});
  out.connect(in.last_endpoint());
  out.send(std::string(100, 'x'));
  EXPECT_EQ(must_receive(in).byte_count(), 100U);
  out.send(std::string(101, 'x'));
  const event over = await_event(events, event_kind::disconnected);
  EXPECT_TRUE(over.reason == errc::frame_too_large || over.reason == errc::message_over_limit) << over.text();
}

}  // namespace
}  // namespace monocoque::test
