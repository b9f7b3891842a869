// PUB to several subscribers, which share what is encoded (engine/fan_out.hpp): each gets what it subscribed
// to, whole and in order, whoever else gets it, and whatever the others do.
#include "tests/socket/support.hpp"

#include <array>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

enum class how { inline_uring, inline_epoll, threaded_uring, threaded_epoll };

class fan_out : public testing::TestWithParam<how> {
 protected:
  static context make_context() {
    context_options options;
    const bool uring = GetParam() == how::inline_uring || GetParam() == how::threaded_uring;
    options.driver = uring ? io_driver::uring : io_driver::epoll;
    const bool inside = GetParam() == how::inline_uring || GetParam() == how::inline_epoll;
    return inside ? context{inline_loop, options} : context{options};
  }
  static bool is_inline() { return GetParam() == how::inline_uring || GetParam() == how::inline_epoll; }

  /// A subscriber of `out` that has every topic of `topics`, for certain.
  sub subscriber(xpub& out, const std::vector<std::string>& topics, const socket_options& options = {}) {
    sub made{ctx, options};
    for (const std::string& topic : topics) made.subscribe(topic);
    made.connect(out.last_endpoint());
    for (std::size_t i = 0; i < topics.size(); ++i) (void)must_receive(out);
    return made;
  }
  static socket_options waiting(int mark) {
    socket_options options;
    options.no_drop = true;
    options.report_subscriptions = subscription_reports::verbose;
    options.send_high_water_mark = mark;
    return options;
  }

  context ctx = make_context();
};

