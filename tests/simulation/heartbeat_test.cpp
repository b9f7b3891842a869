// Heartbeats in virtual time: who is there is never given up, who is not is noticed in time, and all goes on.
#include "tests/simulation/scenario.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

namespace monocoque::simulation {
namespace {

using namespace std::chrono_literals;

/// Who has heartbeats, and who binds.
struct sides {
  bool at_sender;
  bool at_receiver;
  bool sender_binds;
};
void PrintTo(const sides& which, std::ostream* to) {
  *to << (which.at_sender ? "sender " : "") << (which.at_receiver ? "receiver " : "")
      << (which.sender_binds ? "sender binds" : "receiver binds");
}

constexpr std::chrono::milliseconds interval{700};
constexpr std::chrono::milliseconds timeout{1300};
/// A PING, its timeout, and some time for the second look and the way.
constexpr nanoseconds notices_within = interval + timeout + 200ms;

/// Two hosts with a DEALER each, which do not know that anything may be wrong.
class heartbeats : public testing::TestWithParam<sides> {
 protected:
  void build(const weather& conditions, int receive_high_water_mark = 1000) {
    in_.emplace(1, conditions);
    here_ = &in_->add_host("sender");
    there_ = &in_->add_host("receiver");
    sender_ = make(*here_, GetParam().at_sender, 1000);
    receiver_ = make(*there_, GetParam().at_receiver, receive_high_water_mark);
    const bool sender_binds = GetParam().sender_binds;
    (sender_binds ? *sender_ : *receiver_).bind("tcp://*:5555");
    (sender_binds ? *receiver_ : *sender_)
        .connect(sender_binds ? "tcp://sender:5555" : "tcp://receiver:5555");
    in_->watch("sender", *sender_, true);
    in_->watch("receiver", *receiver_, true);
    run_for(1s);
    ASSERT_EQ(sender_->peer_count(), 1U);
  }
  std::unique_ptr<dealer> make(host& on, bool beats, int receive_high_water_mark) {
    socket_options options{
        .receive_high_water_mark = receive_high_water_mark, .linger = 0ms, .reconnect_interval = 100ms};
    if (beats) {
      options.heartbeat_interval = interval;
      options.heartbeat_timeout = timeout;
    }
    return std::make_unique<dealer>(on.context(), options);
  }
  void run_for(nanoseconds time) {
    const time_point end = in_->now() + time;
    in_->run_until([&] { return in_->now() >= end; }, time);
  }
  static std::uint64_t missed_by(const dealer& who) {
    return who.stats().events_of(event_kind::heartbeat_missed);
  }
  [[nodiscard]] std::uint64_t missed() const { return missed_by(*sender_) + missed_by(*receiver_); }
  void send(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) sender_->send(compose({1, sent_++}));
  }
  /// All that was sent has come, in order.
  void expect_all() {
    for (; received_ < sent_; ++received_) {
      const std::optional<message> got = receiver_->receive_for(60s);
      ASSERT_TRUE(got) << "of " << sent_ << " only " << received_ << " came";
      ASSERT_EQ(recognise(*got), (label{1, received_}));
    }
  }
  void TearDown() override {
    sender_.reset();
    receiver_.reset();
    in_->end();
    for (const std::string& each : in_->complaints()) ADD_FAILURE() << each;
  }

