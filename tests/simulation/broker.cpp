// REQ to ROUTER, a proxy, DEALER to REP: clients that ask again when no answer comes.
#include "tests/simulation/scenario.hpp"

#include <algorithm>
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
      if (!got) continue;
      answered = true;
      answers.take(who.on->number(), *got);
      if (recognise(*got) != asked) in.complain(who.on->name() + ": an answer to something else");
    }
    ++who.answered;
  }
}

task<> serve(rep& from, ledger& requests, std::uint32_t worker, chance dice) {
  for (;;) {
    result<message> got = co_await from.async_receive(as_result);
    if (!got) co_return;
    co_await dawdle(dice);
    requests.take(worker, *got);
    message answer = *std::move(got);
    const result<void> sent = co_await from.async_send(as_result, std::move(answer));
    if (!sent && sent.error() != errc::unroutable) co_return;
  }
}

task<> pass_on(socket& front, socket& back) { static_cast<void>(co_await async_proxy(front, back)); }

}  // namespace

outcome run_broker(std::uint64_t seed) {
  chance dice(seed);
  world in(dice.next(), weather::draw(dice));
  ledger requests(in);
  ledger answers(in);
  programs asking(in);
  programs serving(in);

  host& middle = in.add_host("broker");
  auto front = std::make_unique<router>(middle.context(), draw_options(dice));
  auto back = std::make_unique<dealer>(middle.context(), draw_options(dice));
  front->bind("tcp://*:5555");
  back->bind("tcp://*:6666");
  serving.start(middle, pass_on(*front, *back));

  std::vector<std::unique_ptr<rep>> workers;
  for (std::uint64_t i = 0, count = dice.between(1, 3); i < count; ++i) {
    host& on = in.add_host("worker" + std::to_string(i));
    workers.push_back(std::make_unique<rep>(on.context(), draw_options(dice)));
    workers.back()->connect("tcp://broker:6666");
    serving.start(on, serve(*workers.back(), requests, on.number(), chance(dice.next())));
  }
  std::vector<client> clients(dice.between(1, 3));
  for (client& each : clients) {
    each.on = &in.add_host("client" + std::to_string(&each - clients.data()));
    socket_options options = draw_options(dice);
    options.req_relaxed = options.req_correlate = true;
    options.linger = milliseconds(0);
    each.socket = std::make_unique<req>(each.on->context(), options);
    each.socket->connect("tcp://broker:5555");
    each.count = static_cast<std::uint32_t>(1 + dice.magnitude(60));
    asking.start(*each.on, ask(each, in, answers, chance(dice.next())));
  }
  in.watch("front", *front);
  in.watch("back", *back);
  for (const client& each : clients) in.watch(each.on->name(), *each.socket);
  asking.finish(std::chrono::hours(3), "ask");

  for (client& each : clients) each.socket->close(milliseconds(0));
  front->close(milliseconds(100));
  back->close(milliseconds(100));
  for (auto& each : workers) each->close(milliseconds(100));
  serving.finish(std::chrono::seconds(5), "serve");
  outcome came;
  for (client& each : clients) {
    came.received += each.answered;
    answers.check_order(each.on->number());
    if (each.answered != each.count) in.complain(each.on->name() + ": has not got all its answers");
    each.socket.reset();
  }
  workers.clear();
  front.reset();
  back.reset();
  in.end();
  came.complaints = in.complaints();
  came.trace = in.trace();
  return came;
}

}  // namespace monocoque::simulation
