// PUSH to PULL, some of each, either side binding.
#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <deque>

namespace monocoque::simulation {

namespace {

using std::chrono::milliseconds;

constexpr const char* address = "tcp://*:5555";

struct pushing {
  host* on;
  std::unique_ptr<push> socket;
  std::uint32_t count;
  std::uint32_t begun = 0;
  std::uint64_t dropped = 0;
};
struct pulling {
  host* on;
  std::unique_ptr<pull> socket;
};

task<> deal_out(pushing& who, chance dice) {
  while (who.begun < who.count) {
    co_await dawdle(dice);
    message next = compose({who.on->number(), who.begun++});
    co_await who.socket->async_send(std::move(next));
  }
}

task<> take_in(const pulling& who, ledger& book, chance dice) {
  for (;;) {
    co_await dawdle(dice);
    const result<message> got = co_await who.socket->async_receive(as_result);
    if (!got || who.on->is_dead()) co_return;
    book.take(who.on->number(), *got);
  }
}

/// Stops listening now and then, which closes all connections, and begins again.
task<> rebind(const host& on, socket& which, world& in, chance dice) {
  while (in.is_rough()) {
    const milliseconds pause(1 + dice.magnitude(5'000));
    co_await sleep_for(pause);
    which.unbind(address);
    const milliseconds longer(1 + dice.magnitude(1'000));
    do {
      co_await sleep_for(longer);
      if (on.is_dead()) co_return;
    } while (!which.bind(as_result, address));
  }
}

/// Whoever dies is followed by another one, which is listed behind the dead.
class pipes {
 public:
  pipes(std::uint64_t seed, perils also)
      : dice_(seed), in_(dice_.next(), weather::draw(dice_)), fates_(in_, also, seed) {}
  outcome run();

 private:
  pushing& add_push(const std::string& name, std::uint32_t count);
  pulling& add_pull(const std::string& name);
  void join(host& own, socket& which, bool binds, std::size_t others, const char* their_name);
  void start(pushing& who);
  void start(pulling& who);
  void replace(const pushing& who);
  void replace(const pulling& who);
  void close();
  void settle(outcome& came);

  chance dice_;
  world in_;
  mishaps fates_;
  ledger book_{in_};
  programs senders_{in_};
  programs receivers_{in_};
  std::deque<pushing> pushes_;
  std::deque<pulling> pulls_;
  std::size_t push_places_ = 0;
  std::size_t pull_places_ = 0;
  bool pull_binds_ = false;
  std::uint64_t dropped_by_pulls_ = 0;
};

pushing& pipes::add_push(const std::string& name, std::uint32_t count) {
  host& on = in_.add_host(name);
  socket_options options = draw_options(dice_);
  fates_.draw_heartbeats(on, {&options});
  return pushes_.emplace_back(&on, std::make_unique<push>(on.context(), options), count);
}

pulling& pipes::add_pull(const std::string& name) {
  host& on = in_.add_host(name);
  socket_options options = draw_options(dice_);
  fates_.draw_heartbeats(on, {&options});
  return pulls_.emplace_back(&on, std::make_unique<pull>(on.context(), options));
}

void pipes::join(host& own, socket& which, bool binds, std::size_t others, const char* their_name) {
  in_.watch(own.name(), which, fates_.has_heartbeats(own));
  if (binds) {
    which.bind(address);
    return;
  }
  for (std::size_t i = 0; i < others; ++i)
    which.connect("tcp://" + (their_name + std::to_string(i)) + ":5555");
}

void pipes::start(pushing& who) {
  senders_.start(*who.on, deal_out(who, chance(dice_.next())));
  fates_.draw_fate(*who.on, [&who] { who.socket->close(milliseconds(0)); }, [this, &who] { replace(who); });
}

void pipes::start(pulling& who) {
  receivers_.start(*who.on, take_in(who, book_, chance(dice_.next())));
  fates_.draw_fate(
      *who.on,
      [this, &who] {
        dropped_by_pulls_ += who.socket->dropped_count();
        who.socket->close(milliseconds(0));
      },
      [this, &who] { replace(who); });
}

/// Goes on where the dead one was.
void pipes::replace(const pushing& who) {
  if (who.begun == who.count) return;
  pushing& next = add_push(who.on->name(), who.count - who.begun);
  join(*next.on, *next.socket, !pull_binds_, pull_places_, "pull");
  start(next);
}

void pipes::replace(const pulling& who) {
  pulling& next = add_pull(who.on->name());
  join(*next.on, *next.socket, pull_binds_, push_places_, "push");
  start(next);
}

outcome pipes::run() {
  pull_binds_ = dice_.happens(600);
  push_places_ = dice_.between(1, 3);
  for (std::size_t i = 0; i < push_places_; ++i) {
    pushing& made = add_push("push" + std::to_string(i), 0);
    made.count = static_cast<std::uint32_t>(1 + dice_.magnitude(200));
  }
  pull_places_ = dice_.between(1, 2);
  for (std::size_t i = 0; i < pull_places_; ++i) add_pull("pull" + std::to_string(i));
  const auto join_pulls = [&] {
    for (pulling& each : pulls_) join(*each.on, *each.socket, pull_binds_, push_places_, "push");
  };
  if (pull_binds_) join_pulls();
  for (pushing& each : pushes_) join(*each.on, *each.socket, !pull_binds_, pull_places_, "pull");
  if (!pull_binds_) join_pulls();
  for (std::size_t i = 0; i < pull_places_; ++i) start(pulls_[i]);
  for (std::size_t i = 0; i < push_places_; ++i) start(pushes_[i]);
  if (dice_.happens(300)) {
    socket& rebound = pull_binds_ ? static_cast<socket&>(*pulls_[0].socket) : *pushes_[0].socket;
    host& on = pull_binds_ ? *pulls_[0].on : *pushes_[0].on;
    senders_.start(on, rebind(on, rebound, in_, chance(dice_.next())));
  }
  senders_.finish(std::chrono::minutes(30), "send");
  close();
  outcome came;
  settle(came);
  came.complaints = in_.complaints();
  came.trace = in_.trace();
  return came;
}

void pipes::close() {
  // What is queued lingers as long as it takes, and no longer.
  for (pushing& each : pushes_) {
    if (each.on->is_dead()) continue;
    const time_point from = in_.now();
    each.dropped = each.socket->dropped_count();
    each.dropped += each.socket->close(std::chrono::minutes(20));
    if (in_.now() - from >= std::chrono::minutes(20))
      in_.complain(each.on->name() + ": linger took for ever");
  }
  let_settle(in_);
  for (pulling& each : pulls_) {
    if (each.on->is_dead()) continue;
    dropped_by_pulls_ += each.socket->dropped_count();
    each.socket->close(milliseconds(0));
  }
  receivers_.finish(std::chrono::seconds(1), "receive");
  senders_.bury();
  receivers_.bury();
  for (pushing& each : pushes_) each.socket.reset();
  for (pulling& each : pulls_) each.socket.reset();
  in_.end();
}

void pipes::settle(outcome& came) {
  for (const pushing& each : pushes_) {
    const std::uint32_t sender = each.on->number();
    book_.check_order(sender);
    came.received += book_.received(sender);
    if (each.on->is_dead()) continue;  // what it had queued is lost with it
    world::loss lost;
    for (const pulling& to : pulls_) {
      const world::loss way = in_.lost(*each.on, *to.on);
      lost.bytes += way.bytes;
      lost.connections += way.connections;
      if (!to.on->is_dead()) continue;
      // And what it had received, and not taken.
      lost.bytes += way.read - std::min(way.read, std::uint64_t{book_.taken_bytes(sender, to.on->number())});
      lost.connections += in_.connections(*each.on, *to.on) + in_.connections(*to.on, *each.on);
    }
    came.missing += book_.settle(sender, each.count, lost, each.dropped + dropped_by_pulls_);
  }
}

}  // namespace

outcome run_pipeline(std::uint64_t seed, perils also) { return pipes(seed, also).run(); }

}  // namespace monocoque::simulation
