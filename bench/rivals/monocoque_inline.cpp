#include "rivals/makers.hpp"
#include "rivals/monocoque_support.hpp"

#include <utility>
#include <vector>

namespace bench {

namespace {

template <class Socket>
mq::task<> send_all(Socket& out, const traffic& what) {
  pace held(what.rate);
  const std::vector<std::size_t> sizes = sizes_of(what);
  for (std::uint64_t number = 0;; ++number) {
    if (goes_in_place(what)) {
      const payload_maker make{number};
      co_await out.async_send_in_place(what.size, make);
    } else if (goes_in_places(what)) {
      const payload_maker make{number};
      co_await out.async_send_in_place(sizes, make);
    } else {
      mq::message made = make_message(what, number);
      co_await out.async_send(std::move(made));
    }
    const auto rest = held.rest_after(number);
    if (rest != std::chrono::steady_clock::time_point{}) co_await mq::sleep_until(rest);
  }
}

template <class Socket>
mq::task<> receive_all(Socket& in, const duty& mine) {
  tally counts(mine.mine, mine.what);
  for (;;) {
    const mq::message got = co_await in.async_receive();
    count(counts, got, mine.what.kind);
  }
}

mq::task<> publish_all(mq::pub& out, const duty& mine) {
  published_payload payload;
  for (std::uint64_t number = 0;; ++number) {
    const bool all_there = mine.shared.subscribed.load(std::memory_order_relaxed);
    const std::uint64_t word = published_word(mine.what, number, all_there);
    if (goes_from_memory(mine.what)) {
      const std::span<const std::byte> made = payload.make(mine.what.size, word);
      co_await out.async_send(made);
    } else if (goes_in_place(mine.what)) {
      const payload_maker make{word};
      co_await out.async_send_in_place(mine.what.size, make);
    } else {
      mq::message made = make_message(mine.what, word);
      co_await out.async_send(std::move(made));
    }
  }
}

template <class Socket>
mq::task<> ask_all(Socket& out, const duty& mine) {
  stopwatch watch(mine.shared, mine.mine);
  for (std::uint64_t number = 0;; ++number) {
    if (goes_in_place(mine.what)) {
      const payload_maker make{number};
      co_await out.async_send_in_place(mine.what.size, make);
    } else {
      mq::message question = make_message(mine.what, number);
      co_await out.async_send(std::move(question));
    }
    const mq::message reply = co_await out.async_receive();
    if (reply.byte_count() != mine.what.size) mine.mine.wrong.add(1);
    watch.lap();
  }
}

template <class Socket>
mq::task<> answer_all(Socket& in) {
  for (;;) {
    mq::message question = co_await in.async_receive();
    co_await in.async_send(std::move(question));
  }
}

template <class Socket>
mq::message spin_for(mq::context& context, Socket& in) {
  for (;;) {
    if (std::optional<mq::message> got = in.try_receive()) return std::move(*got);
    context.poll();
  }
}

/// One thread, coroutines, no locks.
class inline_monocoque final : public rival {
 public:
  inline_monocoque(std::string name, mq::io_driver driver, waiting how)
      : rival(std::move(name)), driver_(driver), how_(how) {}

  bool plays(const traffic& what) const override {
    return how_ == waiting::asleep || (what.round_trip && what.transport != "inproc");
  }

  void send(const duty& mine) override {
    mq::context context{mq::inline_loop, options()};
    with_sender(context, mine, [&](auto& out) { context.run(send_all(out, mine.what)); });
  }
  void receive(const duty& mine) override {
    mq::context context{mq::inline_loop, options()};
    with_receiver(context, mine, [&](auto& in) { context.run(receive_all(in, mine)); });
  }
  void ask(const duty& mine) override {
    mq::context context{mq::inline_loop, options()};
    with_asker(context, mine, [&](auto& out) {
      if (how_ == waiting::asleep) return context.run(ask_all(out, mine));
      pin_to_own_core(mine);
      stopwatch watch(mine.shared, mine.mine);
      for (std::uint64_t number = 0;; ++number) {
        out.send(make_message(mine.what, number));
        if (spin_for(context, out).byte_count() != mine.what.size) mine.mine.wrong.add(1);
        watch.lap();
      }
    });
  }
  void answer(const duty& mine) override {
    mq::context context{mq::inline_loop, options()};
    with_answerer(context, mine, [&](auto& in) {
      if (how_ == waiting::asleep) return context.run(answer_all(in));
      pin_to_own_core(mine);
      for (;;) in.send(spin_for(context, in));
    });
  }
  void publish(const duty& mine) override {
    mq::context context{mq::inline_loop, options()};
    mq::pub out{context, publisher_options(mine)};
    attach(out, mine);
    context.run(publish_all(out, mine));
  }
  void subscribe(const duty& mine) override {
    mq::context context{mq::inline_loop, options()};
    std::vector<mq::sub> in = make_subscribers(context, mine);
    std::vector<mq::join_handle<>> readers;
    for (unsigned i = 1; i < mine.what.subscribers; ++i)
      readers.push_back(context.spawn(receive_all(in[i], mine)));
    context.run(receive_all(in[0], mine));
  }
  void exchange(const duty& sending, const duty& receiving) override {
    mq::context context{mq::inline_loop, options()};
    if (receiving.what.round_trip) {
      return with_answerer(context, receiving, [&](auto& in) {
        with_asker(context, sending, [&](auto& out) {
          const mq::join_handle<> answerer = context.spawn(answer_all(in));
          context.run(ask_all(out, sending));
        });
      });
    }
    with_receiver(context, receiving, [&](auto& in) {
      with_sender(context, sending, [&](auto& out) {
        const mq::join_handle<> sender = context.spawn(send_all(out, sending.what));
        context.run(receive_all(in, receiving));
      });
    });
  }

 private:
  [[nodiscard]] mq::context_options options() const {
    mq::context_options chosen;
    chosen.driver = driver_;
    return chosen;
  }
  mq::io_driver driver_;
  waiting how_;
};

}  // namespace

std::unique_ptr<rival> make_inline_monocoque(std::string name, mq::io_driver driver, waiting how) {
  return std::make_unique<inline_monocoque>(std::move(name), driver, how);
}

}  // namespace bench
