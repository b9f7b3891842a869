#include "measure/payload.hpp"
#include "rivals/makers.hpp"

#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

namespace {

int check(int answer) {
  if (answer < 0) throw std::runtime_error(std::string("libzmq: ") + zmq_strerror(zmq_errno()));
  return answer;
}

void* make_socket(void* context, int type) {
  void* const made = zmq_socket(context, type);
  if (made == nullptr) check(-1);
  return made;
}

void set(void* socket, int option, std::span<const std::byte> value) {
  check(zmq_setsockopt(socket, option, value.data(), value.size()));
}

/// CURVE, if the duty has it; who binds is the server.
void secure(void* socket, const duty& mine) {
  if (!mine.what.curve) return;
  const curve_ends& keys = *mine.what.curve;
  const monocoque::curve_keypair& own = mine.binds ? keys.server : keys.client;
  const int server = mine.binds ? 1 : 0;
  check(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &server, sizeof server));
  if (!mine.binds) set(socket, ZMQ_CURVE_SERVERKEY, keys.server.public_key.data());
  set(socket, ZMQ_CURVE_PUBLICKEY, own.public_key.data());
  set(socket, ZMQ_CURVE_SECRETKEY, own.secret_key.data());
}

void attach(void* socket, const duty& mine) {
  secure(socket, mine);
  if (!mine.binds) {
    check(zmq_connect(socket, mine.endpoint().c_str()));
    return;
  }
  check(zmq_bind(socket, mine.endpoint_to_bind().c_str()));
  std::array<char, 256> endpoint{};
  std::size_t size = endpoint.size();
  check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint.data(), &size));
  mine.shared.announce(endpoint.data());
}

/// As libzmq's own performance tools do it: a message of the size, filled in place.
void send_one(void* socket, const frame_sizes& sizes, std::uint64_t word) {
  for (unsigned i = 0; i < sizes.count(); ++i) {
    const std::size_t size = sizes[i];
    zmq_msg_t made;
    check(zmq_msg_init_size(&made, size));
    fill(zmq_msg_data(&made), size, word);
    check(zmq_msg_send(&made, socket, i + 1 < sizes.count() ? ZMQ_SNDMORE : 0));
  }
}

void send_all(void* socket, const traffic& what) {
  const frame_sizes sizes(what);
  pace held(what.rate);
  for (std::uint64_t number = 0;; ++number) {
    send_one(socket, sizes, number);
    const auto rest = held.rest_after(number);
    if (rest != std::chrono::steady_clock::time_point{}) std::this_thread::sleep_until(rest);
  }
}

/// Takes one message into `counts`, without its routing id; false if there is none (with ZMQ_DONTWAIT).
bool take_one(void* socket, zmq_msg_t& into, int flags, bool skip_first, tally& counts) {
  for (bool skip = skip_first;; skip = false) {
    if (zmq_msg_recv(&into, socket, flags) < 0) {
      if (zmq_errno() == EAGAIN) return false;
      check(-1);
    }
    const bool more = zmq_msg_more(&into) != 0;
    if (!skip) counts.frame(zmq_msg_data(&into), zmq_msg_size(&into));
    if (!more) break;
  }
  counts.message_done();
  return true;
}

void receive_all(void* socket, const duty& mine) {
  tally counts(mine.mine, mine.what);
  zmq_msg_t got;
  zmq_msg_init(&got);
  for (;;) take_one(socket, got, 0, mine.what.kind == flow::dealer_router, counts);
}

/// Reads many sockets in one thread: waits for any, then takes what each has, a bounded number at a time.
void receive_from_all(std::vector<void*>& in, std::size_t readers, const duty& mine) {
  constexpr int at_once = 100;
  std::vector<tally> counts(readers, tally(mine.mine, mine.what));
  std::vector<zmq_pollitem_t> items;
  items.reserve(readers);
  for (std::size_t i = 0; i < readers; ++i) items.push_back({in[i], 0, ZMQ_POLLIN, 0});
  zmq_msg_t got;
  zmq_msg_init(&got);
  for (;;) {
    check(zmq_poll(items.data(), static_cast<int>(readers), -1));
    for (std::size_t i = 0; i < readers; ++i) {
      if ((items[i].revents & ZMQ_POLLIN) == 0) continue;
      for (int n = 0; n < at_once && take_one(in[i], got, ZMQ_DONTWAIT, false, counts[i]); ++n) {
      }
    }
  }
}

class libzmq final : public rival {
 public:
  libzmq(std::string name, waiting how) : rival(std::move(name)), how_(how) {}

  bool plays(const traffic& what) const override {
    if (what.curve && zmq_has("curve") == 0) return false;
    return how_ == waiting::asleep || what.round_trip;
  }

