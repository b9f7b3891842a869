// How options of a socket change while it is in use.
#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/send_limits.hpp"
#include "engine/socket_core.hpp"

#include <monocoque/option_names.hpp>

#include <mutex>
#include <string>
#include <utility>

namespace monocoque::engine {

/// Brings the queues there are up to the limits that hold now. With the monitor held.
class socket_core::renewal {
 public:
  explicit renewal(socket_core& of) noexcept : of_(of) {}
  void of_sent() noexcept;
  void of_received() noexcept;
  void of_inproc(const socket_options& before) noexcept;

 private:
  socket_core& of_;
};

socket_core::shared_options socket_core::current_options() {
  const std::lock_guard lock(mutex_);
  return options_;
}

result<void> socket_core::change_options(socket_options changed) {
  const std::string_view doing = "change options";
  if (result<void> checked = check_options(type_, changed); !checked)
    return std::move(checked).error().with_doing(std::string(doing));
  auto next = std::make_shared<const socket_options>(std::move(changed));
  shared_options before;  // what may end with it is the application's: not with the monitor held
  const hold lock(mutex_, owes_calls_);
  if (!usable()) return why_unusable(doing);
  const bool other_queues = next->conflate != options_->conflate || next->when_full != options_->when_full;
  if (other_queues && has_endpoints()) {
    return error(make_error_code(errc::wrong_state), "conflate and when_full are fixed by the first endpoint")
        .with_doing(std::string(doing));
  }
  pattern_->change_settings(pattern_settings(*next, *context_));
  // From here on nothing fails.
  before = std::exchange(options_, std::move(next));
  limits_ = queue_limits::of(type_, *options_, *context_);
  send_timeout_.store(options_->send_timeout, std::memory_order_relaxed);
  receive_timeout_.store(options_->receive_timeout, std::memory_order_relaxed);
  admission_.change_limits(*options_);
  pause_accept_for(for_handshakes, admission_.handshakes_exhausted());
  renewal renewed(*this);
  renewed.of_sent();
  renewed.of_received();
  renewed.of_inproc(*before);
  // What a waiting sender or receiver was told may be true no longer.
  notify(direction::send);
  notify(direction::receive);
  return {};
}

bool socket_core::has_endpoints() const noexcept {
  return !everything_over() || !inproc_.empty() || !inproc_names_.empty() || peers_.count() != 0;
}

void socket_core::renewal::of_sent() noexcept {
  const auto for_each_queue = [this](auto visit) {
    for (const pipe_table::place& each : of_.peers_) {
      pipe* const one = each.tenant.get();
      if (one != nullptr && !one->leaving && !one->inproc) visit(*one);
    }
  };
  send_limits limits(of_);
  of_.out_total_ = 0;
  for_each_queue([&](pipe& queue) {
    queue.mark = of_.limits_.send_mark;
    queue.counted_out = 0;
    limits.count(queue);
  });
  of_.waits_for_total_ = of_.out_total_ >= of_.limits_.send_total;
  for_each_queue([&](pipe& queue) { limits.look_again_at(queue); });
}

void socket_core::renewal::of_received() noexcept {
  of_.in_total_.set_capacity(of_.limits_.receive_total);
  for (const pipe_table::place& each : of_.peers_) {
    if (each.tenant) each.tenant->in.set_limits(of_.limits_.receive_bytes, of_.permits_of_all());
  }
  of_.paused_for_total_ = false;
  const bool has_room = !of_.admits_on_arrival_ || of_.pattern_->has_room();
  for (const pipe_table::place& each : of_.peers_) {
    pipe* const one = each.tenant.get();
    if (one == nullptr || !one->reading_paused || one->link == nullptr) continue;
    if (of_.at_receive_limit(*one) || !has_room) {
      of_.paused_for_total_ = of_.paused_for_total_ || of_.in_total_.exhausted();
      continue;
    }
    one->reading_paused = false;
    of_.report_high_water(event_kind::high_water_left, *one, false);
    one->link->resume_reading_soon();
  }
}

void socket_core::renewal::of_inproc(const socket_options& before) noexcept {
  const inproc_marks marks = inproc_marks::of(*of_.options_);
  if (marks == inproc_marks::of(before)) return;
  for (const std::shared_ptr<pipe>& each : of_.inproc_) {
    inproc_end& end = *each->inproc;
    end.channel->set_marks(end.side, marks);
    of_.look_at_room(*each, true);
    of_.owe_call(end);
  }
}

}  // namespace monocoque::engine
