#include <monocoque/detail/event_operation.hpp>

#include "engine/event_queue.hpp"
#include "engine/event_waiter.hpp"

#include <utility>

namespace monocoque::detail {

event_operation::~event_operation() {
  if (waiter_ != nullptr)
    engine::event_waiter::abandon(std::unique_ptr<engine::event_waiter>(std::exchange(waiter_, nullptr)));
}

bool event_operation::attempt() {
  outcome_ = queue_->take_or_join(nullptr);
  return outcome_.has_value();
}

bool event_operation::suspend(std::coroutine_handle<> coroutine, scheduler& home,
                              const std::stop_token& stop) {
  if (stop.stop_requested()) {
    outcome_ = errc::cancelled;
    return false;
  }
  waiter_ = std::make_unique<engine::event_waiter>(*this, coroutine, home).release();
  return waiter_->start(stop);
}

}  // namespace monocoque::detail
