#include "engine/in_queue.hpp"

#include <utility>

namespace monocoque::engine {

void in_queue::set_limits(std::size_t byte_limit, io::permits* of_all) noexcept {
  bytes_.set_capacity(byte_limit);
  if (of_all == of_all_) return;
  if (of_all_ != nullptr) of_all_->release(bytes_.held());
  if (of_all != nullptr) of_all->acquire(bytes_.held());
  of_all_ = of_all;
}

void in_queue::push(bytes run, std::uint32_t count) {
  if (count == 0) return;
  const std::size_t size = run.size();
  const std::ptrdiff_t taken = runs_.empty() ? 0 : cursor_ - runs_.front().data.data();
  runs_.push_back({std::move(run), count});
  messages_ += count;
  bytes_.acquire(size);
  if (of_all_ != nullptr) of_all_->acquire(size);
  start_run();  // which may have moved, and its bytes with it if they are few
  cursor_ += taken;
}

std::uint64_t in_queue::keep_newest() {
  if (messages_ <= 1) return 0;
  const std::uint64_t dropped = messages_ - 1;
  while (messages_ > 1) pop(front().size());
  return dropped;
}

/// The part of the first run that is left becomes the whole of it.
void in_queue::cut_taken() noexcept {
  if (taken_ == 0) return;
  run_of& first = runs_.front();
  first.data = first.data.slice(static_cast<std::size_t>(cursor_ - first.data.data()));
  first.count -= std::exchange(taken_, 0U);
  start_run();
}

void in_queue::push_front_all(in_queue& older) {
  if (older.empty()) return;
  older.cut_taken();
  cut_taken();
  runs_.reserve(runs_.size() + older.runs_.size());
  for (std::size_t i = older.runs_.size(); i-- > 0;) runs_.push_front(std::move(older.runs_[i]));
  messages_ += std::exchange(older.messages_, 0);
  bytes_.acquire(older.byte_size());
  older.bytes_.release(older.byte_size());
  older.runs_.clear();
  start_run();
}

void in_queue::start_run() noexcept {
  const bytes& run = runs_.front().data;
  cursor_ = run.data();
  run_end_ = run.end();
  owner_ = run.owner();
}

void in_queue::next_run() noexcept {
  runs_.pop_front();
  taken_ = 0;
  if (!runs_.empty()) {
    start_run();
  } else if (runs_.capacity() > max_kept_runs) {
    runs_.release();
  }
}

}  // namespace monocoque::engine
