#include <monocoque/poller.hpp>

#include "api/poller_state.hpp"

#include <utility>

namespace monocoque {

poller::poller(context& owner) : state_(std::make_shared<state>(owner.core())) {}
poller::~poller() = default;

void poller::set(const socket& watched, readiness wanted) { state_->set(watched, wanted); }
void poller::set(int fd, readiness wanted) { state_->set(fd, wanted); }
void poller::remove(const socket& watched) { state_->remove(watched); }
void poller::remove(int fd) { state_->remove(fd); }

std::vector<poller::item> poller::wait(std::chrono::milliseconds timeout, std::stop_token stop) {
  const detail::time_point deadline = state_->context().deadline_after(timeout);
  const std::stop_callback on_stop(stop, [this] { state_->signal(); });
  state_->drive_if_inline();
  for (;;) {
    std::vector<item> ready = state_->collect();
    if (!ready.empty()) return ready;
    if (stop.stop_requested()) throw exception(error(errc::cancelled).with_doing("poll"));
    if (state_->context().now() >= deadline) return ready;
    state_->block(deadline);
  }
}

task<std::vector<poller::item>> poller::async_wait(std::chrono::milliseconds timeout) {
  const std::shared_ptr<state> held = state_;
  const detail::time_point deadline = held->context().deadline_after(timeout);
  const std::stop_token stop = co_await this_task::stop_token();
  for (;;) {
    std::vector<item> ready = held->collect();
    if (!ready.empty()) co_return ready;
    if (stop.stop_requested()) throw exception(error(errc::cancelled).with_doing("poll"));
    if (held->context().now() >= deadline) co_return ready;
    state::change awaited(held, deadline);
    co_await awaited;
  }
}

}  // namespace monocoque