/// A payload of some size that begins with a topic and a number.
std::string numbered(std::string text, int number, std::minstd_rand& random) {
  constexpr std::array<std::size_t, 14> sizes = {8,   16,  64,   71,   72,   200,  255,
                                                 256, 257, 1000, 2000, 8191, 9000, 70'000};
  text += std::to_string(number) + '.';
  const std::size_t size = sizes[random() % 100 < 95 ? random() % 9 : random() % sizes.size()];
  if (text.size() < size) text.resize(size, static_cast<char>('a' + number % 26));
  return text;
}

/// What was published, and how far a subscriber to one topic has got.
struct reader {
  sub socket;
  std::string topic;
  std::size_t next = 0;
};

TEST_P(fan_out, gives_each_subscriber_all_that_it_wants_in_order) {
  xpub out{ctx, waiting(50)};
  out.bind("tcp://127.0.0.1:*");
  std::vector<reader> readers;
  for (const char* topic : {"", "", "a", "a", "ab", "b"})
    readers.push_back({subscriber(out, {topic}), topic});
  std::minstd_rand random(11);
  std::vector<std::string> sent;
  std::size_t oldest = 0;
  const auto take_one = [&](reader& from) {
    while (from.next < sent.size() && !sent[from.next].starts_with(from.topic)) ++from.next;
    if (from.next == sent.size()) return false;
    const message got = must_receive(from.socket);
    EXPECT_EQ(got.view(), sent[from.next]) << "message " << from.next;
    EXPECT_EQ(got.size(), from.next % 7 == 0 ? 2U : 1U);
    ++from.next;
    return true;
  };
  for (int burst = 0; burst < 300; ++burst) {
    // A run of one topic, mostly.
    const std::string topic = std::array{"a", "ab", "b", "c", ""}[random() % 5];
    for (auto count = random() % 40; count > 0; --count) {
      const std::string text = numbered(topic, static_cast<int>(sent.size()), random);
      const bool two = sent.size() % 7 == 0;
      if (two) {
        out.send(message::of({text, "second"}));
      } else if (random() % 2 == 0) {
        out.send(text);
      } else {
        out.send(message(text));
      }
      sent.push_back(text);
    }
    for (reader& each : readers) {
      while (take_one(each) && !testing::Test::HasFailure()) {
      }
    }
    ASSERT_FALSE(testing::Test::HasFailure());
    oldest = sent.size();
  }
  EXPECT_EQ(oldest, sent.size());
  EXPECT_EQ(out.dropped_count(), 0U);
}

TEST_P(fan_out, lets_a_slow_subscriber_fall_behind_alone) {
  socket_options options;
  options.send_high_water_mark = 20;
  options.report_subscriptions = subscription_reports::verbose;
  xpub out{ctx, options};
  out.bind("tcp://127.0.0.1:*");
  socket_options short_queue;
  short_queue.receive_high_water_mark = 20;
  const std::string filling(2000, 'x');
  sub quick_one = subscriber(out, {""});
  sub slow = subscriber(out, {""}, short_queue);
  sub another = subscriber(out, {""});
  constexpr int count = 8'000;  // far more than the kernel keeps
  for (int i = 0; i < count; ++i) {
    const std::string text = std::to_string(i) + filling;
    out.send(text);
    ASSERT_EQ(must_receive(quick_one).view(), text);
    ASSERT_EQ(must_receive(another).view(), text);
  }
  EXPECT_GT(out.dropped_count(), 0U);
  // What it got is a part of the whole, in order, and each message that it missed was counted.
  int last = -1;
  int got = 0;
  while (const auto next = slow.receive_for(brief)) {
    const int number = std::stoi(next->str());
    ASSERT_GT(number, last);
    last = number;
    ++got;
  }
  EXPECT_EQ(static_cast<std::uint64_t>(count - got), out.dropped_count());
}

TEST_P(fan_out, goes_on_when_a_subscriber_leaves_or_comes) {
  xpub out{ctx, waiting(1000)};
  out.bind("tcp://127.0.0.1:*");
  sub stays = subscriber(out, {""});
  auto leaves = std::make_unique<sub>(subscriber(out, {""}));
  for (int i = 0; i < 100; ++i) out.send("first" + std::to_string(i));
  leaves.reset();
  while (out.peer_count() > 1) (void)out.receive_for(std::chrono::milliseconds(1));
  for (int i = 0; i < 100; ++i) out.send("second" + std::to_string(i));
  sub comes = subscriber(out, {""});
  for (int i = 0; i < 100; ++i) out.send("third" + std::to_string(i));
  for (const char* part : {"first", "second", "third"}) {
    for (int i = 0; i < 100; ++i) ASSERT_EQ(must_receive(stays), message(part + std::to_string(i)));
  }
  for (int i = 0; i < 100; ++i) ASSERT_EQ(must_receive(comes), message("third" + std::to_string(i)));
}

TEST_P(fan_out, stops_where_a_subscription_is_cancelled) {
  xpub out{ctx, waiting(1000)};
  out.bind("tcp://127.0.0.1:*");
  sub whole = subscriber(out, {""});
  sub part = subscriber(out, {"a", "b"});
  for (int i = 0; i < 100; ++i) out.send(i % 2 == 0 ? "a" : "b");
  part.unsubscribe("a");
  EXPECT_EQ(must_receive(out), message(std::string("\0a", 2)));
  for (int i = 0; i < 100; ++i) out.send(i % 2 == 0 ? "a" : "b");
  out.send("end");
  for (int i = 0; i < 200; ++i) ASSERT_EQ(must_receive(whole), message(i % 2 == 0 ? "a" : "b"));
  // Of those that were on their way when it was cancelled none is delivered either.
  for (int i = 0; i < 100; ++i) ASSERT_EQ(must_receive(part), message("b"));
  EXPECT_EQ(must_receive(whole), message("end"));
  EXPECT_FALSE(part.receive_for(brief));
}

TEST_P(fan_out, serves_inproc_subscribers_beside_the_others) {
  xpub out{ctx, waiting(50)};
  out.bind("tcp://127.0.0.1:*");
  std::vector<reader> readers;
  for (const char* topic : {"", "a", "b"}) readers.push_back({subscriber(out, {topic}), topic});
  out.bind("inproc://near");  // which is the last endpoint from now on
  for (const char* topic : {"", "a"}) readers.push_back({subscriber(out, {topic}), topic});
  std::minstd_rand random(3);
  std::vector<std::string> sent;
  for (int burst = 0; burst < 100; ++burst) {
    const std::string topic = std::array{"a", "b", "c"}[random() % 3];
    for (auto count = random() % 40; count > 0; --count) {
      sent.push_back(numbered(topic, static_cast<int>(sent.size()), random));
      if (random() % 2 == 0) {
        out.send(sent.back());
      } else {
        out.send(message::of({sent.back(), "second"}));
      }
    }
    for (reader& each : readers) {
      for (; each.next < sent.size(); ++each.next) {
        if (!sent[each.next].starts_with(each.topic)) continue;
        ASSERT_EQ(must_receive(each.socket).view(), sent[each.next]) << "message " << each.next;
      }
    }
  }
  for (reader& each : readers) EXPECT_FALSE(each.socket.try_receive());
  EXPECT_EQ(out.dropped_count(), 0U);
}

TEST_P(fan_out, counts_what_full_inproc_subscribers_lose) {
  socket_options options;
  options.send_high_water_mark = 10;
  options.report_subscriptions = subscription_reports::verbose;
  xpub out{ctx, options};
  out.bind("tcp://127.0.0.1:*");
  sub far = subscriber(out, {""});
  out.bind("inproc://near");
  socket_options short_queue;
  short_queue.receive_high_water_mark = 10;
  sub near = subscriber(out, {""}, short_queue);
  constexpr int count = 100;
  for (int i = 0; i < count; ++i) {
    out.send(std::to_string(i));
    ASSERT_EQ(must_receive(far), message(std::to_string(i)));
  }
  int got = 0;
  while (near.try_receive()) ++got;
  EXPECT_EQ(got, 20);
  EXPECT_EQ(out.dropped_count(), static_cast<std::uint64_t>(count - got));
}

/// Each message is for one of many, never for the same one as the last.
TEST_P(fan_out, deals_out_by_topic) {
  xpub out{ctx, waiting(50)};
  out.bind("tcp://127.0.0.1:*");
  constexpr std::size_t subscribers = 5;
  std::vector<sub> all;
  for (std::size_t i = 0; i < subscribers; ++i)
    all.push_back(subscriber(out, {std::string(1, static_cast<char>('a' + i)), "every"}));
  std::minstd_rand random(5);
  std::array<std::vector<std::string>, subscribers> due;
  for (int number = 0; number < 6000; ++number) {
    const std::size_t whose = static_cast<std::size_t>(number) % subscribers;
    const bool every = random() % 20 == 0;
    const std::string topic = every ? "every" : std::string(1, static_cast<char>('a' + whose));
    const std::string text = numbered(topic, number, random);
    out.send(text);
    for (std::size_t i = 0; i < subscribers; ++i) {
      if (every || i == whose) due[i].push_back(text);
    }
    if (number % 100 != 99) continue;
    for (std::size_t i = 0; i < subscribers; ++i) {
      for (const std::string& expected : due[i]) ASSERT_EQ(must_receive(all[i]).view(), expected);
      due[i].clear();
    }
  }
  for (sub& each : all) EXPECT_FALSE(each.try_receive());
}

/// So many that what is to be looked at is fetched ahead.
TEST_P(fan_out, filters_by_many_topics) {
  xpub out{ctx, waiting(0)};
  out.bind("tcp://127.0.0.1:*");
  std::vector<std::string> topics;
  for (int i = 0; i < 20'000; ++i) topics.push_back(std::to_string(2 * i) + '.');
  sub in = subscriber(out, topics);
  std::minstd_rand random(9);
  std::vector<std::string> due;
  for (int number = 0; number < 2000; ++number) {
    const auto topic = static_cast<int>(random() % 40'000);
    const std::string text = numbered(std::to_string(topic) + '.', number, random);
    out.send(text);
    if (topic % 2 == 0) due.push_back(text);
  }
  ASSERT_EQ(must_receive(in).view(), due.front());
  due.erase(due.begin());
  // Some are cancelled before they are taken: what was judged ahead is judged again.
  for (std::size_t i = 0; i < 1000; ++i) in.unsubscribe(topics[i]);
  for (const std::string& expected : due) {
    if (std::stoi(expected) < 2000) continue;
    ASSERT_EQ(must_receive(in).view(), expected);
  }
  EXPECT_FALSE(in.try_receive());
}

TEST_P(fan_out, writes_a_lone_message_to_everybody) {
  xpub out{ctx, waiting(1000)};
  out.bind("tcp://127.0.0.1:*");
  std::vector<sub> all;
  for (int i = 0; i < 5; ++i) all.push_back(subscriber(out, {""}));
  for (int round = 0; round < 50; ++round) {
    out.send(std::to_string(round));
    for (sub& each : all) ASSERT_EQ(must_receive(each), message(std::to_string(round)));
  }
}

TEST_P(fan_out, loses_nothing_at_close) {
  auto out = std::make_unique<xpub>(ctx, waiting(0));
  out->bind("tcp://127.0.0.1:*");
  sub first = subscriber(*out, {""});
  sub second = subscriber(*out, {""});
  for (int i = 0; i < 1000; ++i) out->send(std::to_string(i));
  if (is_inline()) {
    out->close();
  } else {
    out.reset();
  }
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(must_receive(first), message(std::to_string(i)));
    ASSERT_EQ(must_receive(second), message(std::to_string(i)));
  }
}

TEST_P(fan_out, takes_messages_of_several_threads) {
  if (is_inline()) GTEST_SKIP() << "one thread";
  xpub out{ctx, waiting(100)};
  out.bind("tcp://127.0.0.1:*");
  std::vector<sub> all;
  for (int i = 0; i < 3; ++i) all.push_back(subscriber(out, {""}));
  constexpr int each_sends = 2000;
  constexpr std::size_t threads = 3;
  std::vector<std::jthread> senders;
  for (std::size_t who = 0; who < threads; ++who) {
    senders.emplace_back([&out, who] {
      for (int i = 0; i < each_sends; ++i) out.send(std::to_string(who) + ":" + std::to_string(i));
    });
  }
  std::vector<std::jthread> receivers;
  for (sub& in : all) {
    receivers.emplace_back([&in] {
      std::array<int, threads> next{};
      for (std::size_t i = 0; i < threads * each_sends; ++i) {
        const std::string got = must_receive(in).str();
        int& expected = next[static_cast<std::size_t>(got[0] - '0')];
        ASSERT_EQ(got.substr(2), std::to_string(expected));
        ++expected;
      }
    });
  }
}

std::string name_of_how(const testing::TestParamInfo<how>& which) {
  return std::array{"inline_uring", "inline_epoll", "threaded_uring",
                    "threaded_epoll"}[static_cast<std::size_t>(which.param)];
}

INSTANTIATE_TEST_SUITE_P(everywhere, fan_out,
                         testing::Values(how::inline_uring, how::inline_epoll, how::threaded_uring,
                                         how::threaded_epoll),
                         name_of_how);

}  // namespace
}  // namespace monocoque::test
