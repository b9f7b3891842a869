#include "pattern/single_frame.hpp"

#include "pattern/testing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::slots;

class of_single_frames : public ::testing::TestWithParam<socket_type> {};

TEST_P(of_single_frames, sends_one_frame_and_refuses_several) {
  bench type(GetParam());
  EXPECT_EQ(type.send({"x", "y"}).kind, send_kind::invalid) << "with nobody there, too";
  EXPECT_EQ(type.send({"x"}).kind, send_kind::would_block);
  type.attach({0, 1});
  EXPECT_EQ(type->sole_target(), (peer_id{0, 1}));
  const auto sent = type.send({"x"});
  EXPECT_EQ(sent.kind, send_kind::pass);
  EXPECT_EQ(bench::slots_of(sent), slots{0});
  EXPECT_EQ(sent.skip, 0U);
  EXPECT_EQ(type.send({"x", "y"}).kind, send_kind::invalid);
}

INSTANTIATE_TEST_SUITE_P(types, of_single_frames,
                         ::testing::Values(socket_type::client, socket_type::scatter, socket_type::channel),
                         [](const auto& each) { return std::string(name_of(each.param)); });

TEST(single_frame, is_what_these_types_have) {
  for (const auto type : {socket_type::client, socket_type::server, socket_type::scatter, socket_type::gather,
                          socket_type::peer, socket_type::channel})
    EXPECT_TRUE(has_single_frames(type)) << name_of(type);
  for (const auto type : {socket_type::dealer, socket_type::push, socket_type::pair, socket_type::stream})
    EXPECT_FALSE(has_single_frames(type)) << name_of(type);
}

TEST(client, sends_in_turn_and_receives_in_turn) {
  bench client(socket_type::client);
  client.attach({0, 1});
  client.attach({1, 1});
  EXPECT_EQ(bench::slots_of(client.send({"a"})), slots{0});
  EXPECT_EQ(bench::slots_of(client.send({"b"})), slots{1});
  EXPECT_EQ(bench::slots_of(client.send({"c"})), slots{0});
  EXPECT_EQ(client.send({"c", "d"}).kind, send_kind::invalid);
  EXPECT_EQ(bench::slots_of(client.send({"d"})), slots{1}) << "what was refused took no turn";
  client->set_readable({0, 1}, true);
  client->set_readable({1, 1}, true);
  const peer_id first = client->next_source();
  EXPECT_EQ(client.arrive(first, {"x"}).kind, receive_kind::deliver);
  EXPECT_NE(client->next_source(), first);
}

TEST(channel, takes_one_peer) {
  bench channel(socket_type::channel);
  channel.attach({0, 1});
  EXPECT_EQ(*channel.attach({1, 1}).refused, errc::second_peer);
}

TEST(gather, receives_and_does_not_send) {
  bench gather(socket_type::gather);
  gather.attach({0, 1});
  EXPECT_EQ(gather.send({"x"}).kind, send_kind::not_supported);
  gather->set_readable({0, 1}, true);
  EXPECT_EQ(gather->sole_source(), (peer_id{0, 1}));
}

}  // namespace
}  // namespace monocoque::pattern
