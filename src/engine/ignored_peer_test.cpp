#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace monocoque::engine {
namespace {

/// A ROUTER in a context with libzmq's manners, and peers that are all called the same. The parameter: an
/// endpoint.
class ignored_peer : public testing::TestWithParam<const char*> {
 protected:
  ~ignored_peer() override {
    for (const auto& each : {router_, first_, second_}) {
      if (each) each->begin_close();
    }
    context_->finish();
  }
  std::shared_ptr<socket_core> make(socket_type type) {
    socket_options options;
    options.linger = std::chrono::milliseconds(0);
    if (type == socket_type::dealer) options.routing_id = bytes::copy("it");
    return socket_core::make(context_, type, options).value();
  }
  std::shared_ptr<socket_core> connected() {
    auto made = make(socket_type::dealer);
    made->connect(router_->last_endpoint(), {}).value();
    return made;
  }
  static void send(const std::shared_ptr<socket_core>& from, const std::string& text) {
    message sent(text);
    ASSERT_EQ(from->try_send(sent), succeeded);
  }
  std::string received() {
    message got;
    while (router_->try_receive(got) != succeeded) context_->main_loop().run_once();
    return std::string(got.view(1));
  }

  const std::shared_ptr<context_core> context_ =
      context_core::make(true, {}, {.behaviour = manners::of_libzmq}).value();
  const std::shared_ptr<socket_core> router_ = make(socket_type::router);
  std::shared_ptr<socket_core> first_, second_;
};
INSTANTIATE_TEST_SUITE_P(all, ignored_peer, testing::Values("tcp://127.0.0.1:0", "inproc://router"),
                         [](const auto& parameter) { return std::string(parameter.param).substr(0, 3); });

TEST_P(ignored_peer, stays_connected_and_is_not_heard) {
  const bool over_inproc = std::string(GetParam()).starts_with("inproc");
  router_->bind(GetParam()).value();
  first_ = connected();
  send(first_, "hello");
  EXPECT_EQ(received(), "hello");
  second_ = connected();
  send(second_, "anybody there?");
  if (!over_inproc) {
    while (router_->dropped_count() == 0) context_->main_loop().run_once();
  }
  EXPECT_EQ(router_->stats().connected_peers, 2U);
  EXPECT_EQ(second_->stats().connected_peers, 1U);
  send(first_, "again");
  EXPECT_EQ(received(), "again");
  EXPECT_FALSE(router_->ready_for(direction::receive));
  EXPECT_TRUE(router_->has_room_for(bytes::copy("it").span()).value());

  second_->begin_close();
  while (router_->stats().connected_peers == 2) context_->main_loop().run_once();
  EXPECT_EQ(router_->stats().dropped[drop_reason::unexpected], 1U);
  EXPECT_EQ(router_->stats().peers.size(), 1U);
  send(first_, "still there");
  EXPECT_EQ(received(), "still there");
}

}  // namespace
}  // namespace monocoque::engine
