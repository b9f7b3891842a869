#include "pattern/server.hpp"

#include "pattern/testing.hpp"

#include <monocoque/routing_number.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::slots;

std::uint32_t number_of(const bytes& id) { return routing_id_of(message(id)); }

class numbering : public ::testing::TestWithParam<socket_type> {};
INSTANTIATE_TEST_SUITE_P(types, numbering, ::testing::Values(socket_type::server, socket_type::peer),
                         [](const auto& each) { return std::string(name_of(each.param)); });

TEST_P(numbering, gives_each_connection_a_number_whatever_it_calls_itself) {
  bench server(GetParam());
  std::set<std::uint32_t> given;
  for (std::uint32_t slot = 0; slot < 100; ++slot) {
    const bytes id = server.attach({slot, 1}, "same").routing_id;
    ASSERT_EQ(id.size(), 4U);
    given.insert(number_of(id));
  }
  EXPECT_EQ(given.size(), 100U);
  EXPECT_FALSE(given.contains(0));
}

TEST_P(numbering, gives_no_number_again_soon) {
  bench server(GetParam());
  const bytes first = server.attach({0, 1}).routing_id;
  server->detach({0, 1});
  EXPECT_NE(server.attach({0, 2}).routing_id, first);
}

TEST_P(numbering, sends_to_the_peer_named_and_names_the_one_that_sent) {
  bench server(GetParam());
  const std::string first = server.attach({0, 1}).routing_id.str();
  const std::string second = server.attach({1, 1}).routing_id.str();
  const auto sent = server.send({second, "x"});
  EXPECT_EQ(sent.kind, send_kind::pass);
  EXPECT_EQ(bench::slots_of(sent), slots{1});
  EXPECT_EQ(sent.skip, 1U);
  server->set_readable({0, 1}, true);
  EXPECT_EQ(server->sole_source_id()->str(), first);
  const auto received = server.arrive({0, 1}, {"x"});
  ASSERT_EQ(received.kind, receive_kind::deliver);
  EXPECT_EQ(received.prepend->str(), first);
  EXPECT_TRUE(server->delivers_all());
  EXPECT_FALSE(server->sole_target().valid()) << "every message is looked at";
}

TEST_P(numbering, takes_a_number_and_one_frame_no_more_and_no_less) {
  bench server(GetParam());
  const std::string id = server.attach({0, 1}).routing_id.str();
  EXPECT_EQ(server.send({id}).kind, send_kind::invalid);
  EXPECT_EQ(server.send({id, "x", "y"}).kind, send_kind::invalid);
}

TEST_P(numbering, says_why_it_cannot_send) {
  bench server(GetParam());
  const std::string id = server.attach({0, 1}).routing_id.str();
  EXPECT_EQ(server.send({"none", "x"}).kind, send_kind::unroutable);
  EXPECT_EQ(server.send({"", "x"}).kind, send_kind::unroutable);
  server->set_writable({0, 1}, false);
  EXPECT_EQ(server.send({id, "x"}).kind, send_kind::would_block);
  EXPECT_TRUE(server->can_send()) << "who knows for whom it will be";
  server->shut({0, 1});
  EXPECT_EQ(server.send({id, "x"}).kind, send_kind::unroutable);
}

TEST(routing_number, is_four_octets_in_network_order) {
  EXPECT_EQ(routing_id_frame(0x01020304), bytes::copy("\x01\x02\x03\x04"));
  EXPECT_EQ(routing_id_of(message::of({"\x01\x02\x03\x04", "x"})), 0x01020304U);
  EXPECT_EQ(routing_id_of(message(routing_id_frame(0xfffefdfc))), 0xfffefdfcU);
  EXPECT_EQ(routing_id_of("five5"), 0U);
  EXPECT_EQ(routing_id_of(""), 0U);
}

}  // namespace
}  // namespace monocoque::pattern
