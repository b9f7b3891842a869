// ROUTERs in a ring, each of which knows the next one by name and hands on what comes from the one before.
#include "tests/simulation/scenario.hpp"

#include <deque>
#include <optional>

namespace monocoque::simulation {

namespace {

using std::chrono::milliseconds;

struct member {
  host* on = nullptr;
  std::size_t index = 0;  ///< 0: the one that sends the tokens
  std::unique_ptr<router> socket;
  std::string name;
  std::string next;
  std::uint32_t laps = 0;  ///< that it still wants to see
  std::uint32_t token = 0;
  std::unique_ptr<ledger> book;
};

std::string member_name(std::size_t index) {
  std::string made("member");
  made += std::to_string(index);
  return made;
}

message addressed(const std::string& to, message what) {
  message made{std::string_view(to)};
  for (const bytes& frame : what.frames()) made.push_back(frame);
  return made;
}

/// Sends until the next member is there.
task<bool> hand_on(member& who, const message& what) {
  for (;;) {
    message copy = addressed(who.next, what);
    const result<void> sent = co_await who.socket->async_send(as_result, std::move(copy));
    if (sent) co_return true;
    if (sent.error() != errc::unroutable) co_return false;
    const milliseconds pause(50);
    co_await sleep_for(pause);
  }
}

/// The originator sends a token and waits for it to come back, again and again; one that does not come back
/// within a time is given up, and a new one is sent.
task<> originate(member& who, world& in, chance dice) {
  const milliseconds patience(2'000 + dice.magnitude(10'000));
  std::uint32_t given_up = 0;
  while (who.laps > 0) {
    const label token{who.on->number(), who.token++};
    const message what = compose(token);
    const bool sent = co_await hand_on(who, what);
    if (!sent) co_return;
    const time_point until = in.now() + patience;
    bool back = false;
    while (!back) {
      const auto left = std::chrono::ceil<milliseconds>(until - in.now());
      std::optional<message> got = co_await who.socket->async_receive_for(std::max(left, milliseconds(1)));
      if (!got) {
        if (in.now() < until) continue;
        break;
      }
      if (who.on->is_dead()) co_return;
      who.book->take(who.on->number(), *got, 1);
      back = recognise(*got, 1) == token;  // it may be one that was given up
    }
    if (back) --who.laps;
    if (!back && ++given_up > 2000) {
      in.complain("no token ever gets round the ring");
      co_return;
    }
  }
}

task<> relay(member& who, chance dice) {
  for (;;) {
    result<message> got = co_await who.socket->async_receive(as_result);
    if (!got) co_return;
    co_await dawdle(dice);
    if (who.on->is_dead()) co_return;
    if (!who.book->take(who.on->number(), *got, 1)) continue;
    message what((*got)[1]);
    for (std::size_t i = 2; i < got->size(); ++i) what.push_back((*got)[i]);
    const bool sent = co_await hand_on(who, what);
    if (!sent) co_return;
  }
}

/// Whoever dies is followed by another one, which is listed behind the dead.
class circle {
 public:
  circle(std::uint64_t seed, perils also)
      : dice_(seed), in_(dice_.next(), weather::draw(dice_)), fates_(in_, also, seed) {}
  outcome run();

 private:
  member& add_member(std::size_t index);
  void join(member& who);
  void start(member& who);
  [[nodiscard]] bool is_in_order() const;

  chance dice_;
  world in_;
  mishaps fates_;
  programs originating_{in_};
  programs relaying_{in_};
  std::size_t size_ = 0;
  std::deque<member> members_;
};

member& circle::add_member(std::size_t index) {
  member& made = members_.emplace_back();
  made.index = index;
  made.name = member_name(index);
  made.next = member_name((index + 1) % size_);
  made.on = &in_.add_host(made.name);
  made.book = std::make_unique<ledger>(in_);
  socket_options options = draw_options(dice_);
  options.routing_id = bytes::copy(std::string_view(made.name));
  options.router_mandatory = options.router_handover = true;
  fates_.draw_heartbeats(*made.on, {&options});
  made.socket = std::make_unique<router>(made.on->context(), options);
  made.socket->bind("tcp://*:5555");
  in_.watch(made.name, *made.socket, fates_.has_heartbeats(*made.on));
  return made;
}

void circle::join(member& who) {
  connect_options to;
  to.routing_id = bytes::copy(std::string_view(who.next));
  who.socket->connect("tcp://" + who.next + ":5555", to);
}

void circle::start(member& who) {
  if (who.index == 0) {
    originating_.start(*who.on, originate(who, in_, chance(dice_.next())));
  } else {
    relaying_.start(*who.on, relay(who, chance(dice_.next())));
  }
  fates_.draw_fate(
      *who.on, [&who] { who.socket->close(milliseconds(0)); },
      [this, &who] {
        member& next = add_member(who.index);
        next.laps = who.laps;
        join(next);
        start(next);
      });
}

outcome circle::run() {
  size_ = dice_.between(2, 5);
  for (std::size_t i = 0; i < size_; ++i) add_member(i);
  for (std::size_t i = 0; i < size_; ++i) join(members_[i]);
  for (std::size_t i = 0; i < size_; ++i) {
    if (i == 0) members_[i].laps = static_cast<std::uint32_t>(1 + dice_.magnitude(40));
    start(members_[i]);
  }
  originating_.finish(std::chrono::hours(3), "go round");
  for (const member& each : members_) each.socket->close(milliseconds(100));
  relaying_.finish(std::chrono::seconds(5), "relay");
  originating_.bury();
  relaying_.bury();
  outcome came;
  const bool in_order = is_in_order();
  const std::uint32_t first = members_[0].on->number();
  for (member& each : members_) {
    if (in_order) each.book->check_order(first);
    came.received += each.book->received(first);
    each.socket.reset();
  }
  in_.end();
  came.complaints = in_.complaints();
  came.trace = in_.trace();
  return came;
}

/// What is left of one connection may be handed on behind what comes on the next; two members have two.
bool circle::is_in_order() const {
  if (members_.size() != size_) return false;
  for (std::size_t i = 0; i < size_; ++i) {
    const host& one = *members_[i].on;
    const host& next = *members_[(i + 1) % size_].on;
    if (in_.connections(one, next) + in_.connections(next, one) != 1) return false;
  }
  return true;
}

}  // namespace

outcome run_ring(std::uint64_t seed, perils also) { return circle(seed, also).run(); }

}  // namespace monocoque::simulation
