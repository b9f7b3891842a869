#include "demo/roles.hpp"

#include <monocoque/proxy.hpp>

#include <fmt/format.h>

#include <stop_token>
#include <thread>

// Request and reply: REQ clients, a ROUTER/DEALER broker, REP workers. A reply is the request itself.

namespace tool::demo {

using clock = std::chrono::steady_clock;

void play_broker(stage& on) {
  monocoque::router frontend(on.context);
  monocoque::dealer backend(on.context);
  frontend.bind(on.set.text("frontend"));
  backend.bind(on.set.text("backend"));
  control::report("ready " + frontend.last_endpoint() + " " + backend.last_endpoint());
  std::stop_source over;
  std::thread waiter([&] {
    on.orders.wait("stop");
    over.request_stop();
  });
  monocoque::proxy(frontend, backend, nullptr, over.get_token());
  waiter.join();
}

void play_rep(stage& on) {
  monocoque::rep socket(on.context);
  socket.connect(on.orders.wait("connect"));
  control::report("ready");
  ledger seen(on.orders);
  std::uint64_t served = 0;
  while (!on.stopping()) {
    auto request = socket.receive_for(look_interval);
    if (!request) continue;
    if (const auto label = check_message(*request)) {
      seen.expect_rising(label->stream, label->sequence);
    } else {
      on.altered("a request");
    }
    socket.send(std::move(*request));
    ++served;
  }
  control::count("served", served);
}

void play_req(stage& on) {
  monocoque::req socket(on.context);
  socket.connect(on.orders.wait("connect"));
  control::report("ready");
  on.orders.wait("go");
  fault harm(on.set.text("fault") == "alter" ? "alter" : "");
  const std::uint32_t stream = on.set.number("stream");
  std::uint32_t sequence = 0;
  std::vector<std::uint32_t> round_trips;
  for (; !on.stopping(); ++sequence) {
    for (auto& message : harm.applied(sequence, make_message({stream, sequence}))) {
      const auto start = clock::now();
      socket.send(std::move(message));
      const auto reply = socket.receive_for(patience);
      if (!reply) {
        on.orders.wrong("lost", fmt::format("no reply to request {}", sequence));
        return;
      }
      round_trips.push_back(
          static_cast<std::uint32_t>((clock::now() - start) / std::chrono::microseconds(1)));
      const auto label = check_message(*reply);
      if (!label) {
        on.altered(fmt::format("the reply to request {}", sequence));
      } else if (label->stream != stream || label->sequence != sequence) {
        on.orders.wrong("reordered", fmt::format("reply {} of stream {} to request {}", label->sequence,
                                                 label->stream, sequence));
      }
    }
    on.orders.progress(sequence + 1UL);
  }
  control::count("exchanged", sequence);
  control::round_trips(round_trips);
}

}  // namespace tool::demo
