#include "tests/simulation/wire.hpp"

#include "tests/simulation/host.hpp"
#include "tests/simulation/node.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace monocoque::simulation {

namespace {

/// How often somebody who is not reading, or had not yet accepted the connection, may be asked again.
constexpr unsigned most_patience = 5;

}  // namespace

wire::wire(world& in, node& connecting, node& accepting, std::uint64_t number)
    : world_(in),
      number_(number),
      sides_{side{&connecting}, side{&accepting}},
      hosts_{connecting.home, accepting.home} {}

nanoseconds wire::latency() {
  const weather& all = world_.conditions();
  return world_.dice().between(all.latency_least, all.latency_most);
}

// -- reading and writing

bool wire::readable(std::size_t end) const noexcept {
  const way& in = ways_[1 - end];
  return in.arrived.size() > in.taken || in.fin_arrived || sides_[end].error != 0 || sides_[end].dead;
}

bool wire::writable(std::size_t end) const noexcept {
  const way& out = ways_[end];
  return out.held < world_.conditions().buffer_bytes || sides_[end].error != 0 || sides_[end].dead;
}

answer wire::read(std::size_t end, std::span<std::byte> into) {
  way& in = ways_[1 - end];
  side& reader = sides_[end];
  const std::size_t there = in.arrived.size() - in.taken;
  if (there == 0) {
    if (reader.error != 0) {
      reader.dead = true;
      return {.error = std::exchange(reader.error, 0)};
    }
    return in.fin_arrived || reader.dead ? answer{} : answer{.error = EAGAIN};
  }
  std::size_t size = std::min(there, into.size());
  if (world_.dice().happens(world_.conditions().short_reads)) size = world_.dice().between(1, size);
  std::memcpy(into.data(), in.arrived.data() + in.taken, size);
  in.taken += size;
  in.read += size;
  in.held -= size;
  if (in.taken == in.arrived.size()) {
    in.arrived.clear();
    in.taken = 0;
  }
  if (node* const writer = sides_[1 - end].owner) writer->look_soon();
  return {.size = size};
}

answer wire::write(std::size_t end, std::span<const iovec> parts) {
  way& out = ways_[end];
  side& writer = sides_[end];
  if (writer.error != 0) {
    writer.dead = true;
    return {.error = std::exchange(writer.error, 0)};
  }
  if (writer.dead || out.fin_sent) return {.error = EPIPE};
  std::size_t size = 0;
  for (const iovec& part : parts) size += part.iov_len;
  const std::size_t most = world_.conditions().buffer_bytes;
  const std::size_t room = out.held < most ? most - out.held : 0;
  size = std::min(size, room);
  if (size == 0) return {.error = EAGAIN};
  if (world_.dice().happens(world_.conditions().short_writes)) size = world_.dice().between(1, size);
  if (!lost_) size = std::min<std::uint64_t>(size, out.breaks_at - out.written);
  std::string taken;
  taken.reserve(size);
  for (const iovec& part : parts) {
    taken.append(static_cast<const char*>(part.iov_base), std::min(part.iov_len, size - taken.size()));
  }
  out.written += size;
  if (lost_) return {.size = size};  // nowhere
  out.held += size;
  launch(end, std::move(taken));
  if (out.written == out.breaks_at) {
    out.breaks_at = UINT64_MAX;
    world_.after(latency(), [self = shared_from_this()] { self->lose(ECONNRESET); });
  }
  return {.size = size};
}

std::size_t wire::unacknowledged(std::size_t end) const noexcept {
  const way& out = ways_[end];
  const std::size_t no_more = out.fin_sent && !out.fin_arrived ? 1 : 0;
  return out.held - (out.arrived.size() - out.taken) + no_more;
}

// -- on their way