  void send(const duty& mine) override {
    void* const out = make_socket(zmq_ctx_new(), mine.what.kind == flow::push_pull ? ZMQ_PUSH : ZMQ_DEALER);
    attach(out, mine);
    send_all(out, mine.what);
  }
  void receive(const duty& mine) override {
    void* const in = make_socket(zmq_ctx_new(), mine.what.kind == flow::push_pull ? ZMQ_PULL : ZMQ_ROUTER);
    attach(in, mine);
    receive_all(in, mine);
  }
  void ask(const duty& mine) override { ask_in(zmq_ctx_new(), mine); }
  void answer(const duty& mine) override { answer_on(make_answerer(zmq_ctx_new(), mine), mine); }
  void publish(const duty& mine) override {
    void* const out = make_socket(zmq_ctx_new(), ZMQ_PUB);
    const int wait = mine.what.wait_for_slow ? 1 : 0;
    check(zmq_setsockopt(out, ZMQ_XPUB_NODROP, &wait, sizeof wait));
    attach(out, mine);
    const frame_sizes sizes(mine.what);
    for (std::uint64_t number = 0;; ++number) {
      const bool all_there = mine.shared.subscribed.load(std::memory_order_relaxed);
      send_one(out, sizes, published_word(mine.what, number, all_there));
    }
  }
  void subscribe(const duty& mine) override {
    void* const context = zmq_ctx_new();
    std::vector<void*> in;
    in.reserve(mine.what.subscribers);
    for (unsigned i = 0; i < mine.what.subscribers; ++i) in.push_back(make_subscriber(context, mine, i));
    if (mine.what.stalled_one) make_subscriber(context, mine, 0);
    if (mine.what.subscribers == 1) return receive_all(in[0], mine);
    receive_from_all(in, mine.what.subscribers, mine);
  }
  void exchange(const duty& sending, const duty& receiving) override {
    void* const context = zmq_ctx_new();
    if (receiving.what.round_trip) {
      void* const in = make_answerer(context, receiving);
      const std::jthread asker([&] { ask_in(context, sending); });
      return answer_on(in, receiving);
    }
    const bool plain = receiving.what.kind == flow::push_pull;
    void* const in = make_socket(context, plain ? ZMQ_PULL : ZMQ_ROUTER);
    attach(in, receiving);
    const std::jthread sender([&] {
      void* const out = make_socket(context, plain ? ZMQ_PUSH : ZMQ_DEALER);
      attach(out, sending);
      send_all(out, sending.what);
    });
    receive_all(in, receiving);
  }

 private:
  void ask_in(void* context, const duty& mine) const {
    void* const out = make_socket(context, mine.what.kind == flow::req_rep ? ZMQ_REQ : ZMQ_DEALER);
    attach(out, mine);
    if (how_ == waiting::spinning) pin_to_own_core(mine);
    const frame_sizes sizes(mine.what);
    stopwatch watch(mine.shared, mine.mine);
    zmq_msg_t reply;
    zmq_msg_init(&reply);
    for (std::uint64_t number = 0;; ++number) {
      send_one(out, sizes, number);
      take(out, reply);
      if (zmq_msg_size(&reply) != mine.what.size) mine.mine.wrong.add(1);
      watch.lap();
    }
  }
  static void* make_answerer(void* context, const duty& mine) {
    void* const in = make_socket(context, mine.what.kind == flow::req_rep ? ZMQ_REP : ZMQ_ROUTER);
    attach(in, mine);
    return in;
  }
  void answer_on(void* in, const duty& mine) const {
    if (how_ == waiting::spinning) pin_to_own_core(mine);
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    for (;;) {
      take(in, frame);
      const bool more = zmq_msg_more(&frame) != 0;
      check(zmq_msg_send(&frame, in, more ? ZMQ_SNDMORE : 0));
    }
  }
  void take(void* socket, zmq_msg_t& into) const {
    if (how_ == waiting::asleep) {
      check(zmq_msg_recv(&into, socket, 0));
      return;
    }
    while (zmq_msg_recv(&into, socket, ZMQ_DONTWAIT) < 0) {
      if (zmq_errno() != EAGAIN) check(-1);
    }
  }
  static void* make_subscriber(void* context, const duty& mine, unsigned index) {
    void* const made = make_socket(context, ZMQ_SUB);
    const int unlimited = 0;  // else libzmq loses subscriptions beyond the mark without a word
    check(zmq_setsockopt(made, ZMQ_SNDHWM, &unlimited, sizeof unlimited));
    for (const std::string& topic : topics_of(mine.what, index)) {
      check(zmq_setsockopt(made, ZMQ_SUBSCRIBE, topic.data(), topic.size()));
    }
    attach(made, mine);
    return made;
  }

  waiting how_;
};

}  // namespace

std::unique_ptr<rival> make_libzmq(std::string name, waiting how) {
  return std::make_unique<libzmq>(std::move(name), how);
}

}  // namespace bench
