#include "pattern/testing.hpp"

#include <gtest/gtest.h>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::raw;
using testing::slots;

TEST(stream, sends_to_the_connection_named_and_names_the_one_that_sent) {
  bench stream(socket_type::stream);
  const bytes id = stream.attach({0, 1}).routing_id;
  EXPECT_EQ(id.size(), 5U);
  EXPECT_EQ(id[0], std::byte{0});
  EXPECT_EQ(stream.attach({1, 1}, "B", true).routing_id, "B");
  const auto sent = stream.send({"B", "x"});
  EXPECT_EQ(sent.kind, send_kind::pass);
  EXPECT_EQ(bench::slots_of(sent), slots{1});
  EXPECT_EQ(sent.skip, 1U);
  stream->set_readable({0, 1}, true);
  ASSERT_EQ(stream->sole_source(), (peer_id{0, 1}));
  EXPECT_EQ(*stream->sole_source_id(), id);
  const auto received = stream.arrive({0, 1}, {"x"});
  ASSERT_EQ(received.kind, receive_kind::deliver);
  EXPECT_EQ(*received.prepend, id);
  EXPECT_TRUE(stream->delivers_all());
}

TEST(stream, takes_an_id_and_one_piece_no_more_and_no_less) {
  bench stream(socket_type::stream);
  stream.attach({0, 1}, "A");
  EXPECT_EQ(stream.send({"A"}).kind, send_kind::invalid);
  EXPECT_EQ(stream.send({"A", "x", "y"}).kind, send_kind::invalid);
}

TEST(stream, ends_a_connection_to_which_nothing_is_sent) {
  bench stream(socket_type::stream);
  stream.attach({0, 1}, "A");
  const auto ended = stream.send({"A", ""});
  EXPECT_EQ(ended.kind, send_kind::disconnect);
  EXPECT_EQ(bench::slots_of(ended), slots{0});
  stream->set_writable({0, 1}, false);
  EXPECT_EQ(stream.send({"A", ""}).kind, send_kind::disconnect) << "one that takes nothing more, too";
}

TEST(stream, says_why_it_cannot_send) {
  bench stream(socket_type::stream);
  EXPECT_EQ(stream.send({"A", "x"}).kind, send_kind::unroutable);
  EXPECT_EQ(stream.send({"A", ""}).kind, send_kind::unroutable);
  stream.attach({0, 1}, "A");
  stream->set_writable({0, 1}, false);
  EXPECT_EQ(stream.send({"A", "x"}).kind, send_kind::would_block);
  EXPECT_EQ(stream->would_route(raw("A")), send_kind::would_block);
  EXPECT_EQ(stream->would_route(raw("B")), send_kind::unroutable);
  EXPECT_TRUE(stream->can_send()) << "who knows for whom it will be";
  stream->set_writable({0, 1}, true);
  EXPECT_EQ(stream.send({"A", "x"}).kind, send_kind::pass);
  EXPECT_EQ(stream->would_route(raw("A")), send_kind::pass);
}

TEST(stream, does_not_wait_for_a_connection_that_is_over_and_still_has_something_to_read) {
  bench stream(socket_type::stream);
  stream.attach({0, 1}, "A");
  stream->set_readable({0, 1}, true);
  stream->shut({0, 1});
  EXPECT_EQ(stream.send({"A", "x"}).kind, send_kind::unroutable);
  EXPECT_EQ(stream.send({"A", ""}).kind, send_kind::unroutable);
  stream->set_writable({0, 1}, true);  // too late
  EXPECT_EQ(stream.send({"A", "x"}).kind, send_kind::unroutable);
  EXPECT_EQ(stream->find(raw("A")), (peer_id{0, 1}));
  EXPECT_EQ(stream.arrive(stream->next_source(), {"x"}).kind, receive_kind::deliver);
  stream->detach({0, 1});
  EXPECT_FALSE(stream->can_receive());
  EXPECT_FALSE(stream.attach({1, 1}, "A").refused);
  EXPECT_EQ(stream.send({"A", "x"}).kind, send_kind::pass);
}

TEST(stream, refuses_an_id_that_is_taken) {
  bench stream(socket_type::stream, {.router_handover = true, .seed = 1});
  stream.attach({0, 1}, "A", true);
  EXPECT_TRUE(stream.attach({1, 1}, "A", true).refused);
  EXPECT_EQ(stream.slots({"A", "x"}), slots{0});
}

}  // namespace
}  // namespace monocoque::pattern