/// Cuts what was written into pieces that arrive one after the other.
void wire::launch(std::size_t end, std::string bytes) {
  way& out = ways_[end];
  const weather& all = world_.conditions();
  // Many bytes in few pieces, or nothing would ever get done.
  const std::size_t largest = std::max(all.largest_segment, bytes.size() / 20);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min(bytes.size() - at, world_.dice().between(1, largest));
    time_point arrives = std::max(world_.now() + latency(), out.last_arrival);
    if (all.bytes_a_ms != 0) {
      arrives += nanoseconds(1'000'000 * size / all.bytes_a_ms);
    }
    out.last_arrival = arrives;
    out.flying.push_back({arrives, bytes.substr(at, size)});
    world_.at(arrives, [self = shared_from_this(), end] { self->land(end); });
    at += size;
  }
}

void wire::land(std::size_t end) {
  way& out = ways_[end];
  if (world_.now() < out.blocked_until) return;  // whoever ends the block looks again
  bool any = false;
  for (; !out.flying.empty() && out.flying.front().arrives <= world_.now(); any = true) {
    if (sides_[1 - end].owner == nullptr) return lose(ECONNRESET);  // to a socket that is closed
    out.arrived += out.flying.front().bytes;
    out.flying.pop_front();
  }
  if (out.fin_sent && !out.fin_arrived && out.flying.empty() && out.last_arrival <= world_.now()) {
    any = out.fin_arrived = true;
  }
  if (node* const reader = sides_[1 - end].owner; any && reader != nullptr) reader->look_soon();
}

/// Only the first `leaves` pieces are still to arrive.
void wire::drop_behind(way& out, std::size_t leaves) {
  for (; out.flying.size() > leaves; out.flying.pop_back()) out.held -= out.flying.back().bytes.size();
}

void wire::block(std::size_t end, time_point until) {
  way& out = ways_[end];
  out.blocked_until = std::max(out.blocked_until, until);
  world_.note("blocked", hosts_[end]->number());
  world_.note_disturbed(number_);
  if (until != time_point::max()) {
    world_.at(until, [self = shared_from_this(), end] { self->land(end); });
  }
  expect_notice(1 - end, most_patience);
}

/// Nothing comes to `end` any more: with heartbeats it gives the connection up in time, unless it does not
/// read.
void wire::expect_notice(std::size_t end, unsigned patience) {
  const nanoseconds limit = hosts_[end]->notices_within();
  const time_point blocked_until = ways_[1 - end].blocked_until;
  if (limit == nanoseconds::zero() || patience == 0 || blocked_until - limit < world_.now()) return;
  const node* const listening = sides_[end].owner;
  const bool is_accepted = listening != nullptr && listening->fd >= 0;
  world_.after(limit, [self = shared_from_this(), end, patience, is_accepted] {
    const node* const owner = self->sides_[end].owner;
    if (owner == nullptr || owner->fd < 0 || self->lost_ || self->sides_[end].dead) return;
    if (owner->reader == nullptr || !is_accepted) return self->expect_notice(end, patience - 1);
    self->world_.complain(self->hosts_[end]->name() + ": has not noticed in time that connection #" +
                          std::to_string(self->number_) + " is half open");
  });
}

// -- ends

void wire::shutdown(std::size_t end) {
  way& out = ways_[end];
  if (std::exchange(out.fin_sent, true) || lost_) return;
  out.last_arrival = std::max(world_.now() + latency(), out.last_arrival);
  world_.at(out.last_arrival, [self = shared_from_this(), end] { self->land(end); });
}

void wire::close(std::size_t end) {
  side& closing = sides_[end];
  closing.owner = nullptr;
  way& out = ways_[end];
  const bool unread = ways_[1 - end].held > 0;
  if (!lost_ && (unread || closing.resets) && !out.fin_arrived) {
    // The reset overtakes what has not left yet, and the word that nothing more comes.
    out.fin_sent = false;
    drop_behind(out, world_.dice().below(out.flying.size() + 1));
    const time_point then =
        std::max(world_.now() + latency(), out.flying.empty() ? time_point{} : out.flying.back().arrives);
    reset_at(end, then);
  } else {
    shutdown(end);
  }
  if (sides_[1 - end].owner == nullptr) over();
}

