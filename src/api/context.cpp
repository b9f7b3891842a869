#include <monocoque/context.hpp>

#include "engine/context_core.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace monocoque {
namespace {

/// The value, or the error with what was attempted.
template <class Value>
Value value_of(result<Value> outcome, std::string_view doing) {
  if (!outcome) throw exception(std::move(outcome).error().with_doing(std::string(doing)));
  return *std::move(outcome);
}

}  // namespace

context::context(context_options options) : core_(engine::context_core::make(false, options).value()) {}
context::context(inline_loop_tag, context_options options)
    : core_(engine::context_core::make(true, options).value()) {}
context::context(std::shared_ptr<engine::context_core> core) : core_(std::move(core)) {}
context::~context() { core_->finish(); }

bool context::is_inline() const noexcept { return core_->is_inline(); }

io_driver context::driver() const noexcept {
  return core_->main_loop().driver_in_use() == io::driver_kind::uring ? io_driver::uring : io_driver::epoll;
}

context_stats context::stats() const { return core_->stats(); }

detail::scheduler& context::scheduler() noexcept { return core_->main_loop(); }
detail::task_group& context::tasks() {
  if (core_->is_foreign()) throw exception(error(errc::forked).with_doing("spawn"));
  return core_->tasks();
}

std::size_t context::poll() {
  core_->require_inline("poll").value();
  return value_of(core_->poll(), "poll");
}

std::size_t context::run_for(std::chrono::milliseconds timeout) {
  core_->require_inline("run_for").value();
  return value_of(core_->tick(core_->deadline_after(timeout)), "run_for");
}

int context::fd() {
  core_->require_inline("fd").value();
  return value_of(core_->main_loop().fd(), "fd");
}

void context::shutdown() noexcept { core_->shutdown(); }

void context::drive_until(bool (*done)(const void*), const void* argument) {
  if (!core_->is_inline()) return;
  while (!done(argument)) static_cast<void>(value_of(core_->tick(io::time_point::max()), "run"));
}

}  // namespace monocoque
