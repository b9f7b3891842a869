// PUSH to PULL, some of each, either side binding.
#include "tests/simulation/scenario.hpp"

#include <algorithm>

namespace monocoque::simulation {

namespace {

using std::chrono::milliseconds;

task<> deal_out(push& to, std::uint32_t sender, std::uint32_t count, chance dice) {
  for (std::uint32_t number = 0; number < count; ++number) {
    co_await dawdle(dice);
    message next = compose({sender, number});
    co_await to.async_send(std::move(next));
  }
}

task<> take_in(pull& from, std::uint32_t receiver, ledger& book, chance dice) {
  for (;;) {
    co_await dawdle(dice);
    const result<message> got = co_await from.async_receive(as_result);
    if (!got) co_return;
    book.take(receiver, *got);
  }
}

/// Stops listening now and then, which closes all connections, and begins again.
task<> rebind(socket& which, world& in, chance dice) {
  while (in.is_rough()) {
    const milliseconds pause(1 + dice.magnitude(5'000));
    co_await sleep_for(pause);
    which.unbind("tcp://*:5555");
    const milliseconds longer(1 + dice.magnitude(1'000));
    do co_await sleep_for(longer);
    while (!which.bind(as_result, "tcp://*:5555"));
  }
}

struct pushing {
  host* on;
  std::unique_ptr<push> socket;
  std::uint32_t count;
  std::uint64_t dropped = 0;
};
struct pulling {
  host* on;
  std::unique_ptr<pull> socket;
};

}  // namespace

outcome run_pipeline(std::uint64_t seed) {
  chance dice(seed);
  world in(dice.next(), weather::draw(dice));
  ledger book(in);
  programs senders(in);
  programs receivers(in);
  std::vector<pushing> pushes;
  std::vector<pulling> pulls;
  const bool pull_binds = dice.happens(600);

  for (std::uint64_t i = 0, count = dice.between(1, 3); i < count; ++i) {
    host& on = in.add_host("push" + std::to_string(i));
    pushes.push_back({&on, std::make_unique<push>(on.context(), draw_options(dice)),
                      static_cast<std::uint32_t>(1 + dice.magnitude(200))});
  }
  for (std::uint64_t i = 0, count = dice.between(1, 2); i < count; ++i) {
    host& on = in.add_host("pull" + std::to_string(i));
    pulls.push_back({&on, std::make_unique<pull>(on.context(), draw_options(dice))});
  }
  const auto join = [](auto& binding, auto& connecting) {
    for (auto& each : binding) each.socket->bind("tcp://*:5555");
    for (auto& each : connecting) {
      for (auto& to : binding) each.socket->connect("tcp://" + to.on->name() + ":5555");
    }
  };
  if (pull_binds) {
    join(pulls, pushes);
  } else {
    join(pushes, pulls);
  }
  for (auto& each : pulls) in.watch(each.on->name(), *each.socket);
  for (auto& each : pushes) in.watch(each.on->name(), *each.socket);
  for (auto& each : pulls) {
    receivers.start(*each.on, take_in(*each.socket, each.on->number(), book, chance(dice.next())));
  }
  for (auto& each : pushes) {
    senders.start(*each.on, deal_out(*each.socket, each.on->number(), each.count, chance(dice.next())));
  }
  const bool rebinds = dice.happens(300);
  if (rebinds) {
    socket& rebound = pull_binds ? static_cast<socket&>(*pulls[0].socket) : *pushes[0].socket;
    senders.start(pull_binds ? *pulls[0].on : *pushes[0].on, rebind(rebound, in, chance(dice.next())));
  }
  senders.finish(std::chrono::minutes(30), "send");
  // What is queued lingers as long as it takes, and no longer.
  for (auto& each : pushes) {
    const time_point from = in.now();
    each.dropped = each.socket->dropped_count();
    each.dropped += each.socket->close(std::chrono::minutes(20));
    if (in.now() - from >= std::chrono::minutes(20)) in.complain(each.on->name() + ": linger took for ever");
  }
  let_settle(in);
  for (auto& each : pulls) each.socket->close(milliseconds(0));
  receivers.finish(std::chrono::seconds(1), "receive");
  for (auto& each : pushes) each.socket.reset();
  for (auto& each : pulls) each.socket.reset();
  in.end();

  outcome came;
  for (const auto& each : pushes) {
    world::loss lost;
    for (const auto& to : pulls) {
      const world::loss way = in.lost(*each.on, *to.on);
      lost.bytes += way.bytes;
      lost.connections += way.connections;
      // A PULL at its high-water mark may have read what it has no room for yet; unbinding drops that.
      if (rebinds && pull_binds)
        lost.bytes += in.connections(*each.on, *to.on) * base::slab_pool::default_slab_size;
    }
    came.missing += book.settle(each.on->number(), each.count, lost, each.dropped);
    book.check_order(each.on->number());
    came.received += book.received(each.on->number());
  }
  came.complaints = in.complaints();
  came.trace = in.trace();
  return came;
}

}  // namespace monocoque::simulation
