// bind, connect, unbind, disconnect: what is resolved, taken and given up. What is refused, and what is said
// about it, is in tests/misuse/endpoints_test.cpp.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class endpoints : public testing::Test {
 protected:
  temporary_folder folder_;
  context ctx_;
  pull in_{ctx_};
  push out_{ctx_, {.linger = 0ms, .reconnect_interval = 5ms}};
};

TEST_F(endpoints, of_a_wildcard_port_are_resolved) {
  EXPECT_EQ(in_.last_endpoint(), "");
  in_.bind("tcp://127.0.0.1:0");
  EXPECT_TRUE(in_.last_endpoint().starts_with("tcp://127.0.0.1:"));
  EXPECT_FALSE(in_.last_endpoint().ends_with(":0"));
  in_.bind("tcp://*:*");
  EXPECT_TRUE(in_.last_endpoint().starts_with("tcp://0.0.0.0:")) << in_.last_endpoint();
}

TEST_F(endpoints, any_number_may_be_bound_and_connected) {
  std::vector<std::string> places;
  for (int i = 0; i < 3; ++i) {
    in_.bind("tcp://127.0.0.1:0");
    places.push_back(in_.last_endpoint());
  }
  in_.bind(folder_.ipc("also"));
  places.push_back(in_.last_endpoint());
  EXPECT_EQ(places.back(), folder_.ipc("also"));
  for (const std::string& place : places) {
    push one(ctx_);
    one.connect(place);
    one.send(place);
    EXPECT_EQ(must_receive(in_).view(), place);
  }
}

TEST_F(endpoints, of_ipc_that_somebody_listens_on_are_not_stolen) {
  in_.bind(folder_.ipc("s"));
  pull second(ctx_);
  EXPECT_EQ(second.bind(as_result, folder_.ipc("s")).error().code(), std::errc::address_in_use);
  push writer(ctx_);
  writer.connect(folder_.ipc("s"));
  writer.send("still mine");
  EXPECT_EQ(must_receive(in_).view(), "still mine");
}

TEST_F(endpoints, of_ipc_that_were_left_behind_are_replaced) {
  const std::string place = folder_.ipc("s");
  for (int i = 0; i < 2; ++i) {
    pull one(ctx_);
    one.bind(place);
    one.close();
  }
  const std::string path = place.substr(6);
  std::ofstream(path + "x") << "no socket";
  EXPECT_FALSE(in_.bind(as_result, place + "x")) << "a plain file is not ours to remove";
  EXPECT_TRUE(std::filesystem::exists(path + "x"));
}

TEST_F(endpoints, of_ipc_may_be_abstract) {
  const std::string place = "ipc://@monocoque-test-" + folder_.ipc("abstract").substr(7);
  in_.bind(place);
  out_.connect(place);
  out_.send("no file");
  EXPECT_EQ(must_receive(in_).view(), "no file");
}

TEST_F(endpoints, that_cannot_be_bound_raise_an_event) {
  monitor events = in_.monitor();
  EXPECT_FALSE(in_.bind(as_result, "ipc:///nowhere/at/all"));
  EXPECT_EQ(await_event(events, event_kind::bind_failed).reason.code(), std::errc::no_such_file_or_directory);
}

TEST_F(endpoints, are_freed_by_unbind) {
  in_.bind("tcp://127.0.0.1:0");
  const std::string place = in_.last_endpoint();
  monitor events = out_.monitor();
  out_.connect(place);
  await_handshakes(events, 1);
  in_.unbind(place);
  (void)await_event(events, event_kind::disconnected);
  (void)await_event(events, event_kind::connect_retried);
  pull other(ctx_);
  other.bind(place);
  out_.send("to the next tenant");
  EXPECT_EQ(must_receive(other).view(), "to the next tenant");
}

TEST_F(endpoints, are_given_up_by_disconnect) {
  in_.bind("tcp://127.0.0.1:0");
  monitor events = in_.monitor(), out_events = out_.monitor();
  out_.connect(in_.last_endpoint());
  await_handshakes(events, 1);
  await_handshakes(out_events, 1);  // closed with something unread, a connection is reset instead
  out_.disconnect(in_.last_endpoint());
  EXPECT_EQ(await_event(events, event_kind::disconnected).reason, errc::peer_disconnected);
  EXPECT_FALSE(out_.try_send("to nobody"));
}

TEST_F(endpoints, connect_before_bind_works) {
  const std::string place = folder_.ipc("later");
  monitor events = out_.monitor();
  out_.connect(place);
  const event retry = await_event(events, event_kind::connect_retried);
  EXPECT_EQ(retry.reason.code(), std::errc::no_such_file_or_directory) << retry.text();
  EXPECT_EQ(retry.endpoint, place);
  EXPECT_GE(retry.delay, 0ms);
  in_.bind(place);
  out_.send("found you");
  EXPECT_EQ(must_receive(in_).view(), "found you");
}

TEST_F(endpoints, by_host_name) {
  in_.bind("tcp://127.0.0.1:0");
  const std::string place = in_.last_endpoint();
  out_.connect("tcp://localhost:" + place.substr(place.rfind(':') + 1));
  out_.send("hello");
  EXPECT_EQ(must_receive(in_).view(), "hello");
}

TEST_F(endpoints, by_interface_name) {
  in_.bind("tcp://lo:0");
  EXPECT_TRUE(in_.last_endpoint().starts_with("tcp://127.0.0.1:")) << in_.last_endpoint();
}

TEST_F(endpoints, of_a_host_that_does_not_exist_are_tried_again) {
  monitor events = out_.monitor();
  out_.connect("tcp://no-such-host.invalid:5555");
  EXPECT_EQ(await_event(events, event_kind::connect_retried).reason, errc::resolve_failed);
}

TEST_F(endpoints, of_ipv6) {
  pull in(ctx_, {.ipv6 = true});
  const result<void> bound = in.bind(as_result, "tcp://[::1]:0");
  if (!bound) GTEST_SKIP() << bound.error().message();
  EXPECT_TRUE(in.last_endpoint().starts_with("tcp://[::1]:")) << in.last_endpoint();
  push out(ctx_, {.ipv6 = true});
  out.connect(in.last_endpoint());
  out.send("six");
  EXPECT_EQ(must_receive(in).view(), "six");
}

TEST_F(endpoints, with_a_source_address) {
  in_.bind("tcp://127.0.0.1:0");
  const std::string target = in_.last_endpoint().substr(6);
  out_.connect("tcp://127.0.0.2:0;" + target);
  out_.send("from elsewhere");
  const message received = must_receive(in_);
  EXPECT_TRUE(received.peer()->address.starts_with("tcp://127.0.0.2:")) << received.peer()->address;
}

}  // namespace
}  // namespace monocoque::test
