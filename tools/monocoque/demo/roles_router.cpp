#include "demo/roles.hpp"

#include <fmt/format.h>

// A ROUTER sends numbered messages to each DEALER by name and gets them back, some on the way to each at any
// time.

namespace tool::demo {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t under_way = 8;

/// What the ROUTER knows of one DEALER.
struct partner {
  std::string name;
  std::uint32_t stream = 0;
  std::uint32_t sent = 0;
  bool present = false;
  std::deque<clock::time_point> departures{};
};

/// The ROUTER's side. Lives in play_router.
class switchboard {
 public:
  switchboard(stage& on, monocoque::router& socket)
      : on_(on), socket_(socket), seen_(on.orders), harm_(on.set.text("fault")) {
    std::uint32_t stream = on.set.number("stream");
    for (const std::string& name : on.set.list("names")) partners_.push_back({name, stream++});
  }

  void meet() {
    for (std::size_t present = 0; present < partners_.size();) {
      const auto hello = socket_.receive_for(look_interval);
      partner* from = hello ? find(hello->view()) : nullptr;
      if (from != nullptr && !from->present) {
        from->present = true;
        ++present;
      }
    }
    control::report("present");
  }

  void exchange() {
    while (!on_.stopping() || outstanding() > 0) {
      if (!on_.stopping()) send_up_to_limit();
      const auto reply = socket_.receive_for(patience);
      if (!reply) {
        on_.orders.wrong("lost", fmt::format("{} messages were not answered", outstanding()));
        return;
      }
      take(*reply);
      on_.orders.progress(seen_.total());
    }
  }

  void report() const {
    for (const partner& one : partners_) control::count(fmt::format("sent:{}", one.stream), one.sent);
    seen_.report_counts("received");
    control::round_trips(round_trips_);
  }

 private:
  partner* find(std::string_view name) {
    for (partner& one : partners_) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }

  [[nodiscard]] std::size_t outstanding() const {
    std::size_t sum = 0;
    for (const partner& one : partners_) sum += one.departures.size();
    return sum;
  }

  void send_up_to_limit() {
    for (partner& to : partners_) {
      while (to.departures.size() < under_way) {
        const std::uint32_t sequence = to.sent++;
        auto made = make_message({to.stream, sequence}, to.name);
        to.departures.push_back(clock::now());
        if (&to != partners_.data()) {
          send(to, std::move(made));
        } else {
          for (auto& message : harm_.applied(sequence, std::move(made))) send(to, std::move(message));
        }
      }
    }
  }

  void send(const partner& to, monocoque::message message) {
    message.push_front(to.name);
    socket_.send(std::move(message));
  }

  // [routing id, the name that the message was sent to, label, ...]
  void take(const monocoque::message& reply) {
    partner* from = find(reply.view());
    monocoque::message content = reply;
    content.pop_front();
    const auto label = check_message(content, 1);
    if (from == nullptr || !label || content.view() != from->name) {
      on_.altered("an answer");
    } else {
      if (label->stream != from->stream)
        on_.orders.wrong("misrouted", fmt::format("stream {}", label->stream));
      seen_.expect_next(label->stream, label->sequence);
    }
    if (from == nullptr || from->departures.empty()) return;
    round_trips_.push_back(
        static_cast<std::uint32_t>((clock::now() - from->departures.front()) / std::chrono::microseconds(1)));
    from->departures.pop_front();
  }

  stage& on_;
  monocoque::router& socket_;
  ledger seen_;
  fault harm_;
  std::vector<partner> partners_;
  std::vector<std::uint32_t> round_trips_;
};

}  // namespace

void play_router(stage& on) {
  monocoque::router socket(on.context, {.router_mandatory = true});
  socket.bind(on.set.text("bind"));
  control::report("ready " + socket.last_endpoint());
  switchboard board(on, socket);
  board.meet();
  on.orders.wait("go");
  board.exchange();
  board.report();
}

void play_dealer(stage& on) {
  const std::string name = on.set.text("name");
  monocoque::dealer socket(on.context, {.routing_id = monocoque::bytes::copy(name)});
  socket.connect(on.orders.wait("connect"));
  control::report("ready");
  socket.send("hello");
  ledger seen(on.orders);
  while (!on.stopping()) {
    auto message = socket.receive_for(look_interval);
    if (!message) continue;
    const auto label = check_message(*message, 1);
    if (!label) {
      on.altered("a message");
    } else if (message->view() != name) {
      on.orders.wrong("misrouted", fmt::format("a message for {} came to {}", message->view(), name));
    } else {
      seen.expect_next(label->stream, label->sequence);
    }
    socket.send(std::move(*message));
  }
  seen.report_counts("received");
  socket.close(patience);
}

}  // namespace tool::demo
