#include "rivals/makers.hpp"
#include "rivals/monocoque_support.hpp"

#include <thread>
#include <utility>
#include <vector>

namespace bench {

namespace {

template <class Socket>
void send_all(Socket& out, const traffic& what) {
  pace held(what.rate);
  const std::vector<std::size_t> sizes = sizes_of(what);
  for (std::uint64_t number = 0;; ++number) {
    if (goes_in_place(what)) {
      out.send_in_place(what.size, payload_maker{number});
    } else if (goes_in_places(what)) {
      out.send_in_place(sizes, payload_maker{number});
    } else {
      out.send(make_message(what, number));
    }
    const auto rest = held.rest_after(number);
    if (rest != std::chrono::steady_clock::time_point{}) std::this_thread::sleep_until(rest);
  }
}

template <class Socket>
void receive_all(Socket& in, const duty& mine) {
  tally counts(mine.mine, mine.what);
  for (;;) count(counts, in.receive(), mine.what.kind);
}

template <class Socket>
void ask_all(Socket& out, const duty& mine) {
  stopwatch watch(mine.shared, mine.mine);
  for (std::uint64_t number = 0;; ++number) {
    if (goes_in_place(mine.what)) {
      out.send_in_place(mine.what.size, payload_maker{number});
    } else {
      out.send(make_message(mine.what, number));
    }
    if (out.receive().byte_count() != mine.what.size) mine.mine.wrong.add(1);
    watch.lap();
  }
}

/// Reads many sockets in one thread: waits for any, then takes what each has, a bounded number at a time.
void receive_from_all(mq::context& context, std::vector<mq::sub>& in, std::size_t readers, const duty& mine) {
  constexpr int at_once = 100;
  std::vector<tally> counts(readers, tally(mine.mine, mine.what));
  mq::poller poller{context};
  for (std::size_t i = 0; i < readers; ++i) poller.set(in[i], mq::readiness::readable);
  for (;;) {
    for (const mq::poller::item& ready : poller.wait(std::chrono::seconds(1))) {
      const auto which =
          static_cast<std::size_t>(static_cast<const mq::sub*>(ready.ready_socket) - in.data());
      for (int i = 0; i < at_once; ++i) {
        const std::optional<mq::message> got = in[which].try_receive();
        if (!got) break;
        count(counts[which], *got, mine.what.kind);
      }
    }
  }
}

/// Blocking calls, and one I/O thread that moves the bytes. Spinning: waits look for up to a second before
/// they sleep.
class threaded_monocoque final : public rival {
 public:
  threaded_monocoque(std::string name, mq::io_driver driver, waiting how)
      : rival(std::move(name)), driver_(driver), how_(how) {}

  bool plays(const traffic& what) const override { return how_ == waiting::asleep || what.round_trip; }

  void send(const duty& mine) override {
    mq::context context{options()};
    with_sender(context, mine, [&](auto& out) { send_all(out, mine.what); });
  }
  void receive(const duty& mine) override {
    mq::context context{options()};
    with_receiver(context, mine, [&](auto& in) { receive_all(in, mine); });
  }
  void ask(const duty& mine) override {
    mq::context context{options()};
    ask_in(context, mine);
  }
  void answer(const duty& mine) override {
    mq::context context{options()};
    with_answerer(context, mine, [&](auto& in) { answer_all(in, mine); });
  }
  void publish(const duty& mine) override {
    mq::context context{options()};
    mq::pub out{context, publisher_options(mine)};
    attach(out, mine);
    published_payload made;
    for (std::uint64_t number = 0;; ++number) {
      const bool all_there = mine.shared.subscribed.load(std::memory_order_relaxed);
      const std::uint64_t word = published_word(mine.what, number, all_there);
      if (goes_from_memory(mine.what)) {
        out.send(made.make(mine.what.size, word));
      } else if (goes_in_place(mine.what)) {
        out.send_in_place(mine.what.size, payload_maker{word});
      } else {
        out.send(make_message(mine.what, word));
      }
    }
  }
  void subscribe(const duty& mine) override {
    mq::context context{options()};
    std::vector<mq::sub> in = make_subscribers(context, mine);
    if (mine.what.subscribers == 1) return receive_all(in[0], mine);
    receive_from_all(context, in, mine.what.subscribers, mine);
  }
  void exchange(const duty& sending, const duty& receiving) override {
    mq::context context{options()};
    if (receiving.what.round_trip) {
      return with_answerer(context, receiving, [&](auto& in) {
        const std::jthread asker([&] { ask_in(context, sending); });
        answer_all(in, receiving);
      });
    }
    with_receiver(context, receiving, [&](auto& in) {
      const std::jthread sender(
          [&] { with_sender(context, sending, [&](auto& out) { send_all(out, sending.what); }); });
      receive_all(in, receiving);
    });
  }

 private:
  void ask_in(mq::context& context, const duty& mine) const {
    with_asker(context, mine, [&](auto& out) {
      if (how_ == waiting::spinning) pin_to_own_core(mine);
      ask_all(out, mine);
    });
  }
  template <class Socket>
  void answer_all(Socket& in, const duty& mine) const {
    if (how_ == waiting::spinning) pin_to_own_core(mine);
    for (;;) in.send(in.receive());
  }
  [[nodiscard]] mq::context_options options() const {
    mq::context_options chosen;
    chosen.driver = driver_;
    if (how_ == waiting::spinning) chosen.spin = std::chrono::seconds(1);
    return chosen;
  }
  mq::io_driver driver_;
  waiting how_;
};

}  // namespace

std::unique_ptr<rival> make_threaded_monocoque(std::string name, mq::io_driver driver, waiting how) {
  return std::make_unique<threaded_monocoque>(std::move(name), driver, how);
}

}  // namespace bench
