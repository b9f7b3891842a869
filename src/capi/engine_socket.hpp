#pragma once

#include "engine/socket_core.hpp"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace monocoque::capi {

/// The engine's socket behind one of zmq.h: the same from beginning to end, but that ZMQ_ROUTER_RAW makes
/// another of a ROUTER that has not been used yet. One thread replaces it at a time; whoever has just looked
/// at the older one finds it closed.
class engine_socket {
 public:
  explicit engine_socket(std::shared_ptr<engine::socket_core> first) : now_(first.get()) {
    all_.push_back(std::move(first));
  }

  [[nodiscard]] engine::socket_core* operator->() const noexcept {
    return now_.load(std::memory_order_acquire);
  }
  [[nodiscard]] engine::socket_core& operator*() const noexcept { return *operator->(); }
  /// Not while it is being replaced.
  [[nodiscard]] const std::shared_ptr<engine::socket_core>& shared() const noexcept { return all_.back(); }

  /// The one before ends. It stays until `let_go`, for whoever has just looked at it.
  void replace(std::shared_ptr<engine::socket_core> other) {
    all_.push_back(std::move(other));
    now_.store(all_.back().get(), std::memory_order_release);
    all_[all_.size() - 2]->begin_close();
  }
  /// Nobody may use it after that.
  [[nodiscard]] std::shared_ptr<engine::socket_core> let_go() noexcept {
    std::shared_ptr<engine::socket_core> last = std::move(all_.back());
    now_.store(nullptr, std::memory_order_release);
    all_.clear();
    return last;
  }

 private:
  std::vector<std::shared_ptr<engine::socket_core>> all_;  // the last is the one
  std::atomic<engine::socket_core*> now_;
};

}  // namespace monocoque::capi
