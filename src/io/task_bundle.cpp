#include <monocoque/detail/task_bundle.hpp>

#include <monocoque/task.hpp>

namespace monocoque::detail {

task_bundle::alarm::~alarm() {
  if (armed()) bundle->environment_.scheduler->stop(*this);
}

bool task_bundle::start(std::coroutine_handle<> parent, const task_environment& outer, std::uint32_t depth) {
  parent_ = parent;
  environment_ = {outer.scheduler, source_.get_token()};
  if (deadline_ && *deadline_ != time_point::max()) {
    alarm_.bundle = this;
    alarm_.fire = [](timer& fired) noexcept {
      task_bundle& bundle = *static_cast<alarm&>(fired).bundle;
      if (bundle.source_.request_stop()) bundle.timed_out_ = true;
    };
    outer.scheduler->start(alarm_, *deadline_);
  }
  if (outer.stop.stop_possible()) outer_stop_.emplace(outer.stop, forward_stop{this});

  // One more than there are, so that members which end while others are yet to be started do not end the
  // bundle.
  running_ = 1;
  for (bundle_member& member : members_) {
    if (decided_) break;
    member.ended = &member_ended;
    member.bundle = this;
    member.promise->begin(member, environment_, depth);
    ++running_;
    member.coroutine.resume();
  }
  return --running_ != 0;
}

std::coroutine_handle<> task_bundle::member_ended(task_owner& owner) noexcept {
  const auto& member = static_cast<bundle_member&>(owner);
  task_bundle& bundle = *member.bundle;
  bundle.note_end(member);
  if (--bundle.running_ != 0) return std::noop_coroutine();
  return bundle.parent_;
}

void task_bundle::note_end(const bundle_member& member) noexcept {
  if (decided_) return;
  if (rule_ == bundle_rule::at_first_failure && !member.promise->failure()) return;
  decided_ = true;
  first_ = static_cast<std::size_t>(&member - members_.data());
  source_.request_stop();
}

}  // namespace monocoque::detail
