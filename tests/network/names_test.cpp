// A server behind a name whose address changes, is not known yet, or is one of two.

#include "tests/network/two_hosts.hpp"

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

const std::string name = "server.test";

socket_options attentive() {
  return {.linger = 0ms,
          .reconnect_interval = 50ms,
          .connect_timeout = 500ms,
          .heartbeat_interval = 100ms,
          .heartbeat_timeout = 500ms};
}

class names : public two_hosts {
 protected:
  void SetUp() override {
    two_hosts::SetUp();
    if (!server_) return;
    const stay at(*server_);
    sink_.emplace(attentive());
    sink_->socket.bind("tcp://*:0");
    const std::string bound = sink_->socket.last_endpoint();
    port_ = bound.substr(bound.rfind(':'));
  }
  [[nodiscard]] std::string by_name() const { return "tcp://" + name + port_; }
  [[nodiscard]] std::string by_address(const std::string& address) const {
    return "tcp://" + address + port_;
  }

  std::optional<watched<pull>> sink_;
  std::string port_;
};

TEST_F(names, whose_address_changes_are_looked_up_again) {
  const std::string other_address = "10.7.0.18";
  client_->know(name, {server_address_});
  const auto source = here<push>(attentive(), by_name());
  EXPECT_EQ(await_event(source->events, event_kind::connected).peer_address, by_address(server_address_));
  source->socket.send("before");
  EXPECT_EQ(must_receive(sink_->socket).view(), "before");

  server_->change_address(other_address);
  await_event(source->events, event_kind::disconnected);
  source->socket.send("while nobody is there");
  await_event(source->events, event_kind::connect_retried);
  client_->know(name, {other_address});
  EXPECT_EQ(await_event(source->events, event_kind::connected).peer_address, by_address(other_address));
  source->socket.send("after");
  EXPECT_EQ(must_receive(sink_->socket).view(), "while nobody is there");
  EXPECT_EQ(must_receive(sink_->socket).view(), "after");
}

TEST_F(names, with_a_silent_first_address_lead_to_the_second) {
  const std::string silent = "10.7.0.3";  // nearer to the client's, and so the resolver puts it first
  client_->know(name, {silent, server_address_});
  const auto source = here<push>(attentive(), by_name());
  source->socket.send("hello");
  EXPECT_EQ(await_event(source->events, event_kind::connect_delayed).peer_address, by_address(silent));
  EXPECT_EQ(await_event(source->events, event_kind::connected).peer_address, by_address(server_address_));
  EXPECT_EQ(must_receive(sink_->socket).view(), "hello");
}

TEST_F(names, that_nobody_knows_yet_are_tried_again) {
  const auto source = here<push>(attentive(), by_name());
  source->socket.send("hello");
  EXPECT_EQ(await_event(source->events, event_kind::connect_retried).reason, errc::resolve_failed);
  client_->know(name, {server_address_});
  EXPECT_EQ(must_receive(sink_->socket).view(), "hello");
}

}  // namespace
}  // namespace monocoque::test
