#include "measure/payload.hpp"
#include "rivals/frames.hpp"
#include "rivals/makers.hpp"
#include "rivals/plain_socket.hpp"

#include <array>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bench {

namespace {

/// The frames of one connection on their way into a tally.
class inlet {
 public:
  explicit inlet(const duty& mine)
      : reader_(body_size(mine.what, mine.what.size)), counts_(mine.mine, mine.what) {
    if (mine.what.curve) box_.emplace(box_of(mine));
  }

  void read(const plain_socket& from) {
    reader_.read(from, [this](std::span<const std::byte> body, bool more) {
      if (box_) {
        const message_box::opened frame = box_->open(body);
        count(frame.payload, frame.more);
      } else {
        count(body, more);
      }
    });
  }

 private:
  void count(std::span<const std::byte> payload, bool more) {
    counts_.frame(payload.data(), payload.size());
    if (!more) counts_.message_done();
  }
  frame_reader reader_;
  tally counts_;
  std::optional<message_box> box_;
};

void receive_all(const std::vector<plain_socket>& from, const duty& mine) {
  std::vector<inlet> inlets;
  std::vector<pollfd> watched;
  for (const plain_socket& each : from) {
    inlets.emplace_back(mine);
    watched.push_back({each.fd(), POLLIN, 0});
  }
  while (from.size() == 1) inlets[0].read(from[0]);
  for (;;) {
    if (poll(watched.data(), watched.size(), -1) < 0) throw std::runtime_error("poll failed");
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (watched[i].revents != 0) inlets[i].read(from[i]);
    }
  }
}

/// What a round trip puts on the wire: REQ has an empty frame in front.
class exchanged {
 public:
  explicit exchanged(const duty& mine) {
    if (mine.what.curve) box_.emplace(box_of(mine));
    if (mine.what.kind == flow::req_rep) add({0, 0, true});
    add({0, mine.what.size, false});
  }
  [[nodiscard]] std::span<std::byte> bytes() { return bytes_; }

  /// A question.
  void make(std::uint64_t number) {
    for (const frame& each : frames_) {
      fill(box_ ? box_->payload() : body(each), each.size, number);
      if (box_) box_->seal(body(each), each.size, each.more);
    }
  }
  /// What has come is the answer.
  void take() {
    for (const frame& each : frames_) open(each);
  }
  /// What has come is made the answer.
  void turn_around() {
    for (const frame& each : frames_) {
      open(each);
      if (box_) box_->seal(body(each), each.size, each.more);
    }
  }

 private:
  struct frame {
    std::size_t begins;  ///< its body, in bytes_
    std::size_t size;    ///< of its payload
    bool more;
  };
  void add(frame next) {
    const std::size_t size = next.size + (box_ ? message_box::overhead : 0);
    std::array<std::byte, longest_header> header{};
    const std::byte* const end = write_header(header.data(), size, next.more && !box_);
    bytes_.insert(bytes_.end(), static_cast<const std::byte*>(header.data()), end);
    next.begins = bytes_.size();
    bytes_.resize(bytes_.size() + size);
    frames_.push_back(next);
  }
  std::byte* body(const frame& of) { return bytes_.data() + of.begins; }
  void open(const frame& which) {
    if (box_) static_cast<void>(box_->open({body(which), which.size + message_box::overhead}));
  }

  std::vector<std::byte> bytes_;
  std::vector<frame> frames_;
  std::optional<message_box> box_;
};

class bare_floor final : public rival {
 public:
  bare_floor(std::string name, waiting how) : rival(std::move(name)), how_(how) {}

  bool plays(const traffic& what) const override {
    if (what.transport == "inproc" || what.topic_mode != topics::all || what.stalled_one) return false;
    if (what.senders > board::max_processes) return false;
    return how_ == waiting::asleep || what.round_trip;
  }

  void send(const duty& mine) override {
    const std::vector<plain_socket> to = connections_of(mine, mine.what.receivers);
    std::vector<frame_writer> writers;
    writers.reserve(to.size());
    for (const plain_socket& each : to) writers.emplace_back(std::span(&each, 1), mine);
    for (std::uint64_t number = 0;;) {
      for (frame_writer& each : writers) each.put(number++);
    }
  }
  void receive(const duty& mine) override { receive_all(connections_of(mine, mine.what.senders), mine); }

  void ask(const duty& mine) override {
    const plain_socket to = plain_socket::connect(mine.endpoint());
    if (how_ == waiting::spinning) pin_to_own_core(mine);
    exchanged trip(mine);
    stopwatch watch(mine.shared, mine.mine);
    for (std::uint64_t number = 0;; ++number) {
      trip.make(number);
      to.send(trip.bytes());
      take(to, trip.bytes());
      trip.take();
      watch.lap();
    }
  }
  void answer(const duty& mine) override {
    const std::vector<plain_socket> from = connections_of(mine, 1);
    if (how_ == waiting::spinning) pin_to_own_core(mine);
    exchanged trip(mine);
    for (;;) {
      take(from[0], trip.bytes());
      trip.turn_around();
      from[0].send(trip.bytes());
    }
  }
  void publish(const duty& mine) override {
    const std::vector<plain_socket> to = connections_of(mine, mine.what.subscribers);
    // What is encrypted is for one peer only.
    const std::size_t together = mine.what.curve ? 1 : to.size();
    std::vector<frame_writer> writers;
    for (std::size_t i = 0; i < to.size(); i += together)
      writers.emplace_back(std::span(to).subspan(i, together), mine);
    for (std::uint64_t number = 0;; ++number) {
      for (frame_writer& each : writers) each.put(number);
    }
  }
  void subscribe(const duty& mine) override {
    std::vector<plain_socket> from;
    from.reserve(mine.what.subscribers);
    for (unsigned i = 0; i < mine.what.subscribers; ++i)
      from.push_back(plain_socket::connect(mine.endpoint()));
    receive_all(from, mine);
  }
  void exchange(const duty&, const duty&) override { throw std::logic_error("the floor has no inproc"); }

 private:
  void take(const plain_socket& from, std::span<std::byte> into) const {
    while (!into.empty()) {
      const std::size_t got = how_ == waiting::asleep ? from.receive(into) : from.receive_spinning(into);
      into = into.subspan(got);
    }
  }
  waiting how_;
};

}  // namespace

std::unique_ptr<rival> make_floor(std::string name, waiting how) {
  return std::make_unique<bare_floor>(std::move(name), how);
}

}  // namespace bench
