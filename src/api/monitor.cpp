#include <monocoque/monitor.hpp>

#include "engine/deadline.hpp"
#include "engine/event_queue.hpp"

#include <utility>

namespace monocoque {

result<event> monitor::receive(as_result_tag, std::stop_token stop) {
  return queue_->take(std::chrono::steady_clock::time_point::max(), stop);
}
result<event> monitor::receive_for(as_result_tag, std::chrono::milliseconds timeout, std::stop_token stop) {
  return queue_->take(engine::deadline_after(timeout), stop);
}
std::optional<event> monitor::try_receive() { return queue_->try_take(); }

}  // namespace monocoque
