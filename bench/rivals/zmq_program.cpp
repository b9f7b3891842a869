#include "measure/payload.hpp"
#include "rivals/makers.hpp"
#include "rivals/zmq_library.hpp"

#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

namespace {

/// The one that this process measures. Set when a role begins.
const zmq_library* zmq = nullptr;

int check(int answer) {
  if (answer < 0) throw std::runtime_error(std::string("zmq.h: ") + zmq->strerror(zmq->error()));
  return answer;
}

void* make_socket(void* context, int type) {
  void* const made = zmq->socket(context, type);
  if (made == nullptr) check(-1);
  return made;
}

void set(void* socket, int option, std::span<const std::byte> value) {
  check(zmq->setsockopt(socket, option, value.data(), value.size()));
}

/// CURVE, if the duty has it; who binds is the server.
void secure(void* socket, const duty& mine) {
  if (!mine.what.curve) return;
  const curve_ends& keys = *mine.what.curve;
  const monocoque::curve_keypair& own = mine.binds ? keys.server : keys.client;
  const int server = mine.binds ? 1 : 0;
  check(zmq->setsockopt(socket, ZMQ_CURVE_SERVER, &server, sizeof server));
  if (!mine.binds) set(socket, ZMQ_CURVE_SERVERKEY, keys.server.public_key.data());
  set(socket, ZMQ_CURVE_PUBLICKEY, own.public_key.data());
  set(socket, ZMQ_CURVE_SECRETKEY, own.secret_key.data());
}

void attach(void* socket, const duty& mine) {
  secure(socket, mine);
  if (!mine.binds) {
    check(zmq->connect(socket, mine.endpoint().c_str()));
    return;
  }
  check(zmq->bind(socket, mine.endpoint_to_bind().c_str()));
  std::array<char, 256> endpoint{};
  std::size_t size = endpoint.size();
  check(zmq->getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint.data(), &size));
  mine.shared.announce(endpoint.data());
}

/// As libzmq's own performance tools do it: a message of the size, filled in place.
void send_message(void* socket, std::size_t size, std::uint64_t word, int flags) {
  zmq_msg_t made;
  check(zmq->msg_init_size(&made, size));
  fill(zmq->msg_data(&made), size, word);
  check(zmq->msg_send(&made, socket, flags));
}

/// From memory of this program's own, which is filled first.
void send_buffer(void* socket, std::size_t size, std::uint64_t word, int flags) {
  static thread_local std::vector<std::byte> memory;
  if (memory.size() < size) memory.resize(size);
  fill(memory.data(), size, word);
  check(zmq->send(socket, memory.data(), size, flags));
}

void send_one(void* socket, const frame_sizes& sizes, std::uint64_t word, passing how) {
  const auto send = how == passing::messages ? send_message : send_buffer;
  for (unsigned i = 0; i < sizes.count(); ++i)
    send(socket, sizes[i], word, i + 1 < sizes.count() ? ZMQ_SNDMORE : 0);
}

void send_all(void* socket, const traffic& what, passing how) {
  const frame_sizes sizes(what);
  pace held(what.rate);
  for (std::uint64_t number = 0;; ++number) {
    send_one(socket, sizes, number, how);
    const auto rest = held.rest_after(number);
    if (rest != std::chrono::steady_clock::time_point{}) std::this_thread::sleep_until(rest);
  }
}

/// Takes one message into `counts`, without its routing id; false if there is none (with ZMQ_DONTWAIT).
bool take_one(void* socket, zmq_msg_t& into, int flags, bool skip_first, tally& counts) {
  for (bool skip = skip_first;; skip = false) {
    if (zmq->msg_recv(&into, socket, flags) < 0) {
      if (zmq->error() == EAGAIN) return false;
      check(-1);
    }
    const bool more = zmq->msg_more(&into) != 0;
    if (!skip) counts.frame(zmq->msg_data(&into), zmq->msg_size(&into));
    if (!more) break;
  }
  counts.message_done();
  return true;
}

void receive_messages(void* socket, const duty& mine) {
  tally counts(mine.mine, mine.what);
  zmq_msg_t got;
  zmq->msg_init(&got);
  for (;;) take_one(socket, got, 0, mine.what.kind == flow::dealer_router, counts);
}

/// Into memory of this program's own. The messages are of one frame each.
void receive_buffers(void* socket, const duty& mine) {
  tally counts(mine.mine, mine.what);
  std::vector<std::byte> memory(mine.what.size);
  for (;;) {
    const int size = check(zmq->recv(socket, memory.data(), memory.size(), 0));
    counts.frame(memory.data(), static_cast<std::size_t>(size));
    counts.message_done();
  }
}

void receive_all(void* socket, const duty& mine, passing how) {
  if (how == passing::buffers) return receive_buffers(socket, mine);
  receive_messages(socket, mine);
}

/// Reads many sockets in one thread: waits for any, then takes what each has, a bounded number at a time.
void receive_from_all(std::vector<void*>& in, std::size_t readers, const duty& mine) {
  constexpr int at_once = 100;
  std::vector<tally> counts(readers, tally(mine.mine, mine.what));
  std::vector<zmq_pollitem_t> items;
  items.reserve(readers);
  for (std::size_t i = 0; i < readers; ++i) items.push_back({in[i], 0, ZMQ_POLLIN, 0});
  zmq_msg_t got;
  zmq->msg_init(&got);
  for (;;) {
    check(zmq->poll(items.data(), static_cast<int>(readers), -1));
    for (std::size_t i = 0; i < readers; ++i) {
      if ((items[i].revents & ZMQ_POLLIN) == 0) continue;
      for (int n = 0; n < at_once && take_one(in[i], got, ZMQ_DONTWAIT, false, counts[i]); ++n) {
      }
    }
  }
}

