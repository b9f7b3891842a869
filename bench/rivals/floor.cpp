#include "measure/payload.hpp"
#include "rivals/frames.hpp"
#include "rivals/makers.hpp"
#include "rivals/plain_socket.hpp"

#include <array>
#include <poll.h>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bench {

namespace {

/// The frames of one connection on their way into a tally.
struct inlet {
  frame_reader reader;
  tally counts;

  void read(const plain_socket& from) {
    reader.read(from, [this](std::span<const std::byte> payload, bool more) {
      counts.frame(payload.data(), payload.size());
      if (!more) counts.message_done();
    });
  }
};

void receive_all(const std::vector<plain_socket>& from, const duty& mine) {
  std::vector<inlet> inlets;
  std::vector<pollfd> watched;
  for (const plain_socket& each : from) {
    inlets.push_back({frame_reader(mine.what.size), tally(mine.mine, mine.what)});
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
std::vector<std::byte> exchanged(const traffic& what) {
  std::vector<std::byte> bytes;
  if (what.kind == flow::req_rep) bytes = {more_flag, std::byte{0}};
  std::array<std::byte, longest_header> header{};
  const auto size = static_cast<std::size_t>(write_header(header.data(), what.size, false) - header.data());
  bytes.insert(bytes.end(), header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
  bytes.resize(bytes.size() + what.size);
  return bytes;
}

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
    for (const plain_socket& each : to) writers.emplace_back(std::span(&each, 1), mine.what);
    for (std::uint64_t number = 0;;) {
      for (frame_writer& each : writers) each.put(number++);
    }
  }
  void receive(const duty& mine) override { receive_all(connections_of(mine, mine.what.senders), mine); }

  void ask(const duty& mine) override {
    const plain_socket to = plain_socket::connect(mine.endpoint());
    if (how_ == waiting::spinning) pin_to_own_core(mine);
    std::vector<std::byte> bytes = exchanged(mine.what);
    const std::span<std::byte> payload = std::span(bytes).last(mine.what.size);
    stopwatch watch(mine.shared, mine.mine);
    for (std::uint64_t number = 0;; ++number) {
      fill(payload.data(), payload.size(), number);
      to.send(bytes);
      take(to, bytes);
      watch.lap();
    }
  }
  void answer(const duty& mine) override {
    const std::vector<plain_socket> from = connections_of(mine, 1);
    if (how_ == waiting::spinning) pin_to_own_core(mine);
    std::vector<std::byte> bytes = exchanged(mine.what);
    for (;;) {
      take(from[0], bytes);
      from[0].send(bytes);
    }
  }
  void publish(const duty& mine) override {
    const std::vector<plain_socket> to = connections_of(mine, mine.what.subscribers);
    frame_writer writer(to, mine.what);
    for (std::uint64_t number = 0;; ++number) writer.put(number);
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
