// STREAM beside libzmq's: raw TCP from either side, and ZMTP by hand.

#include "tests/interop/convert.hpp"
#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <future>

namespace monocoque::test {
namespace {

std::string filled(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 >> 3);
  return text;
}

/// A connection between ours and theirs, and what each knows it by.
class stream_beside_libzmq : public testing::TestWithParam<bool /* we bind */> {
 protected:
  stream_beside_libzmq() {
    if (GetParam()) {
      ours_.bind("tcp://127.0.0.1:0");
      theirs_.connect(ours_.last_endpoint());
    } else {
      place_ = theirs_.bind("tcp://127.0.0.1:0");
      ours_.connect(place_);
    }
    our_id_ = id_of_new(to_frames(must_receive(ours_)));
    their_id_ = id_of_new(theirs_.receive());
  }
  static std::string id_of_new(const frames& told) {
    EXPECT_EQ(told.size(), 2U);
    EXPECT_EQ(told.at(1), "");
    EXPECT_EQ(told.at(0).size(), 5U);
    EXPECT_EQ(told.at(0).front(), '\0');
    return told.at(0);
  }

  context ctx_;
  zmq_context libzmq_;
  stream ours_{ctx_};
  zmq_peer theirs_{libzmq_, socket_type::stream};
  std::string place_, our_id_, their_id_;
};

INSTANTIATE_TEST_SUITE_P(either, stream_beside_libzmq, testing::Bool(), [](const auto& parameter) {
  return std::string(parameter.param ? "we_bind" : "they_bind");
});

TEST_P(stream_beside_libzmq, talks) {
  ours_.send(to_message({our_id_, "ping"}));
  EXPECT_EQ(theirs_.receive(), (frames{their_id_, "ping"}));
  theirs_.send({their_id_, "pong"});
  EXPECT_EQ(to_frames(must_receive(ours_)), (frames{our_id_, "pong"}));
}

TEST_P(stream_beside_libzmq, carries_much_both_ways) {
  const std::string text = filled(1'000'000);
  auto sent = std::async(std::launch::async, [&] {
    for (std::size_t at = 0; at < text.size(); at += 10'000)
      ours_.send(to_message({our_id_, text.substr(at, 10'000)}));
  });
  std::string heard;
  while (heard.size() < text.size()) heard += theirs_.receive().at(1);
  EXPECT_TRUE(heard == text);
  sent.get();
  theirs_.send({their_id_, text});
  std::string said;
  while (said.size() < text.size()) {
    const message piece = must_receive(ours_);
    EXPECT_LE(piece[1].size(), 8192U);
    said += piece[1].view();
  }
  EXPECT_TRUE(said == text);
}

TEST_P(stream_beside_libzmq, tells_the_other_when_it_ends_the_connection) {
  ours_.send(to_message({our_id_, "all"}));
  ours_.send(to_message({our_id_, ""}));
  EXPECT_EQ(theirs_.receive(), (frames{their_id_, "all"}));
  EXPECT_EQ(theirs_.receive(), (frames{their_id_, ""}));
}

TEST_P(stream_beside_libzmq, hears_when_the_other_ends_it) {
  theirs_.send({their_id_, "all"});
  theirs_.send({their_id_, ""});
  (void)theirs_.receive_for(brief);  // it does nothing unless it is called
  EXPECT_EQ(to_frames(must_receive(ours_)), (frames{our_id_, "all"}));
  EXPECT_EQ(to_frames(must_receive(ours_)), (frames{our_id_, ""}));
}

TEST(stream_beside_libzmq_by_hand, speaks_zmtp_to_a_pull) {
  const std::string greeting = std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL", 16) + std::string(48, '\0');
  const std::string ready("\4\x1a\5READY\13Socket-Type\0\0\0\4PUSH", 28);
  context ctx;
  const zmq_context libzmq;
  stream ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  zmq_peer pull(libzmq, socket_type::pull);
  pull.connect(ours.last_endpoint());
  const std::string id = must_receive(ours)[0].str();
  ours.send(to_message({id, greeting + ready}));
  std::string said;  // before it is done with that, it takes nothing
  while (said.find("PULL") == std::string::npos) said += must_receive(ours)[1].view();
  ours.send(to_message({id, std::string("\0\5hello", 7)}));
  EXPECT_EQ(pull.receive(), frames{"hello"});
}

}  // namespace
}  // namespace monocoque::test
