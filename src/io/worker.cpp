#include "io/worker.hpp"

#include "base/ring.hpp"
#include "io/signals.hpp"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace monocoque::io {

struct worker::shared {
  std::mutex mutex;
  std::condition_variable changed;
  base::ring<std::function<void()>> waiting;
  bool started = false;
  bool closed = false;
};

worker::worker() : state_(std::make_shared<shared>()) {}

worker::~worker() {
  base::ring<std::function<void()>> dropped;  // destroyed outside of the lock: captures may do anything
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
    dropped.swap(state_->waiting);
  }
  state_->changed.notify_one();
}

result<void> worker::submit(std::function<void()> job) {
  const std::lock_guard lock(state_->mutex);
  if (state_->waiting.size() >= max_waiting) return errc::would_block;
  if (!state_->started) {
    try {
      const signals_blocked guard;
      std::thread([state = state_] { run(state); }).detach();
    } catch (const std::system_error& failure) {
      return error(failure.code()).with_doing("start a thread");
    }
    state_->started = true;
  }
  state_->waiting.push_back(std::move(job));
  state_->changed.notify_one();
  return {};
}

void worker::run(const std::shared_ptr<shared>& state) noexcept {
  std::unique_lock lock(state->mutex);
  for (;;) {
    state->changed.wait(lock, [&] { return state->closed || !state->waiting.empty(); });
    if (state->closed) return;
    {
      const std::function<void()> job = std::move(state->waiting.front());
      state->waiting.pop_front();
      lock.unlock();
      job();
    }  // gone, with what it captured, before the lock is taken again
    lock.lock();
  }
}

}  // namespace monocoque::io
