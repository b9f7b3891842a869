#include "base/slab.hpp"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <utility>

namespace monocoque::base {

slab::slab(std::shared_ptr<slab_pool> home, std::size_t capacity)
    : buffer(&slab::dispose),
      home_(std::move(home)),
      memory_(std::make_unique_for_overwrite<std::byte[]>(capacity)),
      capacity_(capacity) {}

void slab::dispose(buffer* self) noexcept {
  auto* returned = static_cast<slab*>(self);
  // The pool must outlive put_back, so its reference is held here until that is over.
  const std::shared_ptr<slab_pool> home = std::move(returned->home_);
  home->put_back(returned);
}

std::shared_ptr<slab_pool> slab_pool::make(std::size_t slab_size, std::size_t max_spare) {
  std::shared_ptr<slab_pool> pool(new slab_pool(slab_size, max_spare));
  pool->free_.reserve(pool->limit_.most());  // so that put_back, which may not fail, never allocates
  return pool;
}

slab_pool::~slab_pool() {
  for (slab* spare : free_) delete spare;
}

slab* slab_pool::take() {
  slab* taken = nullptr;
  {
    const std::lock_guard lock(mutex_);
    limit_.note_taken(in_use() + 1);
    if (!free_.empty()) {
      taken = free_.back();
      free_.pop_back();
    }
  }
  if (taken != nullptr) {
    taken->reborn();
    taken->home_ = shared_from_this();
  } else {
    taken = new slab(shared_from_this(), slab_size_);
  }
  in_use_.fetch_add(1, std::memory_order_relaxed);
  return taken;
}

void slab_pool::put_back(slab* returned) noexcept {
  const slab* surplus = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t most = limit_.note_returned(in_use_.fetch_sub(1, std::memory_order_relaxed) - 1);
    if (free_.size() < most) {
      free_.push_back(returned);
      return;
    }
    if (free_.size() > most) {
      surplus = free_.back();
      free_.pop_back();
    }
  }
  delete returned;
  delete surplus;
}

std::size_t slab_pool::spare() const {
  const std::lock_guard lock(mutex_);
  return free_.size();
}

slab_writer::~slab_writer() {
  if (current_ != nullptr) current_->release();
}

std::span<std::byte> slab_writer::room(std::size_t min_size) {
  assert(min_size <= pool_->slab_size());
  if (current_ != nullptr && current_->unique())
    used_ = 0;  // every slice is gone: start over in the same slab
  if (current_ == nullptr || current_->capacity() - used_ < min_size) {
    if (current_ != nullptr) std::exchange(current_, nullptr)->release();
    current_ = pool_->take();
    used_ = 0;
  }
  return {current_->data() + used_, current_->capacity() - used_};
}

bytes slab_writer::commit(std::size_t size) noexcept {
  assert(current_ != nullptr && size <= current_->capacity() - used_);
  const std::byte* start = current_->data() + used_;
  used_ += size;
  return bytes::share(*current_, start, size);
}

}  // namespace monocoque::base
