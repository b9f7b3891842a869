// RADIO and DISH (RFC 48) over connections: who gets what, and what is refused. Over UDP: udp_test.cpp.

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/radio_dish_support.hpp"

#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

enum class road { tcp, ipc, inproc };

class radio_dish : public testing::TestWithParam<std::tuple<road, bool>> {
 protected:
  radio_dish() { std::get<bool>(GetParam()) ? ctx_.emplace(inline_loop) : ctx_.emplace(); }
  context& ctx() { return *ctx_; }
  [[nodiscard]] std::string fresh() const {
    switch (std::get<road>(GetParam())) {
      case road::tcp: return "tcp://127.0.0.1:0";
      case road::ipc: return folder_.ipc("r");
      case road::inproc: break;
    }
    return "inproc://radio";
  }

 private:
  temporary_folder folder_;
  std::optional<context> ctx_;
};

std::string name_of_case(const testing::TestParamInfo<std::tuple<road, bool>>& parameter) {
  const auto& [over, is_inline] = parameter.param;
  const std::string name = over == road::tcp ? "tcp" : over == road::ipc ? "ipc" : "inproc";
  return name + (is_inline ? "_inline" : "_threaded");
}

INSTANTIATE_TEST_SUITE_P(all, radio_dish,
                         testing::Combine(testing::Values(road::tcp, road::ipc, road::inproc),
                                          testing::Bool()),
                         name_of_case);

TEST_P(radio_dish, messages_of_joined_groups_arrive_and_no_others) {
  radio from(ctx());
  from.bind(fresh());
  dish in(ctx());
  in.join("movies");
  in.connect(from.last_endpoint());
  await_joined(from, in, "movies");
  const auto before = from.stats().sent.messages;
  from.send({"tv", "Friends"});
  from.send({"movie", "x"});
  from.send({"movies!", "x"});
  from.send({"", "x"});
  from.send({"movies", "Godfather"});
  EXPECT_EQ(must_receive_next(in), message::of({"movies", "Godfather"}));
  EXPECT_EQ(from.stats().sent.messages, before + 1) << "the RADIO knows who wants what";
  EXPECT_EQ(from.stats().dropped.total(), 0U);
  EXPECT_EQ(in.stats().dropped.total(), 0U);
}

TEST_P(radio_dish, groups_may_be_joined_and_left_at_any_time) {
  dish in(ctx());
  in.bind(fresh());
  radio from(ctx());
  from.connect(in.last_endpoint());
  in.join("tv");
  in.join("movies");
  await_joined(from, in, "tv");
  await_joined(from, in, "movies");
  in.leave("tv");
  from.send({"tv", "Friends"});
  from.send({"movies", "Godfather"});
  EXPECT_EQ(must_receive_next(in), message::of({"movies", "Godfather"}));
  in.join("tv");
  await_joined(from, in, "tv");
  from.send({"tv", "Friends"});
  EXPECT_EQ(must_receive_next(in), message::of({"tv", "Friends"}));
}

TEST_P(radio_dish, a_group_is_0_to_255_octets_and_a_payload_what_it_likes) {
  radio from(ctx());
  from.bind(fresh());
  dish in(ctx());
  const std::string longest(255, 'g');
  in.join(longest);
  in.join("");
  in.connect(from.last_endpoint());
  await_joined(from, in, longest);
  for (const std::string& group : {longest, std::string()}) {
    for (const std::size_t size : {0U, 1U, 300U, 9'000U, 200'000U}) {
      from.send({group, std::string(size, 'p')});
      const message received = must_receive_next(in);
      EXPECT_EQ(received.view(0), group);
      EXPECT_EQ(received.view(1).size(), size);
    }
  }
}

TEST_P(radio_dish, each_dish_gets_its_groups_and_in_order) {
  radio from(ctx(), {.no_drop = true});
  from.bind(fresh());
  dish both(ctx()), one(ctx());
  both.join("a");
  both.join("b");
  one.join("b");
  both.connect(from.last_endpoint());
  one.connect(from.last_endpoint());
  await_joined(from, both, "a");
  await_joined(from, both, "b");
  await_joined(from, one, "b");
  for (int i = 0; i < 100; ++i) from.send({i % 2 == 0 ? "a" : "b", std::to_string(i)});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(must_receive_next(both).view(1), std::to_string(i));
  for (int i = 1; i < 100; i += 2) EXPECT_EQ(must_receive_next(one).view(1), std::to_string(i));
}

TEST_P(radio_dish, whoever_is_asked_whether_there_is_something_does_not_count_what_is_not_joined) {
  radio from(ctx());
  from.bind(fresh());
  dish in(ctx());
  in.join("tv");
  in.connect(from.last_endpoint());
  await_joined(from, in, "tv");
  from.send({"tv", "Friends"});
  poller look(ctx());
  look.set(in, readiness::readable);
  ASSERT_FALSE(look.wait(patience).empty());
  in.leave("tv");
  EXPECT_FALSE(in.can_receive());
  EXPECT_EQ(in.receive_for(as_result, 0ms).error(), errc::timed_out);
  EXPECT_EQ(in.stats().dropped.total(), 0U) << "filtered, not lost";
}