class zmq_program final : public rival {
 public:
  zmq_program(std::string name, zmq_library_choice from, waiting how, passing by)
      : rival(std::move(name)), from_(std::move(from)), how_(how), by_(by) {}

  bool plays(const traffic& what) const override {
    if (what.curve && !has_curve()) return false;
    if (by_ == passing::buffers && (what.kind != flow::push_pull || what.frames != 1)) return false;
    return how_ == waiting::asleep || what.round_trip;
  }

  void send(const duty& mine) override {
    begin();
    void* const out = make_socket(zmq->ctx_new(), mine.what.kind == flow::push_pull ? ZMQ_PUSH : ZMQ_DEALER);
    attach(out, mine);
    send_all(out, mine.what, by_);
  }
  void receive(const duty& mine) override {
    begin();
    void* const in = make_socket(zmq->ctx_new(), mine.what.kind == flow::push_pull ? ZMQ_PULL : ZMQ_ROUTER);
    attach(in, mine);
    receive_all(in, mine, by_);
  }
  void ask(const duty& mine) override {
    begin();
    ask_in(zmq->ctx_new(), mine);
  }
  void answer(const duty& mine) override {
    begin();
    answer_on(make_answerer(zmq->ctx_new(), mine), mine);
  }
  void publish(const duty& mine) override {
    begin();
    void* const out = make_socket(zmq->ctx_new(), ZMQ_PUB);
    const int wait = mine.what.wait_for_slow ? 1 : 0;
    check(zmq->setsockopt(out, ZMQ_XPUB_NODROP, &wait, sizeof wait));
    attach(out, mine);
    const frame_sizes sizes(mine.what);
    for (std::uint64_t number = 0;; ++number) {
      const bool all_there = mine.shared.subscribed.load(std::memory_order_relaxed);
      send_one(out, sizes, published_word(mine.what, number, all_there), by_);
    }
  }
  void subscribe(const duty& mine) override {
    begin();
    void* const context = zmq->ctx_new();
    std::vector<void*> in;
    in.reserve(mine.what.subscribers);
    for (unsigned i = 0; i < mine.what.subscribers; ++i) in.push_back(make_subscriber(context, mine, i));
    if (mine.what.stalled_one) make_subscriber(context, mine, 0);
    if (mine.what.subscribers == 1) return receive_all(in[0], mine, by_);
    receive_from_all(in, mine.what.subscribers, mine);
  }
  void exchange(const duty& sending, const duty& receiving) override {
    begin();
    void* const context = zmq->ctx_new();
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
      send_all(out, sending.what, by_);
    });
    receive_all(in, receiving, by_);
  }

 private:
  /// Ours has it if there are keys at all. It is not loaded to be asked: this is the process that all others
  /// come of, and would have it under the name by which they load libzmq.
  [[nodiscard]] bool has_curve() const {
    return from_.file != system_libzmq || zmq_library(system_libzmq).has("curve") != 0;
  }
  void begin() const {
    if (from_.driver != nullptr) setenv("MONOCOQUE_IO", from_.driver, 1);
    static const zmq_library loaded(from_.file);
    zmq = &loaded;
  }
  void ask_in(void* context, const duty& mine) const {
    void* const out = make_socket(context, mine.what.kind == flow::req_rep ? ZMQ_REQ : ZMQ_DEALER);
    attach(out, mine);
    if (how_ == waiting::spinning) pin_to_own_core(mine);
    const frame_sizes sizes(mine.what);
    stopwatch watch(mine.shared, mine.mine);
    zmq_msg_t reply;
    zmq->msg_init(&reply);
    for (std::uint64_t number = 0;; ++number) {
      send_one(out, sizes, number, by_);
      take(out, reply);
      if (zmq->msg_size(&reply) != mine.what.size) mine.mine.wrong.add(1);
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
    zmq->msg_init(&frame);
    for (;;) {
      take(in, frame);
      const bool more = zmq->msg_more(&frame) != 0;
      check(zmq->msg_send(&frame, in, more ? ZMQ_SNDMORE : 0));
    }
  }
  void take(void* socket, zmq_msg_t& into) const {
    if (how_ == waiting::asleep) {
      check(zmq->msg_recv(&into, socket, 0));
      return;
    }
    while (zmq->msg_recv(&into, socket, ZMQ_DONTWAIT) < 0) {
      if (zmq->error() != EAGAIN) check(-1);
    }
  }
  static void* make_subscriber(void* context, const duty& mine, unsigned index) {
    void* const made = make_socket(context, ZMQ_SUB);
    const int unlimited = 0;  // else libzmq loses subscriptions beyond the mark without a word
    check(zmq->setsockopt(made, ZMQ_SNDHWM, &unlimited, sizeof unlimited));
    for (const std::string& topic : topics_of(mine.what, index)) {
      check(zmq->setsockopt(made, ZMQ_SUBSCRIBE, topic.data(), topic.size()));
    }
    attach(made, mine);
    return made;
  }

  const zmq_library_choice from_;
  const waiting how_;
  const passing by_;
};

}  // namespace

std::unique_ptr<rival> make_zmq_program(std::string name, zmq_library_choice from, waiting how, passing by) {
  return std::make_unique<zmq_program>(std::move(name), std::move(from), how, by);
}

}  // namespace bench