/// The reset goes the way of the bytes before it.
void wire::reset_at(std::size_t end, time_point when) {
  when = std::max(when, ways_[end].blocked_until);
  if (when == time_point::max()) return;
  world_.at(when, [self = shared_from_this(), end] {
    if (self->world_.now() < self->ways_[end].blocked_until) return self->reset_at(end, self->world_.now());
    self->land(end);
    self->tell(1 - end, ECONNRESET);
  });
}

void wire::tell(std::size_t end, int error) {
  side& told = sides_[end];
  if (told.owner == nullptr || told.dead || told.error != 0) return;
  told.error = error;
  told.owner->look_soon();
}

void wire::lose(int error) {
  if (std::exchange(lost_, true)) return;
  world_.note_disturbed(number_);
  if (sides_[0].owner != nullptr || sides_[1].owner != nullptr)
    world_.note("lost", hosts_[0]->number(), hosts_[1]->number());
  for (std::size_t end = 0; end < 2; ++end) {
    // Some of what is on its way still arrives, perhaps after the writer was told.
    way& in = ways_[1 - end];
    drop_behind(in, world_.dice().below(in.flying.size() + 1));
    time_point then = world_.now() + latency();
    if (!in.flying.empty()) then = std::max(then, in.flying.back().arrives);
    world_.at(then, [self = shared_from_this(), end, error] {
      self->land(1 - end);
      self->tell(end, error);
    });
  }
}

/// Both ends are closed: what was written and not read is lost.
void wire::over() {
  for (std::size_t end = 0; end < 2; ++end) {
    const way& done = ways_[end];
    world_.note_end(*hosts_[end], *hosts_[1 - end], done.written, done.read);
  }
}

void wire::meet_fate() {
  if (!world_.is_rough()) return;
  const weather& all = world_.conditions();
  chance& dice = world_.dice();
  const auto some_time = [&] { return nanoseconds(dice.magnitude(10'000'000'000)); };
  const auto self = weak_from_this();
  if (dice.happens(all.lost)) ways_[dice.below(2)].breaks_at = 1 + dice.magnitude(all.lost_within);
  if (dice.happens(all.lost_in_time)) {
    world_.after(some_time(), [self] {
      if (const auto found = self.lock()) found->lose(ECONNRESET);
    });
  }
  const bool half_open = dice.happens(all.half_open);
  if (!half_open && !dice.happens(all.stalled)) return;
  const time_point until = half_open ? time_point::max() : world_.now() + some_time();
  const std::uint64_t which = dice.below(3);  // one way, the other, both
  world_.after(some_time(), [self, until, which] {
    const auto found = self.lock();
    if (!found) return;
    if (which != 0) found->block(0, until);
    if (which != 1) found->block(1, until);
  });
  if (half_open) be_noticed_at_last();
}

/// The system gives up in the end, some time after the network works again.
void wire::be_noticed_at_last() {
  const time_point clear = std::max(world_.clears_at(), world_.now());
  const time_point noticed = clear + world_.dice().between(nanoseconds(0), std::chrono::seconds(60));
  world_.at(noticed, [self = weak_from_this()] {
    if (const auto found = self.lock()) found->lose(ETIMEDOUT);
  });
}

void wire::interrupt(time_point until) {
  block(0, until);
  block(1, until);
}

void wire::lose_machine(std::size_t end, time_point until) {
  sides_[end].owner = nullptr;
  drop_behind(ways_[end], world_.dice().below(ways_[end].flying.size() + 1));
  block(1 - end, until);
  // What arrives then is refused; who sends nothing is told later.
  be_noticed_at_last();
  if (sides_[1 - end].owner == nullptr) over();
}

}  // namespace monocoque::simulation
