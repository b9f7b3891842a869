// PUB to XSUB, a proxy, XPUB to SUB.
#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <set>

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
  std::vector<std::string_view> wanted{};
  std::unique_ptr<ledger> book{};
  std::set<std::uint32_t> served{};  ///< by these publishers, since the network works again
};
struct middle {
  host* on;
  std::unique_ptr<xsub> front;
  std::unique_ptr<xpub> back;
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

task<> listen(subscriber& who, world& in, chance dice) {
  for (;;) {
    co_await dawdle(dice);
    const result<message> got = co_await who.socket->async_receive(as_result);
    if (!got || who.on->is_dead()) co_return;
    const std::string_view topic = got->view().starts_with(topics[0]) ? topics[0] : topics[1];
    if (!who.book->take(who.on->number(), *got, 0, topic)) continue;
    const bool asked_for =
        std::ranges::any_of(who.wanted, [&](std::string_view each) { return topic.starts_with(each); });
    if (!asked_for) in.complain(who.on->name() + ": a topic that it has not subscribed");
    if (!in.is_troubled()) who.served.insert(recognise(*got, 0, topic)->sender);
  }
}

/// Whoever dies is followed by another one, which is listed behind the dead.
class broadcast {
 public:
  broadcast(std::uint64_t seed, perils also)
      : dice_(seed), in_(dice_.next(), weather::draw(dice_)), fates_(in_, also, seed) {}
  outcome run();

 private:
  void add_middle();
  publisher& add_publisher(const std::string& name);
  void add_subscriber(const std::string& name);
  void start(publisher& who);
  [[nodiscard]] bool everybody_is_served() const;
  void close();
  [[nodiscard]] std::uint64_t connections_of(const publisher& who) const;

  chance dice_;
  world in_;
  mishaps fates_;
  programs publishing_{in_};
  programs others_{in_};
  std::deque<middle> middles_;
  std::deque<publisher> publishers_;
  std::deque<subscriber> subscribers_;
  bool all_are_served_ = false;
};

void broadcast::add_middle() {
  host& on = in_.add_host("broker");
  socket_options front = draw_options(dice_);
  socket_options back = draw_options(dice_);
  back.no_drop = dice_.happens(300);
  fates_.draw_heartbeats(on, {&front, &back});
  middle& made = middles_.emplace_back(&on, std::make_unique<xsub>(on.context(), front),
                                       std::make_unique<xpub>(on.context(), back));
  open_middle(on, *made.front, *made.back, {in_, fates_, others_}, [this] { add_middle(); });
}

publisher& broadcast::add_publisher(const std::string& name) {
  host& on = in_.add_host(name);
  socket_options options = draw_options(dice_);
  fates_.draw_heartbeats(on, {&options});
  publisher& made = publishers_.emplace_back(&on, std::make_unique<pub>(on.context(), options), 0);
  made.socket->connect("tcp://broker:5555");
  made.count = static_cast<std::uint32_t>(1 + dice_.magnitude(200));
  in_.watch(name, *made.socket, fates_.has_heartbeats(on));
  return made;
}

void broadcast::start(publisher& who) {
  publishing_.start(*who.on, publish(who, in_, all_are_served_, chance(dice_.next())));
  fates_.draw_fate(
      *who.on, [&who] { who.socket->close(milliseconds(0)); },
      [this, name = who.on->name()] { start(add_publisher(name)); });
}

void broadcast::add_subscriber(const std::string& name) {
  host& on = in_.add_host(name);
  socket_options options = draw_options(dice_);
  fates_.draw_heartbeats(on, {&options});
  subscriber& made = subscribers_.emplace_back(&on, std::make_unique<sub>(on.context(), options));
  made.book = std::make_unique<ledger>(in_);
  made.wanted = {topics[dice_.below(topics.size())]};
  if (dice_.happens(200)) made.wanted.push_back(topics[dice_.below(topics.size())]);
  for (const std::string_view topic : made.wanted) made.socket->subscribe(topic);
  made.socket->connect("tcp://broker:6666");
  in_.watch(name, *made.socket, fates_.has_heartbeats(on));
  others_.start(on, listen(made, in_, chance(dice_.next())));
  fates_.draw_fate(
      on, [&made] { made.socket->close(milliseconds(0)); }, [this, name] { add_subscriber(name); });
}

bool broadcast::everybody_is_served() const {
  return !in_.has_plans() && std::ranges::all_of(subscribers_, [this](const subscriber& each) {
    return each.on->is_dead() || std::ranges::all_of(publishers_, [&](const publisher& by) {
             return by.on->is_dead() || each.served.contains(by.on->number());
           });
  });
}

outcome broadcast::run() {
  add_middle();
  const std::uint64_t publisher_count = dice_.between(1, 2);
  const std::uint64_t subscriber_count = dice_.between(1, 4);
  for (std::uint64_t i = 0; i < publisher_count; ++i) add_publisher("publisher" + std::to_string(i));
  for (std::uint64_t i = 0; i < subscriber_count; ++i) add_subscriber("subscriber" + std::to_string(i));
  for (std::uint64_t i = 0; i < publisher_count; ++i) start(publishers_[i]);
  if (!in_.run_until([this] { return everybody_is_served(); }, std::chrono::hours(2)))
    in_.complain("somebody is not served again after the network works");
  all_are_served_ = true;
  publishing_.finish(std::chrono::minutes(10), "publish");
  let_settle(in_);
  close();
  outcome came;
  for (const subscriber& each : subscribers_) {
    for (const publisher& from : publishers_) {
      came.received += each.book->received(from.on->number());
      // What is left of one connection may be forwarded behind what comes on the next.
      if (connections_of(from) == 1) each.book->check_order(from.on->number());
    }
  }
  subscribers_.clear();
  publishers_.clear();
  middles_.clear();
  in_.end();
  came.complaints = in_.complaints();
  came.trace = in_.trace();
  return came;
}

std::uint64_t broadcast::connections_of(const publisher& who) const {
  std::uint64_t sum = 0;
  for (const middle& each : middles_) sum += in_.connections(*who.on, *each.on);
  return sum;
}

void broadcast::close() {
  for (const publisher& each : publishers_) each.socket->close(milliseconds(1000));
  for (const middle& each : middles_) {
    each.front->close(milliseconds(100));
    each.back->close(milliseconds(100));
  }
  for (const subscriber& each : subscribers_) each.socket->close(milliseconds(0));
  others_.finish(std::chrono::seconds(5), "receive");
  publishing_.bury();
  others_.bury();
}

}  // namespace

outcome run_fan_out(std::uint64_t seed, perils also) { return broadcast(seed, also).run(); }

}  // namespace monocoque::simulation
