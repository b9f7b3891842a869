// ROUTERs in a ring, each of which knows the next one by name and hands on what comes from the one before.
#include "tests/simulation/scenario.hpp"

#include <optional>

namespace monocoque::simulation {

namespace {

using std::chrono::milliseconds;

struct member {
  host* on;
  std::unique_ptr<router> socket;
  std::string name;
  std::string next;
  bool originates = false;
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
    if (!who.book->take(who.on->number(), *got, 1)) continue;
    message what((*got)[1]);
    for (std::size_t i = 2; i < got->size(); ++i) what.push_back((*got)[i]);
    const bool sent = co_await hand_on(who, what);
    if (!sent) co_return;
  }
}

}  // namespace

outcome run_ring(std::uint64_t seed) {
  chance dice(seed);
  world in(dice.next(), weather::draw(dice));
  programs originating(in);
  programs relaying(in);
  std::vector<member> members(dice.between(2, 5));
  for (std::size_t i = 0; i < members.size(); ++i) {
    member& each = members[i];
    each.name = member_name(i);
    each.next = member_name((i + 1) % members.size());
    each.on = &in.add_host(each.name);
    each.book = std::make_unique<ledger>(in);
    socket_options options = draw_options(dice);
    options.routing_id = bytes::copy(std::string_view(each.name));
    options.router_mandatory = options.router_handover = true;
    each.socket = std::make_unique<router>(each.on->context(), options);
    each.socket->bind("tcp://*:5555");
  }
  for (member& each : members) {
    connect_options to;
    to.routing_id = bytes::copy(std::string_view(each.next));
    each.socket->connect("tcp://" + each.next + ":5555", to);
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    member& each = members[i];
    if (i == 0) {
      each.laps = static_cast<std::uint32_t>(1 + dice.magnitude(40));
      originating.start(*each.on, originate(each, in, chance(dice.next())));
    } else {
      relaying.start(*each.on, relay(each, chance(dice.next())));
    }
  }
  for (const member& each : members) in.watch(each.name, *each.socket);
  originating.finish(std::chrono::hours(3), "go round");
  for (member& each : members) each.socket->close(milliseconds(100));
  relaying.finish(std::chrono::seconds(5), "relay");
  outcome came;
  // What is left of one connection may be handed on behind what comes on the next.
  bool one_connection_each = true;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const host& next = *members[(i + 1) % members.size()].on;
    one_connection_each = one_connection_each && in.connections(*members[i].on, next) == 1;
  }
  for (member& each : members) {
    if (one_connection_each) each.book->check_order(members[0].on->number());
    came.received += each.book->received(members[0].on->number());
    each.socket.reset();
  }
  in.end();
  came.complaints = in.complaints();
  came.trace = in.trace();
  return came;
}

}  // namespace monocoque::simulation
