#include "engine/fan_out.hpp"

namespace monocoque::engine {

void fan_out::turn_to(std::uint64_t selection) noexcept {
  targets_.clear();
  inproc_.clear();
  full_.clear();
  queue_ = nullptr;
  selection_ = selection;
}

void fan_out::add(pipe& target) {
  targets_.push_back(&target);
  if (targets_.size() == 1) {
    queue_ = &target.out;
    return;
  }
  if (!run_) run_.emplace(target.slabs);
  queue_ = &*run_;
}

void fan_out::give_to_all() noexcept {
  open_ = false;
  left_ = 0;
  if (!full_.empty()) count_drops();
  since_ = 0;
  if (!run_ || run_->empty()) return;
  for (pipe* const each : targets_) {
    if (run_->share_with(each->out)) continue;
    each->counters.drop(drop_reason::no_memory, run_->messages());
    dropped_ += run_->messages();
    dropped_for_memory_ += run_->messages();
  }
  run_->start_anew();
}

void fan_out::count_drops() noexcept {
  for (pipe* const each : full_) each->counters.drop(drop_reason::full, since_);
  dropped_ += since_ * full_.size();
}

}  // namespace monocoque::engine
