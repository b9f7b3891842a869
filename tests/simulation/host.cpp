#include "tests/simulation/host.hpp"

#include "engine/context_core.hpp"
#include "io/loop.hpp"
#include "tests/simulation/driver.hpp"
#include "tests/simulation/world.hpp"

#include <cerrno>
#include <utility>
#include <vector>

namespace monocoque::simulation {

host::host(world& in, std::string name, unsigned number, std::uint32_t address)
    : world_(in),
      name_(std::move(name)),
      number_(number),
      address_(address),
      slabs_(base::slab_pool::make()) {
  std::vector<std::unique_ptr<io::loop>> loops;
  loops.push_back(io::loop::with_driver(std::make_unique<driver>(*this, slabs_), slabs_));
  // The network is a part of the world, which outlives the context.
  engine::context_ground ground{.network = {std::shared_ptr<void>(), this}, .seed = world_.dice().next() | 1};
  context_ = std::make_unique<monocoque::context>(
      std::make_shared<engine::context_core>(true, std::move(loops), context_options{}, std::move(ground)));
}

host::~host() { end(); }

bool host::has_nothing() const noexcept { return driver_ == nullptr || driver_->has_nothing(); }

time_point host::sleeps_until() const noexcept {
  return driver_ == nullptr ? time_point::max() : driver_->sleeps_until();
}

bool host::runnable() const noexcept {
  if (driver_ == nullptr || ticked_ || waits_) return false;
  return !settled_ || !driver_->has_nothing() || driver_->sleeps_until() <= world_.now();
}

void host::tick() {
  ticked_ = true;
  const result<std::size_t> done = context_->core()->tick(time_point::max());
  ticked_ = false;
  settled_ = done && *done == 0 && has_nothing();
  ticks_in_vain_ = done && *done > 0 ? 0 : ticks_in_vain_ + 1;
}

void host::die(bool silently, time_point until) {
  world_.note(silently ? "dies silently" : "dies", number_);
  dead_ = true;
  off_until_ = silently ? until : world_.now();
  limit_descriptors(0);
  const auto part = [&](node& of) {
    const std::shared_ptr<wire> line = std::exchange(of.line, std::make_shared<wire>(world_, of, of, 0));
    of.line->sever();
    world_.note_disturbed(of.connection);
    if (silently) {
      line->lose_machine(of.end, until);
    } else {
      line->close(of.end);
    }
  };
  for (const auto& [fd, each] : nodes_) {
    if (each->line) part(*each);
    for (const auto& waiting : std::exchange(each->waiting, {})) part(*waiting);
    each->look_soon();
  }
}

void host::cut_off(time_point until) {
  world_.note("cut off", number_);
  cut_off_until_ = std::max(cut_off_until_, until);
  world_.expect_trouble(until);
  for (const auto& [fd, each] : nodes_) {
    if (each->line) each->line->interrupt(until);
    for (const auto& waiting : each->waiting) waiting->line->interrupt(until);
  }
}

bool host::is_cut_off() const noexcept { return world_.now() < cut_off_until_; }

void host::end() {
  if (!context_) return;
  context_.reset();
  if (driver_ != nullptr) world_.complain(name_ + ": something keeps the context");
  if (!nodes_.empty())
    world_.complain(name_ + ": " + std::to_string(nodes_.size()) + " descriptors are open");
  if (slabs_->in_use() != 0)
    world_.complain(name_ + ": " + std::to_string(slabs_->in_use()) + " slabs in use");
}

}  // namespace monocoque::simulation
