// REQ to ROUTER, a proxy, DEALER to REP: clients that ask again when no answer comes.
#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <deque>
#include <optional>

namespace monocoque::simulation {

namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t most_attempts = 1000;

struct client {
  host* on;
  std::unique_ptr<req> socket;
  std::uint32_t count;
  std::uint32_t answered = 0;
};

struct worker {
  host* on;
  std::unique_ptr<rep> socket;
};
struct middle {
  host* on;
  std::unique_ptr<router> front;
  std::unique_ptr<dealer> back;
};

/// Each attempt is a request of its own, so that a copy of one can be told from the next.
task<> ask(client& who, world& in, ledger& answers, chance dice) {
  std::uint32_t request = 0;
  for (std::uint32_t done = 0; done < who.count; ++done) {
    co_await dawdle(dice);
    bool answered = false;
    milliseconds patience(500 + dice.magnitude(5'000));
    for (std::uint32_t attempts = 0; !answered; ++attempts) {
      if (attempts == most_attempts) {
        in.complain(who.on->name() + ": is never answered");
        co_return;
      }
      const label asked{who.on->number(), request++};
      message question = compose(asked);
      co_await who.socket->async_send(std::move(question));
      std::optional<message> got = co_await who.socket->async_receive_for(patience);
      patience = std::min(patience * 2, milliseconds(120'000));  // or the network gets fuller and fuller
      if (who.on->is_dead()) co_return;
      if (!got) continue;
      answered = true;
      answers.take(who.on->number(), *got);
      if (recognise(*got) != asked) in.complain(who.on->name() + ": an answer to something else");
    }
    ++who.answered;
  }
}

task<> serve(worker& who, ledger& requests, chance dice) {
  for (;;) {
    result<message> got = co_await who.socket->async_receive(as_result);
    if (!got) co_return;
    co_await dawdle(dice);
    if (who.on->is_dead()) co_return;
    requests.take(who.on->number(), *got);
    message answer = *std::move(got);
    const result<void> sent = co_await who.socket->async_send(as_result, std::move(answer));
    if (!sent && sent.error() != errc::unroutable) co_return;
  }
}

/// Whoever dies is followed by another one, which is listed behind the dead.
class service {
 public:
  service(std::uint64_t seed, perils also)
      : dice_(seed), in_(dice_.next(), weather::draw(dice_)), fates_(in_, also, seed) {}
  outcome run();

 private:
  void add_middle();
  void add_worker(const std::string& name);
  client& add_client(const std::string& name);
  void start(client& who);
  void close();

  chance dice_;
  world in_;
  mishaps fates_;
  ledger requests_{in_};
  ledger answers_{in_};
  programs asking_{in_};
  programs serving_{in_};
  std::deque<middle> middles_;
  std::deque<worker> workers_;
  std::deque<client> clients_;
};

void service::add_middle() {
  host& on = in_.add_host("broker");
  socket_options front = draw_options(dice_);
  socket_options back = draw_options(dice_);
  fates_.draw_heartbeats(on, {&front, &back});
  middle& made = middles_.emplace_back(&on, std::make_unique<router>(on.context(), front),
                                       std::make_unique<dealer>(on.context(), back));
  open_middle(on, *made.front, *made.back, {in_, fates_, serving_}, [this] { add_middle(); });
}

void service::add_worker(const std::string& name) {
  host& on = in_.add_host(name);
  socket_options options = draw_options(dice_);
  fates_.draw_heartbeats(on, {&options});
  worker& made = workers_.emplace_back(&on, std::make_unique<rep>(on.context(), options));
  made.socket->connect("tcp://broker:6666");
  in_.watch(name, *made.socket, fates_.has_heartbeats(on));
  serving_.start(on, serve(made, requests_, chance(dice_.next())));
  fates_.draw_fate(on, [&made] { made.socket->close(milliseconds(0)); }, [this, name] { add_worker(name); });
}

client& service::add_client(const std::string& name) {
  host& on = in_.add_host(name);
  socket_options options = draw_options(dice_);
  options.req_relaxed = options.req_correlate = true;
  options.linger = milliseconds(0);
  fates_.draw_heartbeats(on, {&options});
  client& made = clients_.emplace_back(&on, std::make_unique<req>(on.context(), options), 0);
  made.socket->connect("tcp://broker:5555");
  in_.watch(name, *made.socket, fates_.has_heartbeats(on));
  return made;
}

void service::start(client& who) {
  asking_.start(*who.on, ask(who, in_, answers_, chance(dice_.next())));
  fates_.draw_fate(
      *who.on, [&who] { who.socket->close(milliseconds(0)); },
      [this, &who] {
        if (who.answered == who.count) return;
        client& next = add_client(who.on->name());
        next.count = who.count - who.answered;
        start(next);
      });
}

outcome service::run() {
  add_middle();
  for (std::uint64_t i = 0, count = dice_.between(1, 3); i < count; ++i)
    add_worker("worker" + std::to_string(i));
  for (std::uint64_t i = 0, count = dice_.between(1, 3); i < count; ++i) {
    client& made = add_client("client" + std::to_string(i));
    made.count = static_cast<std::uint32_t>(1 + dice_.magnitude(60));
    start(made);
  }
  asking_.finish(std::chrono::hours(3), "ask");
  close();
  outcome came;
  for (const client& each : clients_) {
    came.received += each.answered;
    answers_.check_order(each.on->number());
    if (each.answered != each.count && !each.on->is_dead())
      in_.complain(each.on->name() + ": has not got all its answers");
  }
  clients_.clear();
  workers_.clear();
  middles_.clear();
  in_.end();
  came.complaints = in_.complaints();
  came.trace = in_.trace();
  return came;
}

void service::close() {
  for (const client& each : clients_) each.socket->close(milliseconds(0));
  for (const middle& each : middles_) {
    each.front->close(milliseconds(100));
    each.back->close(milliseconds(100));
  }
  for (const worker& each : workers_) each.socket->close(milliseconds(100));
  serving_.finish(std::chrono::seconds(5), "serve");
  asking_.bury();
  serving_.bury();
}

}  // namespace

outcome run_broker(std::uint64_t seed, perils also) { return service(seed, also).run(); }

}  // namespace monocoque::simulation
