// UDP where the system does not take datagrams as fast as they are sent: on a loopback interface that is
// slower by far than any sender, until it is not.

#include "tests/network/host.hpp"
#include "tests/socket/support.hpp"

#include <cstdlib>
#include <optional>
#include <string>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// Few datagrams fill so little.
constexpr int little = 4096;

std::string numbered_text(int number) { return std::to_string(number) + ' ' + std::string(1000, 'x'); }

class slow_datagrams : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (const std::optional<std::string> obstacle = host::obstacle()) GTEST_SKIP() << *obstacle;
    host_.emplace("10.7.0.1");
    here_.emplace(*host_);
    if (!set_rate("add", "8kbit")) GTEST_SKIP() << "there is no tc, or it has no slow interfaces";
    GetParam() ? ctx_.emplace(inline_loop) : ctx_.emplace();
    in_.emplace(*ctx_, socket_options{.receive_high_water_mark = 0});
    in_->join("tv");
    in_->bind("udp://127.0.0.1:0");
  }

  static bool set_rate(const std::string& how, const std::string& rate) {
    const std::string limits = " dev lo root tbf burst 2kb latency 1000s rate ";
    return std::system(("tc qdisc " + how + limits + rate + " 2>&1").c_str()) == 0;
  }
  static void speed_up() { ASSERT_TRUE(set_rate("change", "80mbit")); }
  [[nodiscard]] radio sender(socket_options options) {
    options.kernel_send_buffer = little;
    radio made(*ctx_, std::move(options));
    made.connect(in_->last_endpoint());
    return made;
  }
  static std::uint64_t queued(radio& in) { return in.stats().send_queue.messages; }

  std::optional<host> host_;
  std::optional<stay> here_;
  std::optional<context> ctx_;
  std::optional<dish> in_;
};
INSTANTIATE_TEST_SUITE_P(all, slow_datagrams, testing::Bool(), [](const auto& parameter) {
  return std::string(parameter.param ? "inline" : "threaded");
});

TEST_P(slow_datagrams, wait_in_the_queue_and_leave_in_order) {
  constexpr int mark = 10;
  radio from = sender({.send_high_water_mark = mark, .no_drop = true});
  int count = 0;
  while (from.try_send({"tv", numbered_text(count)})) ++count;
  EXPECT_EQ(queued(from), std::uint64_t{mark});
  EXPECT_FALSE(from.can_send());
  speed_up();
  message next = message::of({"tv", numbered_text(count++)});
  ASSERT_TRUE(from.send_for(next, patience)) << "there is room again";
  for (int i = 0; i < count; ++i) ASSERT_EQ(must_receive(*in_).view(1), numbered_text(i));
  EXPECT_EQ(from.stats().dropped.total(), 0U);
  EXPECT_EQ(from.stats().sent.messages, static_cast<std::uint64_t>(count));
}

TEST_P(slow_datagrams, are_dropped_beyond_the_mark) {
  radio from = sender({.send_high_water_mark = 10});
  int sent = 0;
  for (; from.stats().dropped[drop_reason::full] == 0; ++sent) from.send({"tv", numbered_text(sent)});
  speed_up();
  for (int i = 0; i < sent - 1; ++i) ASSERT_EQ(must_receive(*in_).view(1), numbered_text(i));
}

TEST_P(slow_datagrams, linger_in_the_background) {
  {
    radio from = sender({});
    for (int i = 0; i < 50; ++i) from.send({"tv", numbered_text(i)});
    EXPECT_GT(queued(from), 0U);
  }
  speed_up();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(must_receive(*in_).view(1), numbered_text(i));
}

TEST_P(slow_datagrams, are_dropped_at_the_end_of_the_linger_time) {
  for (const auto linger : {0ms, 1ms}) {
    radio from = sender({.linger = linger});
    for (int i = 0; i < 50; ++i) from.send({"tv", numbered_text(i)});
    EXPECT_GT(from.close(patience), 0U);
  }
}

TEST_P(slow_datagrams, leave_though_the_endpoint_was_given_up) {
  radio from = sender({});
  for (int i = 0; i < 50; ++i) from.send({"tv", numbered_text(i)});
  EXPECT_GT(queued(from), 0U);
  from.disconnect(in_->last_endpoint());
  from.send({"tv", "to nobody"});
  speed_up();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(must_receive(*in_).view(1), numbered_text(i));
}

}  // namespace
}  // namespace monocoque::test
