#include "tests/simulation/driver.hpp"

#include "tests/simulation/host.hpp"
#include "tests/simulation/world.hpp"

#include <cassert>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <utility>

namespace monocoque::simulation {

using io::operation;

namespace {

constexpr std::size_t min_read_room = 8 * 1024;
constexpr std::chrono::seconds connect_gives_up{127};

}  // namespace

driver::driver(host& home, std::shared_ptr<base::slab_pool> slabs)
    : home_(home), received_(std::move(slabs)) {
  home_.driver_ = this;
}

driver::~driver() {
  if (held_back_ != 0) give_up("a loop goes before its operations are complete");
  home_.driver_ = nullptr;
}

io::time_point driver::now() const noexcept { return home_.in().now(); }

// -- running

void driver::wait(io::time_point until) noexcept {
  begin_all();
  sleeps_until_ = until;
  if (!home_.is_ticked()) {
    home_.waits_ = true;
    home_.in().run_others(home_, until);
    home_.waits_ = false;
  }
  woken_ = false;
}

std::size_t driver::deliver() noexcept {
  std::vector<done> batch;
  batch.swap(ready_);
  std::size_t count = 0;
  for (const done& each : batch) deliver(each, count);
  return count;
}

void driver::deliver(const done& what, std::size_t& count) {
  operation& op = *what.op;
  if (op.what == operation::kind::accept) static_cast<io::accept_operation&>(op).accepted = what.accepted;
  if (what.accepted >= 0) {
    if (op.cancel_requested) return home_.close(what.accepted);  // nobody wants it any more
  } else {
    op.where = operation::phase::idle;
  }
  op.error = what.error;
  ++count;
  op.complete(op);
}

// -- starting and cancelling

void driver::start(io::accept_operation& op) noexcept {
  op.cancel_requested = false;
  begin(op);
}

void driver::begin(operation& op) noexcept {
  op.where = operation::phase::queued;
  started_.push_back(op);
}

void driver::begin_all() {
  while (!started_.empty()) {
    operation& op = started_.pop_front();
    op.where = operation::phase::in_flight;
    submit(op);
  }
}

void driver::submit(operation& op) {
  node* on = nullptr;
  switch (op.what) {
    case operation::kind::accept: {
      auto& own = static_cast<io::accept_operation&>(op);
      on = &home_.at(own.on->fd);
      on->acceptor = &own;
      break;
    }
    case operation::kind::read_some:
    case operation::kind::read_into: {
      auto& own = static_cast<io::read_operation&>(op);
      on = &home_.at(own.on->fd);
      on->reader = &own;
      break;
    }
    case operation::kind::write: {
      auto& own = static_cast<io::write_operation&>(op);
      on = &home_.at(own.on->fd);
      on->writer = &own;
      break;
    }
    case operation::kind::connect: return submit_connect(static_cast<io::connect_operation&>(op));
    case operation::kind::poll: return finish(op, ENOTSUP);  // descriptors of the system have no place here
  }
  if (home_.in().dice().happens(home_.in().conditions().late_completions)) {
    on->look_soon();
  } else {
    look_at(*on);
  }
}

/// Knocks at the other host until somebody answers.
void driver::submit_connect(io::connect_operation& op) {
  node& own = home_.at(op.fd);
  own.connector = &op;
  sockaddr_in address{};
  std::memcpy(&address, &op.address, sizeof address);
  own.peer_address = ntohl(address.sin_addr.s_addr);
  own.peer_port = ntohs(address.sin_port);
  home_.connect(own.shared_from_this(), home_.in().now() + connect_gives_up);
}

void driver::cancel(operation& op) noexcept {
  if (op.where == operation::phase::queued) {
    op.unlink();
    op.cancel_requested = true;
    return finish(op, ECANCELED);
  }
  if (op.where != operation::phase::in_flight) return;
  op.cancel_requested = true;
  if (home_.in().dice().happens(500)) {  // too late, if it could have been carried out before
    if (op.what == operation::kind::write)
      look_at_writer(home_.at(static_cast<io::write_operation&>(op).on->fd));
    if (op.what == operation::kind::read_some || op.what == operation::kind::read_into)
      look_at_reader(home_.at(static_cast<io::read_operation&>(op).on->fd));
    if (op.where != operation::phase::in_flight) return;
  }
  take_out(op);
  finish(op, ECANCELED);
}

void driver::take_out(operation& op) {
  switch (op.what) {
    case operation::kind::accept:
      home_.at(static_cast<io::accept_operation&>(op).on->fd).acceptor = nullptr;
      break;
    case operation::kind::read_some:
    case operation::kind::read_into:
      home_.at(static_cast<io::read_operation&>(op).on->fd).reader = nullptr;
      break;
    case operation::kind::write:
      home_.at(static_cast<io::write_operation&>(op).on->fd).writer = nullptr;
      break;
    case operation::kind::connect:
      home_.at(static_cast<io::connect_operation&>(op).fd).connector = nullptr;
      break;
    case operation::kind::poll: break;
  }
}

/// When it is told of, and its place among the others, are a matter of luck; only the completions of one
/// operation keep their order.
void driver::finish(operation& op, int error) {
  op.where = operation::phase::completed;
  const done what{.op = &op, .error = error};
  chance& dice = home_.in().dice();
  if (op.what == operation::kind::accept) {
    ready_.push_back(what);
  } else if (!dice.happens(home_.in().conditions().late_completions)) {
    add_ready(what);
  } else {
    ++held_back_;  // which keeps the driver alive: its loop goes only when all is complete
    home_.in().after(nanoseconds(dice.magnitude(30'000'000)), [this, what] {
      --held_back_;
      add_ready(what);
    });
  }
}

void driver::add_ready(const done& what) {
  const std::size_t place = home_.in().dice().below(ready_.size() + 1);
  ready_.insert(ready_.begin() + static_cast<std::ptrdiff_t>(place), what);
}

void driver::finish_connect(node& on, int error) { finish(*std::exchange(on.connector, nullptr), error); }

// -- at once

io::write_outcome driver::try_write(const io::descriptor& on, std::span<const iovec> parts) noexcept {
  node& own = home_.at(on.fd);
  assert(own.writer == nullptr);
  const answer got = own.line->write(own.end, parts);
  if (got.error == EAGAIN) return {};
  return {.error = got.error, .size = got.size};
}

void driver::shutdown_write(io::descriptor& on) noexcept {
  node& own = home_.at(on.fd);
  own.line->shutdown(own.end);
}

void driver::abandon(io::descriptor& on) noexcept {
  node& own = home_.at(on.fd);
  own.line->abandon(own.end);
}

void driver::close(io::descriptor& on) noexcept { home_.close(std::exchange(on.fd, -1)); }

// -- what is possible

void driver::look_at(node& what) {
  if (what.port != 0) return look_at_acceptor(what);
  look_at_reader(what);
  look_at_writer(what);
}

void driver::look_at_acceptor(node& what) {
  while (what.acceptor != nullptr && !what.waiting.empty()) {
    const std::shared_ptr<node> next = what.waiting.front();
    if (!home_.give_descriptor(next)) {
      home_.in().note("cannot accept", home_.number());
      return finish(*std::exchange(what.acceptor, nullptr), EMFILE);
    }
    what.waiting.pop_front();
    ready_.push_back({.op = what.acceptor, .accepted = next->fd});
  }
}

void driver::look_at_reader(node& what) {
  if (what.reader == nullptr || !what.line || !what.line->readable(what.end)) return;
  io::read_operation& op = *what.reader;
  const bool into_slab = op.what == operation::kind::read_some;
  const answer got = what.line->read(what.end, into_slab ? received_.room(min_read_room) : op.into);
  if (got.error == EAGAIN) return;
  op.size = got.size;
  if (into_slab && got.size > 0) op.data = received_.commit(got.size);
  what.reader = nullptr;
  finish(op, got.error);
}

void driver::look_at_writer(node& what) {
  if (what.writer == nullptr || !what.line || !what.line->writable(what.end)) return;
  io::write_operation& op = *what.writer;
  const answer got = what.line->write(what.end, std::span(op.header.msg_iov, op.header.msg_iovlen));
  if (got.error == EAGAIN) return;
  op.size = got.size;
  what.writer = nullptr;
  finish(op, got.error);
}

}  // namespace monocoque::simulation
