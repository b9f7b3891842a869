#include "zmtp/raw_framing.hpp"

#include "zmtp/connection_test_support.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace monocoque::zmtp {
namespace {

using testing::frame;
using testing::listener;
using testing::text_of;

std::string pattern_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 >> 3);
  return text;
}

/// The payloads of canonical frames.
std::vector<std::string> payloads_of(const bytes& canonical) {
  std::vector<std::string> found;
  for (octets rest = canonical.span(); !rest.empty();) {
    const base::wire::frame next = base::wire::next_frame(rest);
    EXPECT_EQ(next.flags(), 0);
    found.push_back(text_of(next.payload));
  }
  return found;
}

TEST(raw_reader, makes_a_message_of_what_comes_at_once) {
  const auto reader = make_raw_reader(UINT64_MAX);
  EXPECT_EQ(text_of(reader->to_canonical(as_octets("GET /")).span()), frame("GET /"));
  for (const std::size_t size : {1U, 255U, 256U, 8192U}) {
    const std::string text = pattern_of(size);
    EXPECT_EQ(payloads_of(reader->to_canonical(as_octets(text))), std::vector{text});
  }
}

TEST(raw_reader, makes_pieces_that_are_no_larger_than_they_may_be) {
  const std::string text = pattern_of(2 * largest_piece + 3);
  const auto pieces = payloads_of(make_raw_reader(UINT64_MAX)->to_canonical(as_octets(text)));
  EXPECT_EQ(pieces, (std::vector{text.substr(0, largest_piece), text.substr(largest_piece, largest_piece),
                                 text.substr(2 * largest_piece)}));
  EXPECT_EQ(payloads_of(make_raw_reader(4)->to_canonical(as_octets("0123456789"))),
            (std::vector<std::string>{"0123", "4567", "89"}));
  EXPECT_EQ(payloads_of(make_raw_reader(0)->to_canonical(as_octets("01"))),
            (std::vector<std::string>{"0", "1"}));
}

TEST(raw_form, is_the_payload_alone) {
  listener ours(socket_type::stream);
  EXPECT_EQ(ours.in_its_form(frame("abc") + frame(pattern_of(300)) + frame("")), "abc" + pattern_of(300));
}

class raw_connection : public ::testing::Test {
 protected:
  static bytes taken(connection& from) {
    messages run = from.poll_messages(UINT32_MAX);
    return run.count == 0 ? bytes() : std::move(run.data);
  }
  connection ours_{listener::settings_for(socket_type::stream), time_point{}};
};

TEST_F(raw_connection, says_nothing_and_is_ready_from_the_start) {
  EXPECT_TRUE(ours_.output().empty());
  EXPECT_TRUE(ours_.ready());
  EXPECT_FALSE(ours_.greeted());
  EXPECT_EQ(ours_.next_timeout(), time_point::max());
  const event first = ours_.poll_event();
  ASSERT_TRUE(std::holds_alternative<handshake_done>(first));
  EXPECT_EQ(std::get<handshake_done>(first).peer.zmtp_major, 0);
  EXPECT_TRUE(ours_.at_rest() || std::holds_alternative<std::monostate>(ours_.poll_event()));
  EXPECT_TRUE(ours_.direct_room().empty());
}

TEST_F(raw_connection, takes_whatever_comes_for_a_message) {
  (void)ours_.poll_event();
  const std::string greeting = testing::greeting() + testing::ready("DEALER");
  for (const std::string& text :
       {greeting, std::string(1, '\4'), std::string("\xff\xff\xff"), pattern_of(70)}) {
    ours_.handle_input(bytes::copy(text));
    EXPECT_EQ(payloads_of(taken(ours_)), std::vector{text});
    EXPECT_TRUE(std::holds_alternative<std::monostate>(ours_.poll_event()));
  }
  EXPECT_TRUE(ours_.output().empty());
}

TEST_F(raw_connection, gives_no_more_messages_than_there_is_room_for) {
  (void)ours_.poll_event();
  ours_.handle_input(bytes::copy(pattern_of(3 * largest_piece)));
  EXPECT_EQ(ours_.poll_messages(2).count, 2U);
  EXPECT_GT(ours_.unread_bytes(), 0U);
  EXPECT_EQ(ours_.poll_messages(2).count, 1U);
}

TEST_F(raw_connection, ends_when_the_peer_closes_after_all_that_came) {
  (void)ours_.poll_event();
  ours_.handle_input(bytes::copy("last words"));
  ours_.handle_eof();
  EXPECT_EQ(payloads_of(taken(ours_)), std::vector<std::string>{"last words"});
  const event end = ours_.poll_event();
  ASSERT_TRUE(std::holds_alternative<failed>(end));
  EXPECT_EQ(std::get<failed>(end).reason, errc::peer_disconnected);
  EXPECT_EQ(std::get<failed>(end).reason.detail(), "closed by the peer");
}

}  // namespace
}  // namespace monocoque::zmtp
