#include "pattern/testing.hpp"

#include <gtest/gtest.h>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::slots;
using testing::text_of;
using testing::wire_of;

/// The frames of a prefix, which all have MORE set.
std::vector<std::string> frames_of(std::span<const std::byte> prefix) {
  std::vector<std::string> found;
  while (!prefix.empty()) {
    const auto frame = base::wire::next_frame(prefix);
    EXPECT_TRUE(frame.more);
    found.push_back(text_of(frame.payload));
  }
  return found;
}

using frames = std::vector<std::string>;

TEST(req, alternates) {
  bench req(socket_type::req);
  req.attach({0, 1});
  EXPECT_EQ(req->why_no_source(), errc::wrong_state);
  req->set_readable({0, 1}, true);
  EXPECT_FALSE(req->can_receive());
  EXPECT_FALSE(req->next_source().valid());
  req->set_readable({0, 1}, false);

  const auto sent = req.send({"question"});
  EXPECT_EQ(sent.kind, send_kind::pass);
  EXPECT_EQ(frames_of(sent.prefix), frames{""});
  EXPECT_FALSE(sent.discard_waiting);
  EXPECT_EQ(req.send({"again"}).kind, send_kind::wrong_state);
  EXPECT_FALSE(req->can_send());
  EXPECT_EQ(req->why_no_source(), errc::would_block);

  req->set_readable({0, 1}, true);
  EXPECT_TRUE(req->can_receive());
  EXPECT_EQ(req->next_source(), (peer_id{0, 1}));
  const auto received = req.arrive({0, 1}, {"", "answer"});
  EXPECT_EQ(received.kind, receive_kind::deliver);
  EXPECT_EQ(received.skip_bytes, 2U);
  EXPECT_TRUE(req->can_send());
  EXPECT_FALSE(req->can_receive());
}

TEST(req, asks_each_peer_in_turn_and_blocks_without_one) {
  bench req(socket_type::req);
  EXPECT_EQ(req.send({"q"}).kind, send_kind::would_block);
  for (std::uint32_t slot = 0; slot < 3; ++slot) req.attach({slot, 1});
  for (std::uint32_t slot = 0; slot < 6; ++slot) {
    EXPECT_EQ(req.slots({"q"}), slots{slot % 3});
    EXPECT_EQ(req.arrive({slot % 3, 1}, {"", "a"}).kind, receive_kind::deliver);
  }
}

