// PUB to XSUB, a proxy, XPUB to SUB.
#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <array>

namespace monocoque::simulation {

namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 3> topics{"apples/", "pears/", ""};

struct publisher {
  host* on;
  std::unique_ptr<pub> socket;
  std::uint32_t count;
  std::uint32_t sent = 0;
};
struct subscriber {
  host* on;
  std::unique_ptr<sub> socket;
  std::vector<std::string_view> wanted;
  std::unique_ptr<ledger> book;
  std::vector<bool> served{};  ///< by each publisher, since the network works again
};

/// The topic of a message follows from its number.
std::string_view topic_of(std::uint32_t number) { return topics[number % 2]; }

/// First as the scenario has it, then until everybody has got something after the weather has cleared.
task<> publish(publisher& who, world& in, const bool& all_are_served, chance dice) {
  while (who.sent < who.count || !all_are_served) {
    if (who.sent < who.count) {
      co_await dawdle(dice);
    } else {
      const milliseconds pause(200);
      co_await sleep_for(pause);
    }
    const label next{who.on->number(), who.sent++};
    message what = compose(next, topic_of(next.number));
    co_await who.socket->async_send(std::move(what));
    if (who.sent > who.count + 100'000) {
      in.complain("somebody is never served again");
      co_return;
    }
  }
}

task<> listen(subscriber& who, world& in, const std::vector<publisher>& publishers, chance dice) {
  for (;;) {
    co_await dawdle(dice);
    const result<message> got = co_await who.socket->async_receive(as_result);
    if (!got) co_return;
    const std::string_view topic = got->view().starts_with(topics[0]) ? topics[0] : topics[1];
    if (!who.book->take(who.on->number(), *got, 0, topic)) continue;
    const bool asked_for =
        std::ranges::any_of(who.wanted, [&](std::string_view each) { return topic.starts_with(each); });
    if (!asked_for) in.complain(who.on->name() + ": a topic that it has not subscribed");
    if (in.is_rough()) continue;
    const std::uint32_t sender = recognise(*got, 0, topic)->sender;
    for (std::size_t i = 0; i < publishers.size(); ++i) {
      if (publishers[i].on->number() == sender) who.served[i] = true;
    }
  }
}

task<> pass_on(socket& front, socket& back) { static_cast<void>(co_await async_proxy(front, back)); }

}  // namespace

outcome run_fan_out(std::uint64_t seed) {
  chance dice(seed);
  world in(dice.next(), weather::draw(dice));
  programs publishing(in);
  programs others(in);
  bool all_are_served = false;

  host& middle = in.add_host("broker");
  auto front = std::make_unique<xsub>(middle.context(), draw_options(dice));
  socket_options back_options = draw_options(dice);
  back_options.no_drop = dice.happens(300);
  auto back = std::make_unique<xpub>(middle.context(), back_options);
  front->bind("tcp://*:5555");
  back->bind("tcp://*:6666");
  others.start(middle, pass_on(*front, *back));

  std::vector<publisher> publishers(dice.between(1, 2));
  std::vector<subscriber> subscribers(dice.between(1, 4));
  for (publisher& each : publishers) {
    each.on = &in.add_host("publisher" + std::to_string(&each - publishers.data()));
    each.socket = std::make_unique<pub>(each.on->context(), draw_options(dice));
    each.socket->connect("tcp://broker:5555");
    each.count = static_cast<std::uint32_t>(1 + dice.magnitude(200));
  }
  for (subscriber& each : subscribers) {
    each.on = &in.add_host("subscriber" + std::to_string(&each - subscribers.data()));
    each.socket = std::make_unique<sub>(each.on->context(), draw_options(dice));
    each.book = std::make_unique<ledger>(in);
    each.served.assign(publishers.size(), false);
    each.wanted = {topics[dice.below(topics.size())]};
    if (dice.happens(200)) each.wanted.push_back(topics[dice.below(topics.size())]);
    for (const std::string_view topic : each.wanted) each.socket->subscribe(topic);
    each.socket->connect("tcp://broker:6666");
    others.start(*each.on, listen(each, in, publishers, chance(dice.next())));
  }
  for (publisher& each : publishers) {
    publishing.start(*each.on, publish(each, in, all_are_served, chance(dice.next())));
  }
  in.watch("front", *front);
  in.watch("back", *back);
  for (const subscriber& each : subscribers) in.watch(each.on->name(), *each.socket);
  const bool served = in.run_until(
      [&] {
        return std::ranges::all_of(
            subscribers, [](const subscriber& each) { return std::ranges::count(each.served, false) == 0; });
      },
      std::chrono::hours(2));
  if (!served) in.complain("somebody is not served again after the network works");
  all_are_served = true;
  publishing.finish(std::chrono::minutes(10), "publish");
  let_settle(in);

  for (publisher& each : publishers) each.socket->close(milliseconds(1000));
  front->close(milliseconds(100));
  back->close(milliseconds(100));
  for (subscriber& each : subscribers) each.socket->close(milliseconds(0));
  others.finish(std::chrono::seconds(5), "receive");
  outcome came;
  for (subscriber& each : subscribers) {
    for (const publisher& from : publishers) {
      came.received += each.book->received(from.on->number());
      // What is left of one connection may be forwarded behind what comes on the next.
      if (in.connections(*from.on, middle) == 1) each.book->check_order(from.on->number());
    }
    each.socket.reset();
  }
  for (publisher& each : publishers) each.socket.reset();
  front.reset();
  back.reset();
  in.end();
  came.complaints = in.complaints();
  came.trace = in.trace();
  return came;
}

}  // namespace monocoque::simulation