TEST_P(radio_dish, other_forms_of_message_are_refused) {
  radio from(ctx());
  from.bind(fresh());
  EXPECT_EQ(code_thrown_by([&] { from.send("no group"); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { from.send({"tv", "two", "frames"}); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { from.send({std::string(256, 'g'), "x"}); }), errc::invalid_argument);
  message whole("no group");
  const result<void> tried = from.send(as_result, whole);
  ASSERT_FALSE(tried);
  EXPECT_EQ(whole.view(), "no group");
  EXPECT_EQ(tried.error().detail(),
            "a RADIO's message is two frames, a group of up to 255 octets and a payload");
  from.send({"tv", "nobody hears it"});
}

TEST(radio_and_dish, a_group_is_joined_and_left_once) {
  context ctx;
  dish in(ctx);
  EXPECT_EQ(in.leave(as_result, "tv").error(), errc::invalid_argument);
  in.join("tv");
  const result<void> again = in.join(as_result, "tv");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), errc::invalid_argument);
  EXPECT_EQ(again.error().message(), "join: invalid argument (this group was joined before)");
  EXPECT_EQ(in.join(as_result, std::string(256, 'g')).error(), errc::invalid_argument);
  in.join(std::string(255, 'g'));
  in.leave("tv");
  EXPECT_EQ(in.leave(as_result, "tv").error(), errc::invalid_argument);
  in.join("tv");
}

TEST(radio_and_dish, groups_are_joined_anew_after_a_connection_was_lost) {
  context ctx;
  temporary_folder folder;
  const std::string place = folder.ipc("r");
  dish in(ctx, {.reconnect_interval = 1ms});
  in.join("tv");
  in.join("news");
  in.leave("news");
  in.connect(place);
  for (int i = 0; i < 3; ++i) {
    radio from(ctx);
    from.bind(place);
    await_joined(from, in, "tv");
    from.send({"news", "x"});
    from.send({"tv", std::to_string(i)});
    EXPECT_EQ(must_receive_next(in), message::of({"tv", std::to_string(i)}));
    from.close();
  }
}

TEST(radio_and_dish, a_full_dish_loses_messages_or_is_waited_for) {
  for (const bool waits : {false, true}) {
    context ctx(inline_loop);
    radio from(ctx, {.send_high_water_mark = 4, .no_drop = waits});
    from.bind("inproc://here");
    dish in(ctx, {.receive_high_water_mark = 4});
    in.join("tv");
    in.connect("inproc://here");
    await_joined(from, in, "tv");
    int sent = 0;
    while (sent < 100 && from.try_send({"tv", std::to_string(sent)})) ++sent;
    EXPECT_EQ(sent, waits ? 8 : 100);
    EXPECT_EQ(from.stats().dropped[drop_reason::full], waits ? 0U : 92U);
    EXPECT_EQ(from.can_send(), !waits);
    for (int i = 0; i < 8; ++i) EXPECT_EQ(must_receive_next(in).view(1), std::to_string(i));
  }
}

TEST(radio_and_dish, a_peer_that_joins_too_much_is_closed) {
  context ctx;
  radio from(ctx, {.max_subscriptions = 3});
  monitor events = from.monitor();
  from.bind("tcp://127.0.0.1:0");
  const raw_peer greedy(from.last_endpoint());
  shake_hands(greedy, "DISH");
  std::string joins;
  for (const char group : {'a', 'b', 'c', 'd'}) joins += speak::command("JOIN", std::string(1, group));
  greedy.send(joins);
  EXPECT_EQ(await_event(events, event_kind::disconnected).reason, errc::limit_reached);
}

TEST(radio_and_dish, a_radio_that_sends_no_groups_is_closed) {
  for (const std::string& wrong :
       {speak::frame("tv"), speak::frame("tv", true) + speak::frame("x", true) + speak::frame("y")}) {
    context ctx;
    dish in(ctx);
    monitor events = in.monitor();
    in.join("tv");
    in.bind("tcp://127.0.0.1:0");
    const raw_peer strange(in.last_endpoint());
    shake_hands(strange, "RADIO");
    strange.send(wrong);
    EXPECT_FALSE(in.receive_for(as_result, brief));
    EXPECT_EQ(await_event(events, event_kind::disconnected).reason, errc::bad_frame);
    EXPECT_EQ(in.stats().dropped[drop_reason::unexpected], 1U);
  }
}

TEST(radio_and_dish, what_a_dish_sends_is_not_heard) {
  context ctx;
  radio from(ctx);
  monitor events = from.monitor();
  from.bind("tcp://127.0.0.1:0");
  const raw_peer strange(from.last_endpoint());
  shake_hands(strange, "DISH");
  strange.send(speak::frame("\1tv") + speak::command("JOIN", "end"));
  while (from.stats().sent.messages == 0) from.send({"end", "x"});
  from.send({"tv", "to nobody"});
  from.send({"end", "y"});
  const std::string one = speak::frame("end", true) + speak::frame("x");
  EXPECT_EQ(strange.receive(one.size()), one);
}

TEST(radio_and_dish, many_threads_may_use_them) {
  context ctx;
  radio from(ctx, {.no_drop = true});
  from.bind("inproc://here");
  dish in(ctx);
  in.join("tv");
  in.connect("inproc://here");
  await_joined(from, in, "tv");
  constexpr int each = 500;
  std::vector<std::jthread> senders;
  for (int t = 0; t < 3; ++t)
    senders.emplace_back([&] {
      for (int i = 0; i < each; ++i) from.send({"tv", std::to_string(i)});
    });
  for (int i = 0; i < 3 * each; ++i) EXPECT_EQ(must_receive_next(in).view(0), "tv");
}

}  // namespace
}  // namespace monocoque::test