  std::optional<world> in_;
  host* here_ = nullptr;
  host* there_ = nullptr;
  std::unique_ptr<dealer> sender_;
  std::unique_ptr<dealer> receiver_;
  std::uint32_t sent_ = 0;
  std::uint32_t received_ = 0;
};

TEST_P(heartbeats, keep_an_idle_connection_for_an_hour) {
  build(weather::calm());
  run_for(1h);
  EXPECT_EQ(missed(), 0U);
  EXPECT_EQ(sender_->peer_count(), 1U);
}

/// With the receiver full, its end of the connection is not read, and so no PING answered.
TEST_P(heartbeats, do_not_give_up_a_peer_whose_application_takes_nothing_for_an_hour) {
  build(weather::calm(), 3);
  send(200);
  run_for(1h);
  EXPECT_EQ(missed(), 0U);
  expect_all();
  send(200);
  expect_all();
  EXPECT_EQ(missed(), 0U);
  EXPECT_EQ(sender_->stats().reconnects + receiver_->stats().reconnects, 0U);
}

task<> send_large(dealer& on, std::size_t size, int count) {
  for (int i = 0; i < count; ++i) {
    message next(bytes::copy(std::string(size, 'x')));
    co_await on.async_send(std::move(next));
  }
}

task<> receive_all(dealer& on, int count) {
  for (int i = 0; i < count; ++i) static_cast<void>(co_await on.async_receive());
}

/// A PING may wait for twelve seconds behind a message, and for five in what the system has taken.
TEST_P(heartbeats, do_not_give_up_a_peer_behind_large_messages_on_a_slow_link) {
  weather slow = weather::calm();
  slow.bytes_a_ms = 100;
  slow.largest_segment = 1500;
  build(slow);
  programs all(*in_);
  all.start(*here_, send_large(*sender_, 1'200'000, 2));
  all.start(*there_, receive_all(*receiver_, 2));
  all.start(*there_, send_large(*receiver_, 900'000, 2));
  all.start(*here_, receive_all(*sender_, 2));
  all.finish(10min, "pass large messages");
  EXPECT_EQ(missed(), 0U);
}

TEST_P(heartbeats, do_not_give_up_a_peer_behind_many_messages_on_a_slow_link_one_way) {
  weather slow = weather::calm();
  slow.bytes_a_ms = 100;
  slow.largest_segment = 1500;
  build(slow);
  programs all(*in_);
  all.start(*here_, send_large(*sender_, 20'000, 150));
  all.start(*there_, receive_all(*receiver_, 150));
  all.finish(10min, "pass many messages");
  EXPECT_EQ(missed(), 0U);
}

TEST_P(heartbeats, notice_a_half_open_connection_in_time_and_go_on_over_another) {
  build(weather::calm());
  send(20);
  expect_all();
  here_->cut_off(in_->now() + notices_within);
  run_for(notices_within);
  EXPECT_EQ(missed_by(*sender_), GetParam().at_sender ? 1U : 0U);
  EXPECT_EQ(missed_by(*receiver_), GetParam().at_receiver ? 1U : 0U);
  run_for(30s);
  EXPECT_EQ(sender_->peer_count(), 1U) << "it goes on when the network does";
  send(20);
  expect_all();
}

TEST_P(heartbeats, notice_a_half_open_connection_while_messages_are_sent) {
  build(weather::calm());
  here_->cut_off(in_->now() + 1min);
  for (int i = 0; i < 20; ++i) {
    (void)sender_->try_send(compose({1, 1000 + sent_}));
    run_for(notices_within / 20);
  }
  EXPECT_EQ(missed_by(*sender_), GetParam().at_sender ? 1U : 0U);
  EXPECT_EQ(missed_by(*receiver_), GetParam().at_receiver ? 1U : 0U);
}

/// The machine is gone without a word, and so is all it knew.
TEST_P(heartbeats, notice_that_a_machine_is_off_and_meet_the_next_one) {
  build(weather::calm());
  there_->die(true, in_->now() + 1min);
  receiver_->close(0ms);
  run_for(notices_within);
  EXPECT_EQ(missed_by(*sender_), GetParam().at_sender ? 1U : 0U);
  run_for(1min);
  receiver_.reset();
  there_ = &in_->add_host("receiver");
  receiver_ = make(*there_, GetParam().at_receiver, 1000);
  if (GetParam().sender_binds) {
    receiver_->connect("tcp://sender:5555");
  } else {
    receiver_->bind("tcp://*:5555");
  }
  run_for(3min);
  EXPECT_EQ(receiver_->peer_count(), 1U);
  send(20);
  expect_all();
}

INSTANTIATE_TEST_SUITE_P(of, heartbeats,
                         testing::Values(sides{true, false, false}, sides{true, false, true},
                                         sides{false, true, false}, sides{false, true, true},
                                         sides{true, true, false}, sides{true, true, true}));

/// Who asks for it with a time to live, and says nothing any more, is given up by a peer without heartbeats.
TEST(heartbeat, of_one_side_has_the_other_keep_the_time_to_live) {
  world in(1, weather::calm());
  host& here = in.add_host("here");
  host& there = in.add_host("there");
  {
    dealer asks(here.context(), {.linger = 0ms, .heartbeat_interval = 200ms, .heartbeat_ttl = 1s});
    dealer knows(there.context(), {.linger = 0ms});
    knows.bind("tcp://*:5555");
    asks.connect("tcp://there:5555");
    in.run_until([] { return false; }, 10min);
    EXPECT_EQ(knows.stats().events_of(event_kind::heartbeat_missed), 0U);
    here.cut_off(in.now() + 1min);
    in.run_until([] { return false; }, 1200ms);
    EXPECT_EQ(knows.stats().events_of(event_kind::heartbeat_missed), 1U);
    in.run_until([] { return false; }, 3min);
    EXPECT_EQ(knows.peer_count(), 1U) << "it is back";
  }
  in.end();
  for (const std::string& each : in.complaints()) ADD_FAILURE() << each;
}

}  // namespace
}  // namespace monocoque::simulation