TEST(req, drops_what_others_send_and_what_has_no_delimiter) {
  bench req(socket_type::req);
  req.attach({0, 1});
  req.attach({1, 1});
  ASSERT_EQ(req.slots({"q"}), slots{0});
  req->set_readable({1, 1}, true);
  EXPECT_FALSE(req->can_receive());
  EXPECT_EQ(req->next_source(), (peer_id{1, 1})) << "to be dropped";
  EXPECT_EQ(req.arrive({1, 1}, {"", "wrong"}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive({0, 1}, {"wrong"}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive({0, 1}, {""}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive({0, 1}, {"x", "", "wrong"}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive({0, 1}, {"", "right", "more"}).kind, receive_kind::deliver);
  EXPECT_EQ(req.arrive({0, 1}, {"", "late"}).kind, receive_kind::drop);
}

TEST(req, has_older_messages_thrown_away_before_it_asks) {
  bench req(socket_type::req);
  req.attach({0, 1});
  req->set_readable({0, 1}, true);
  EXPECT_TRUE(req.send({"q"}).discard_waiting);
}

TEST(req, relaxed_may_ask_again_and_takes_the_last_peers_answer) {
  bench req(socket_type::req, {.req_relaxed = true, .seed = 1});
  req.attach({0, 1});
  req.attach({1, 1});
  EXPECT_EQ(req.slots({"q"}), slots{0});
  EXPECT_TRUE(req->can_send());
  EXPECT_EQ(req.slots({"q"}), slots{1});
  EXPECT_EQ(req.arrive({0, 1}, {"", "old"}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive({1, 1}, {"", "new"}).kind, receive_kind::deliver);
  EXPECT_EQ(req->why_no_source(), errc::wrong_state);
}

TEST(req, correlated_requests_carry_a_number_that_the_reply_must_have) {
  bench req(socket_type::req, {.req_relaxed = true, .req_correlate = true, .seed = 1});
  req.attach({0, 1});
  const auto first = frames_of(req.send({"q"}).prefix);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].size(), 4U);
  EXPECT_EQ(first[1], "");
  const auto second = frames_of(req.send({"q"}).prefix);
  EXPECT_NE(first[0], second[0]);
  EXPECT_EQ(req.arrive({0, 1}, {first[0], "", "old"}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive({0, 1}, {"", "none"}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive({0, 1}, {second[0], "no delimiter"}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive({0, 1}, {second[0]}).kind, receive_kind::drop);
  const auto received = req.arrive({0, 1}, {second[0], "", "new"});
  EXPECT_EQ(received.kind, receive_kind::deliver);
  EXPECT_EQ(received.skip_bytes, 8U);
}

TEST(req, goes_on_waiting_when_the_peer_that_has_the_request_goes) {
  bench req(socket_type::req);
  req.attach({0, 1});
  ASSERT_EQ(req.slots({"q"}), slots{0});
  req->detach({0, 1});
  req.attach({0, 2});  // reconnected
  EXPECT_EQ(req.send({"again"}).kind, send_kind::wrong_state);
  req->set_readable({0, 2}, true);
  EXPECT_TRUE(req->can_receive());
  EXPECT_EQ(req.arrive({0, 2}, {"", "answer"}).kind, receive_kind::deliver);
  EXPECT_TRUE(req->can_send());
}

TEST(req, a_request_that_could_not_be_queued_may_be_sent_again_and_a_reply_not_taken_is_still_due) {
  bench req(socket_type::req);
  req.attach({0, 1});
  EXPECT_EQ(req.send({"question"}).kind, send_kind::pass);
  req->take_back();
  EXPECT_TRUE(req->can_send());
  EXPECT_EQ(req->why_no_source(), errc::wrong_state);
  EXPECT_EQ(req.send({"question"}).kind, send_kind::pass);
  req->set_readable({0, 1}, true);
  EXPECT_EQ(req.arrive({0, 1}, {"", "answer"}).kind, receive_kind::deliver);
  req->take_back();
  EXPECT_TRUE(req->can_receive());
  EXPECT_EQ(req.arrive({0, 1}, {"", "answer"}).kind, receive_kind::deliver);
  EXPECT_TRUE(req->can_send());
}

TEST(req, probes_with_an_empty_message) {
  bench req(socket_type::req, {.probe_router = true, .seed = 1});
  EXPECT_EQ(req.attach({0, 1}).greetings.size(), 1U);
}

TEST(rep, alternates_and_puts_the_envelope_back) {
  bench rep(socket_type::rep);
  rep.attach({0, 1});
  EXPECT_EQ(rep.send({"a"}).kind, send_kind::wrong_state);
  EXPECT_FALSE(rep->can_send());
  rep->set_readable({0, 1}, true);
  ASSERT_EQ(rep->next_source(), (peer_id{0, 1}));

  const std::string hop(300, 'h');
  const auto received = rep.arrive({0, 1}, {hop, "client", "", "question", "", "more"});
  EXPECT_EQ(received.kind, receive_kind::deliver);
  EXPECT_EQ(received.skip_bytes, 9 + 300 + 2 + 6 + 2U);
  EXPECT_FALSE(rep->next_source().valid());
  EXPECT_FALSE(rep->can_receive());
  EXPECT_EQ(rep->why_no_source(), errc::wrong_state);
  EXPECT_TRUE(rep->can_send());

  const auto sent = rep.send({"answer"});
  EXPECT_EQ(bench::slots_of(sent), slots{0});
  EXPECT_EQ(frames_of(sent.prefix), (frames{hop, "client", ""}));
  EXPECT_TRUE(rep->can_receive());
  EXPECT_EQ(rep->why_no_source(), errc::would_block);
  EXPECT_EQ(rep.send({"twice"}).kind, send_kind::wrong_state);
}

TEST(rep, a_request_not_taken_is_still_there_and_a_reply_that_could_not_be_queued_is_still_owed) {
  bench rep(socket_type::rep);
  rep.attach({0, 1});
  rep->set_readable({0, 1}, true);
  EXPECT_EQ(rep.arrive({0, 1}, {"envelope", "", "question"}).kind, receive_kind::deliver);
  rep->take_back();
  EXPECT_FALSE(rep->can_send());
  EXPECT_TRUE(rep->can_receive());
  EXPECT_EQ(rep.arrive({0, 1}, {"envelope", "", "question"}).kind, receive_kind::deliver);
  EXPECT_EQ(rep.send({"answer"}).kind, send_kind::pass);
  rep->take_back();
  EXPECT_TRUE(rep->can_send());
  const auto sent = rep.send({"answer"});
  EXPECT_EQ(sent.kind, send_kind::pass);
  EXPECT_EQ(frames_of(sent.prefix), (frames{"envelope", ""}));
}

TEST(rep, drops_a_request_without_a_delimiter) {
  bench rep(socket_type::rep);
  rep.attach({0, 1});
  EXPECT_EQ(rep.arrive({0, 1}, {"x"}).kind, receive_kind::drop);
  EXPECT_EQ(rep.arrive({0, 1}, {""}).kind, receive_kind::drop);
  EXPECT_EQ(rep.arrive({0, 1}, {"x", "y", ""}).kind, receive_kind::drop);
  EXPECT_EQ(rep.send({"a"}).kind, send_kind::wrong_state);
  EXPECT_EQ(rep.arrive({0, 1}, {"", "q"}).kind, receive_kind::deliver);
}

TEST(rep, drops_the_reply_to_a_peer_that_has_gone_or_is_full) {
  bench rep(socket_type::rep);
  rep.attach({0, 1});
  ASSERT_EQ(rep.arrive({0, 1}, {"", "q"}).kind, receive_kind::deliver);
  rep->detach({0, 1});
  rep.attach({0, 2});
  EXPECT_TRUE(rep->can_send());
  EXPECT_EQ(rep.send({"a"}).kind, send_kind::drop);

  ASSERT_EQ(rep.arrive({0, 2}, {"", "q"}).kind, receive_kind::deliver);
  rep->set_writable({0, 2}, false);
  const auto sent = rep.send({"a"});
  EXPECT_EQ(sent.kind, send_kind::drop);
  EXPECT_EQ(sent.dropped, 1U);
  EXPECT_EQ(rep.send({"a"}).kind, send_kind::wrong_state);
}

TEST(rep, takes_requests_fairly_and_knows_its_peers_by_id) {
  bench rep(socket_type::rep);
  rep.attach({0, 1}, "A");
  EXPECT_TRUE(rep.attach({1, 1}, "A").refused);
  rep.attach({2, 1}, "B");
  EXPECT_EQ(rep->find(testing::raw("B")), (peer_id{2, 1}));
  for (const std::uint32_t slot : {0U, 2U}) rep->set_readable({slot, 1}, true);
  for (const std::uint32_t slot : {0U, 2U, 0U}) {
    ASSERT_EQ(rep->next_source().slot, slot);
    ASSERT_EQ(rep.arrive({slot, 1}, {"", "q"}).kind, receive_kind::deliver);
    ASSERT_EQ(rep.slots({"a"}), slots{slot});
  }
}

}  // namespace
}  // namespace monocoque::pattern
