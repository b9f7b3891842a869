// What was sent before the end arrives, even at a peer that goes on speaking meanwhile: to a closed socket
// its words would be answered with a reset, which overtakes what is still on its way.

#include "tests/hostile/raw_peer.hpp"
#include "tests/hostile/scene.hpp"

#include <array>
#include <optional>
#include <thread>
#include <tuple>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

enum class end { destroyed, closed, parted };

/// More than a peer's system takes whose program does not read, and no more than ours takes beside it.
constexpr std::size_t message_size = 64 * 1024;
constexpr int messages = 16;

/// The first octet of the next message, which must be the same all through. PONGs before it are passed over.
char next_message(const raw_peer& from) {
  for (;;) {
    const std::string head = from.receive(2);
    if ((head[0] & 4) != 0) {
      (void)from.receive(static_cast<unsigned char>(head[1]));
      continue;
    }
    const std::string payload = from.receive(7 + message_size).substr(7);
    EXPECT_EQ(payload.find_first_not_of(payload[0]), std::string::npos);
    return payload[0];
  }
}

class last_words : public testing::TestWithParam<std::tuple<role, end>> {
 protected:
  last_words() { ours_->bind("tcp://127.0.0.1:0"); }

  raw_peer meet() { return shake(place_->meet(*ours_, std::get<role>(GetParam()))); }
  static raw_peer shake(raw_peer peer) {
    shake_hands(peer, "PULL");
    return peer;
  }
  void send_all() {
    for (int i = 0; i < messages; ++i) ours_->send(std::string(message_size, static_cast<char>('A' + i)));
  }
  void end_it() {
    if (std::get<end>(GetParam()) == end::destroyed) return ours_.reset();
    if (std::get<end>(GetParam()) == end::closed) {
      ending_ = std::jthread([this] { dropped_ = ours_->close(); });
    } else if (std::get<role>(GetParam()) == role::dialled) {
      ours_->disconnect(place_->place.endpoint());
    } else {
      ours_->unbind(ours_->last_endpoint());
    }
  }

  std::optional<scene> place_{std::in_place};
  std::optional<push> ours_{std::in_place, place_->ctx};
  std::size_t dropped_ = 0;
  std::jthread ending_;
};

TEST_P(last_words, arrive_at_who_goes_on_speaking) {
  const raw_peer peer = meet();
  send_all();
  end_it();
  for (int i = 0; i < messages; ++i) {
    peer.send(speak::command("PING", "\x00\x00..."s));
    ASSERT_EQ(next_message(peer), static_cast<char>('A' + i));
  }
  static_cast<void>(peer.receive_until_closed());  // a PONG
  if (ending_.joinable()) ending_.join();
  EXPECT_EQ(dropped_, 0U);
}

TEST_P(last_words, do_not_hold_us_up_if_nobody_listens) {
  const raw_peer peer = meet();
  send_all();
  end_it();
  if (ending_.joinable()) ending_.join();
  ours_.reset();
  place_.reset();  // the context waits until everything is over
}

TEST_P(last_words, end_with_the_peer) {
  if (std::get<role>(GetParam()) == role::dialled) GTEST_SKIP() << "goes there again with what is not sent";
  raw_peer peer = meet();
  send_all();
  end_it();
  peer.close();
}

/// What is held back is read on while the rest is on its way, and ends the connection: a bad frame is in it.
TEST(last_word, may_be_a_bad_one_while_ours_are_on_their_way) {
  context ctx;
  const raw_listener place;
  std::optional<dealer> ours{std::in_place, ctx, socket_options{.receive_high_water_mark = 10, .linger = 1s}};
  ours->connect(place.endpoint());
  const raw_peer peer = place.accept();
  shake_hands(peer, "DEALER");
  for (int i = 0; i < messages; ++i) ours->send(std::string(message_size, 'A'));
  std::string words;
  for (int i = 0; i < 15; ++i) words += speak::frame(std::to_string(i));
  peer.send(words + "\x08....");
  EXPECT_EQ(must_receive(*ours).view(), "0");
  ours->disconnect(place.endpoint());
  ours.reset();
}

std::string name_of(const testing::TestParamInfo<last_words::ParamType>& which) {
  constexpr std::array ends{"destroyed", "closed", "parted"};
  const auto& [as, ending] = which.param;
  return ends.at(static_cast<std::size_t>(ending)) + name_of_role(as);
}

INSTANTIATE_TEST_SUITE_P(at, last_words,
                         testing::Combine(both_roles,
                                          testing::Values(end::destroyed, end::closed, end::parted)),
                         name_of);

}  // namespace
}  // namespace monocoque::test
