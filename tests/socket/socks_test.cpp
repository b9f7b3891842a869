// Connections that go out through a SOCKS proxy: option socks_proxy.

#include "tests/socket/socks_support.hpp"
#include "tests/socket/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class socks : public testing::Test {
 protected:
  [[nodiscard]] std::string port() const { return place_.substr(place_.rfind(':')); }
  [[nodiscard]] static socket_options through(const socks_proxy& proxy) {
    socket_options options;
    options.linger = 0ms;
    options.reconnect_interval = 5ms;
    options.socks_proxy = proxy.place();
    return options;
  }
  /// Sends a message to `where` and sees it arrive.
  void expect_passage(const socket_options& options, const std::string& where) {
    push out(ctx_, options);
    out.connect(where);
    out.send("through");
    EXPECT_EQ(must_receive(in_).view(), "through");
  }
  /// Why the first attempt to get through does not succeed.
  error failure(const socket_options& options, const std::string& where) {
    push out(ctx_, options);
    monitor events = out.monitor();
    out.connect(where);
    return await_event(events, event_kind::connect_retried).reason;
  }

  context ctx_;
  pull in_{ctx_};
  const std::string place_ = [this] {
    in_.bind("tcp://127.0.0.1:0");
    return in_.last_endpoint();
  }();
};

TEST_F(socks, proxies_carry_messages_both_ways) {
  const socks_proxy proxy({});
  rep server(ctx_);
  server.bind("tcp://127.0.0.1:0");
  req client(ctx_, through(proxy));
  client.connect(server.last_endpoint());
  for (int i = 0; i < 10; ++i) {
    client.send("hello");
    EXPECT_EQ(must_receive(server).view(), "hello");
    server.send("world");
    EXPECT_EQ(must_receive(client).view(), "world");
  }
  EXPECT_THAT(proxy.asked(), ElementsAre("ipv4"));
}

TEST_F(socks, proxies_that_answer_byte_by_byte_are_understood) {
  const socks_proxy proxy({.byte_by_byte = true});
  expect_passage(through(proxy), place_);
}

TEST_F(socks, proxies_look_names_up) {
  const socks_proxy proxy({});
  expect_passage(through(proxy), "tcp://no-such-host.invalid" + port());
  EXPECT_THAT(proxy.asked(), ElementsAre("name no-such-host.invalid"));
}

TEST_F(socks, proxies_reach_ipv6_without_the_option) {
  const socks_proxy proxy({});
  expect_passage(through(proxy), "tcp://[2001:db8::1]" + port());
  EXPECT_THAT(proxy.asked(), ElementsAre("ipv6"));
}

TEST_F(socks, proxies_are_told_who_we_are) {
  const socks_proxy proxy({.username = "joe", .password = "secret"});
  socket_options options = through(proxy);
  EXPECT_EQ(failure(options, place_).code(), std::errc::permission_denied);
  options.socks_username = "joe";
  options.socks_password = "wrong";
  EXPECT_EQ(failure(options, place_).code(), std::errc::permission_denied);
  EXPECT_THAT(proxy.asked(), ElementsAre());
  options.socks_password = "secret";
  expect_passage(options, place_);
}

TEST_F(socks, proxies_are_not_for_ipc) {
  const temporary_folder folder;
  const socks_proxy proxy({});
  in_.bind(folder.ipc("s"));
  expect_passage(through(proxy), folder.ipc("s"));
  EXPECT_THAT(proxy.asked(), ElementsAre());
}

TEST_F(socks, proxies_that_refuse_are_tried_again) {
  const socks_proxy proxy({.verdict = 5});
  push out(ctx_, through(proxy));
  monitor events = out.monitor();
  out.connect(place_);
  for (int i = 0; i < 3; ++i) {
    const error reason = await_event(events, event_kind::connect_retried).reason;
    EXPECT_EQ(reason.code(), std::errc::connection_refused);
    EXPECT_EQ(reason.endpoint(), place_);
    EXPECT_EQ(reason.detail(), "SOCKS proxy: refused, code 5");
  }
}

TEST_F(socks, proxies_that_refuse_may_end_it) {
  const socks_proxy proxy({.verdict = 5});
  socket_options options = through(proxy);
  options.reconnect_stop.refused = true;
  push out(ctx_, options);
  monitor events = out.monitor();
  out.connect(place_);
  EXPECT_EQ(await_event(events, event_kind::closed).reason.code(), std::errc::connection_refused);
}

TEST_F(socks, proxies_that_are_none_do_no_harm) {
  const socks_proxy proxy({.instead = "HTTP/1.1 400 Bad Request\r\n\r\n"});
  EXPECT_EQ(failure(through(proxy), place_).code(), std::errc::protocol_error);
}

TEST_F(socks, proxies_that_say_nothing_are_given_up_in_time) {
  const socks_proxy proxy({.is_silent = true});
  socket_options options = through(proxy);
  options.connect_timeout = 20ms;
  EXPECT_EQ(failure(options, place_).code(), std::errc::timed_out);
  options.connect_timeout = 0ms;
  options.handshake_timeout = 20ms;
  EXPECT_EQ(failure(options, place_).code(), std::errc::timed_out);
}

TEST_F(socks, proxies_that_say_nothing_do_not_hold_up_the_end) {
  const socks_proxy proxy({.is_silent = true});
  context ctx;
  push out(ctx, through(proxy));
  monitor events = out.monitor();
  out.connect(place_);
  (void)await_event(events, event_kind::connect_delayed);
  out.disconnect(place_);
  EXPECT_EQ(await_event(events, event_kind::closed).endpoint, place_);
}

TEST_F(socks, proxies_that_are_not_there_are_waited_for) {
  std::string place;
  {
    const socks_proxy gone({});
    place = gone.place();
  }
  socket_options options;
  options.socks_proxy = place;
  EXPECT_EQ(failure(options, place_).code(), std::errc::connection_refused);
}

TEST_F(socks, proxies_serve_an_inline_context) {
  const socks_proxy proxy({.byte_by_byte = true});
  context here(inline_loop);
  socket_options options = through(proxy);
  options.linger = infinite;
  push out(here, options);
  out.connect("tcp://no-such-host.invalid" + port());
  here.run([](push& sender) -> task<> { co_await sender.async_send("through"); }(out));
  out.close(patience);
  EXPECT_EQ(must_receive(in_).view(), "through");
}

}  // namespace
}  // namespace monocoque::test
