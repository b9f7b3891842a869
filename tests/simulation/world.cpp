#include "tests/simulation/world.hpp"

#include "tests/simulation/driver.hpp"
#include "tests/simulation/host.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace monocoque::simulation {
namespace {

thread_local world* living = nullptr;
thread_local std::string current_recipe;

/// So many ticks of hosts make no sense in any scenario: somebody runs in circles.
constexpr std::uint64_t most_ticks = 20'000'000;
constexpr std::uint64_t most_ticks_in_vain = 1000;
constexpr std::uint32_t first_address = 0x0a'00'00'00;  // 10.0.0.0

bool later(const auto& left, const auto& right) {
  return left.when != right.when ? left.when > right.when : left.number > right.number;
}

}  // namespace

void set_recipe(std::string text) { current_recipe = std::move(text); }
const std::string& recipe() { return current_recipe; }

void give_up(std::string_view why) {
  std::fprintf(stderr, "simulation: %.*s\n  again: %s\n", static_cast<int>(why.size()), why.data(),
               current_recipe.c_str());
  std::abort();
}

world::world(std::uint64_t seed, const weather& of_the_network)
    : now_(std::chrono::hours(24)),
      dice_(seed),
      conditions_(of_the_network),
      clears_at_(now_ + of_the_network.clears_after),
      tells_(std::getenv("MONOCOQUE_SIM_TRACE") != nullptr) {
  if (living != nullptr) give_up("two worlds at once");
  living = this;
}

world::~world() {
  end();
  hosts_.clear();
  living = nullptr;
}

world& world::current() noexcept { return *living; }

host& world::add_host(const std::string& name) {
  const auto number = static_cast<unsigned>(hosts_.size() + 1);
  const auto before = std::ranges::find(hosts_, name, [](const auto& each) { return each->name(); });
  const std::uint32_t address = before != hosts_.end() ? (*before)->address() : first_address + number;
  hosts_.push_back(std::make_shared<host>(*this, name, number, address));
  plan_exhaustion(*hosts_.back());
  return *hosts_.back();
}

host* world::find_host_at(std::uint32_t address) noexcept {
  // Of several the last: the others are dead.
  const auto found = std::find_if(hosts_.rbegin(), hosts_.rend(),
                                  [&](const auto& each) { return each->address() == address; });
  return found == hosts_.rend() ? nullptr : found->get();
}

host* world::find_host(std::string_view name) noexcept {
  const auto found = std::find_if(hosts_.rbegin(), hosts_.rend(),
                                  [&](const auto& each) { return std::string_view(each->name()) == name; });
  return found == hosts_.rend() ? nullptr : found->get();
}

host* world::find_host(unsigned number) noexcept {
  return number == 0 || number > hosts_.size() ? nullptr : hosts_[number - 1].get();
}

void world::plan_exhaustion(host& of) {
  if (!dice_.happens(conditions_.exhausted)) return;
  const nanoseconds from = dice_.between(nanoseconds(0), conditions_.clears_after);
  const time_point until =
      std::min(clears_at_, now_ + from + dice_.between(nanoseconds(0), std::chrono::seconds(2)));
  after(from, [this, &of, until] {
    note("no descriptors", of.number());
    of.limit_descriptors(of.descriptors());
    at(until, [this, &of] {
      note("descriptors again", of.number());
      of.limit_descriptors(SIZE_MAX);
    });
  });
}

void world::at(time_point when, std::function<void()> what) {
  events_.push_back({std::max(when, now_), ++events_made_, std::move(what)});
  std::ranges::push_heap(events_, [](const event& a, const event& b) { return later(a, b); });
}

void world::plan(time_point when, std::function<void()> what) {
  expect_trouble(when);
  plans_.emplace(when, std::move(what));
}

void world::carry_out_plans() {
  if (std::exchange(carries_out_, true)) return;
  while (!plans_.empty() && plans_.begin()->first <= now_) {
    const std::function<void()> what = std::move(plans_.begin()->second);
    plans_.erase(plans_.begin());
    what();
  }
  carries_out_ = false;
}

bool world::run_due() {
  bool any = false;
  while (!events_.empty() && events_.front().when <= now_) {
    std::ranges::pop_heap(events_, [](const event& a, const event& b) { return later(a, b); });
    const std::function<void()> what = std::move(events_.back().what);
    events_.pop_back();
    what();
    any = true;
  }
  return any;
}

