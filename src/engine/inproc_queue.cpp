#include "engine/inproc_queue.hpp"

#include "base/relax.hpp"

#include <algorithm>
#include <bit>
#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

std::uint64_t half_of(std::uint64_t limit) noexcept {
  return std::max<std::uint64_t>(limit / 2 + limit % 2, 1);
}

}  // namespace

inproc_queue::~inproc_queue() {
  while (front() != nullptr) static_cast<void>(pop());
  // The chunk in use is the last: all before it were handed back.
  if (front_ == nullptr) front_ = first_;
  for (chunk* list : {front_, spare_, returned_.load(std::memory_order_relaxed)}) {
    while (list != nullptr) delete std::exchange(list, list->next);
  }
}

/// The last chunk is full, or there is none.
void inproc_queue::begin_chunk() {
  if (spare_ == nullptr) spare_ = returned_.exchange(nullptr, std::memory_order_acquire);
  chunk* fresh = spare_;
  if (fresh != nullptr) {
    spare_ = std::exchange(fresh->next, nullptr);
  } else {
    fresh = new chunk;
    chunks_.fetch_add(1, std::memory_order_relaxed);
  }
  (back_ != nullptr ? back_->next : first_) = fresh;
  back_ = fresh;
}

/// What is asked for lies behind the chunk in use, or in the very first.
void inproc_queue::enter_chunk() noexcept {
  if (front_ == nullptr) {
    front_ = first_;
    return;
  }
  chunk* const used = std::exchange(front_, front_->next);
  front_base_ += chunk_size;
  hand_back(used);
}

void inproc_queue::hand_back(chunk* used) noexcept {
  if (chunks_.load(std::memory_order_relaxed) > max_kept_chunks) {
    chunks_.fetch_sub(1, std::memory_order_relaxed);
    delete used;
    return;
  }
  chunk* top = returned_.load(std::memory_order_relaxed);
  do {
    used->next = top;
  } while (!returned_.compare_exchange_weak(top, used, std::memory_order_release, std::memory_order_relaxed));
}

bool inproc_queue::full_indeed(std::uint64_t end, std::uint64_t limit) noexcept {
  known_head_ = gone_of(head_.load(std::memory_order_acquire), limit);
  if (end - known_head_ < limit) return false;
  starving_.store(true, std::memory_order_seq_cst);
  known_head_ = gone_of(head_.load(std::memory_order_seq_cst), limit);
  if (end - known_head_ >= limit) return true;
  starving_.store(false, std::memory_order_relaxed);
  return false;
}

bool inproc_queue::half_empty() noexcept {
  const std::uint64_t limit = limit_.load(std::memory_order_relaxed);
  const std::uint64_t head = head_.load(std::memory_order_acquire);
  known_head_ = gone_of(head, limit);
  return tail_.load(std::memory_order_relaxed) - head <= limit / 2;
}

std::uint64_t inproc_queue::gone_of(std::uint64_t head, std::uint64_t limit) const noexcept {
  if (!counts_in_halves_) return head;
  return head - head % half_of(limit);
}

bool inproc_queue::sender_may_go_on() noexcept {
  if (!starving_.load(std::memory_order_seq_cst)) return false;
  const std::uint64_t left = tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_relaxed);
  return left <= limit_.load(std::memory_order_relaxed) / 2 &&
         starving_.exchange(false, std::memory_order_acq_rel);
}

void inproc_queue::set_limit(std::uint64_t messages) noexcept {
  limit_.store(messages, std::memory_order_relaxed);
  const std::uint64_t quarter = std::bit_floor(std::max<std::uint64_t>(messages / 4, 1));
  look_mask_.store(quarter - 1, std::memory_order_relaxed);
  if (counts_in_halves_ && messages != unlimited) half_.store(half_of(messages), std::memory_order_relaxed);
}

/// Finds out what else was added. Two threads that go at the same pace would pass each message's memory, and
/// that of the indices, from core to core one by one: a receiver that keeps finding little gives the sender a
/// moment, some 200 ns, so that the next look finds several.
void inproc_queue::look_again() noexcept {
  constexpr std::uint32_t patience = 4;
  constexpr std::uint64_t little = 8;
  constexpr int moment = 16;
  if (short_looks_ >= patience) {
    for (int i = 0; i < moment; ++i) base::relax();
  }
  const std::uint64_t before = std::exchange(known_tail_, tail_.load(std::memory_order_acquire));
  const std::uint64_t found = known_tail_ - before;
  if (found == 0) {
    short_looks_ = 0;
  } else if (found < little) {
    ++short_looks_;
  }
}

bool inproc_queue::rest() noexcept {
  // For the sender's sake; see above.
  head_.store(head_.load(std::memory_order_relaxed), std::memory_order_seq_cst);
  hungry_.store(true, std::memory_order_seq_cst);
  known_tail_ = tail_.load(std::memory_order_seq_cst);
  if (front() == nullptr) return true;
  hungry_.store(false, std::memory_order_relaxed);
  return false;
}

void inproc_queue::keep_newest_only() {
  if (newest_) return;
  set_limit(unlimited);
  newest_ = std::make_unique<newest>();
  shown_newest_.store(newest_.get(), std::memory_order_release);
}

bool inproc_queue::replace(inproc_kind kind, message&& what) {
  message old;  // destroyed outside
  ++newest_added_;
  {
    const std::lock_guard lock(newest_->mutex);
    if (newest_->there) ++replaced_;
    old = std::exchange(newest_->what, std::move(what));
    newest_->kind = kind;
    newest_->there = true;
  }
  return receiver_waits();
}

/// What was taken out to be looked at gives way to what has come since.
inproc_entry* inproc_queue::front_of_newest() noexcept {
  newest* const from = shown_newest_.load(std::memory_order_acquire);
  if (from == nullptr) return nullptr;
  known_tail_ = tail_.load(std::memory_order_acquire);
  if (head_.load(std::memory_order_relaxed) != known_tail_) return front();  // older than what is there
  const std::lock_guard lock(from->mutex);
  if (std::exchange(from->there, false)) {
    if (std::exchange(has_taken_, true)) ++superseded_;
    taken_.what = std::move(from->what);
    taken_.kind = from->kind;
  }
  return has_taken_ ? &taken_ : nullptr;
}

std::uint64_t inproc_queue::drop_older() noexcept {
  newest* const from = shown_newest_.load(std::memory_order_acquire);
  bool newer = false;
  if (from != nullptr) {
    const std::lock_guard lock(from->mutex);
    newer = from->there;
  }
  const std::uint64_t kept = newer ? 0 : 1;
  const std::uint64_t end = tail_.load(std::memory_order_acquire);
  // Nobody waits for room: a queue that conflates has no limit.
  for (; end - head_.load(std::memory_order_relaxed) > kept && front() != nullptr; ++superseded_) {
    static_cast<void>(pop());
  }
  static_cast<void>(front());
  return std::exchange(superseded_, 0);
}

bool inproc_queue::pop_newest() noexcept {
  taken_.what.clear();
  has_taken_ = false;
  ++newest_taken_count_;
  return false;
}

}  // namespace monocoque::engine