host* world::pick_runnable() {
  host* picked = nullptr;
  std::uint64_t count = 0;
  for (const auto& each : hosts_) {
    if (each->runnable() && dice_.below(++count) == 0) picked = each.get();
  }
  return picked;
}

time_point world::next_moment(bool with_plans) const {
  time_point next = events_.empty() ? time_point::max() : events_.front().when;
  if (with_plans && !plans_.empty()) next = std::min(next, plans_.begin()->first);
  for (const auto& each : hosts_) next = std::min(next, each->sleeps_until());
  return next;
}

/// One host's tick, or the step to the next moment; false if there is none. Time stands still when there is
/// something for the host that waits in a blocking call.
bool world::step(const host* waiting) {
  run_due();
  if (host* const next = pick_runnable()) {
    next->tick();
    tell_events();
    if (next->ticks_in_vain() > most_ticks_in_vain) give_up("host " + next->name() + " runs in circles");
    if (++ticks_ > most_ticks) give_up("too much happens");
    now_ += nanoseconds(dice_.below(2'000));  // working takes time, too
    return true;
  }
  if (waiting != nullptr && !waiting->has_nothing()) return true;
  const time_point next = next_moment(waiting == nullptr && !carries_out_);
  if (next == time_point::max()) return false;
  now_ = std::max(now_, next);
  return true;
}

bool world::run_until(const std::function<bool()>& done, nanoseconds limit) {
  for (const auto& each : hosts_) each->unsettle();
  const time_point end = now_ + limit;
  while (!done()) {
    carry_out_plans();
    if (now_ >= end || !step()) return false;
  }
  return true;
}

void world::run_others(host& waiting, time_point deadline) {
  now_ += nanoseconds(dice_.below(2'000));
  run_due();
  while (waiting.has_nothing() && now_ < deadline) {
    if (!step(&waiting)) give_up("host " + waiting.name() + " waits for what can never happen");
  }
}

void world::end() {
  for (const auto& each : hosts_) each->end();
  // What the network still has on its way comes to nothing.
  while (!events_.empty()) {
    now_ = std::max(now_, events_.front().when);
    run_due();
  }
}

void world::note(std::string_view what, std::uint64_t which, std::uint64_t how_much) {
  const auto mix = [this](std::uint64_t value) {
    trace_ = (trace_ ^ value) * 0x9e37'79b9'7f4a'7c15;
    trace_ ^= trace_ >> 32;
  };
  for (const char each : what) mix(static_cast<unsigned char>(each));
  mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  mix(which);
  mix(how_much);
  if (tells_) tell(what, which, how_much);
}

void world::tell(std::string_view what, std::uint64_t which, std::uint64_t how_much) const {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch()).count();
  std::fprintf(stderr, "%12lld %.*s %llu %llu\n", static_cast<long long>(us) - 86'400'000'000LL,
               static_cast<int>(what.size()), what.data(), static_cast<unsigned long long>(which),
               static_cast<unsigned long long>(how_much));
}

void world::watch(std::string name, const socket& watched, bool has_heartbeats) {
  if (tells_ || has_heartbeats) watched_.push_back({std::move(name), const_cast<socket&>(watched).monitor()});
}

void world::tell_events() {
  for (watched_socket& each : watched_) {
    while (const std::optional<monocoque::event> happened = each.events.try_receive()) {
      if (tells_) tell(each.name + ": " + happened->text(), 0, 0);
      check(each, *happened);
    }
  }
}

void world::check(const watched_socket& whose, const monocoque::event& happened) {
  if (happened.kind != event_kind::heartbeat_missed) return;
  note("heartbeat missed");
  if (!disturbed_.contains(host::connection_of(happened.peer_address)))
    complain(whose.name + ": gave up a peer that was there: " + happened.text());
}

void world::complain(std::string what) { complaints_.push_back(std::move(what)); }

std::uint64_t world::note_connection(const host& from, const host& to) {
  ++connections_[{&from, &to}];
  return ++connections_made_;
}

std::uint64_t world::connections(const host& from, const host& to) const {
  const auto found = connections_.find({&from, &to});
  return found == connections_.end() ? 0 : found->second;
}

void world::note_end(const host& from, const host& to, std::uint64_t written, std::uint64_t read) {
  loss& sum = losses_[{&from, &to}];
  sum.read += read;
  if (written <= read) return;
  sum.bytes += written - read;
  sum.connections += 1;
}

world::loss world::lost(const host& from, const host& to) const {
  const auto found = losses_.find({&from, &to});
  return found == losses_.end() ? loss{} : found->second;
}

}  // namespace monocoque::simulation
