#include <monocoque/monitor.hpp>

#include "engine/event_queue.hpp"

#include <monocoque/options.hpp>

#include <utility>

namespace monocoque {

result<event> monitor::receive(as_result_tag, std::stop_token stop) { return queue_->take(infinite, stop); }
result<event> monitor::receive_for(as_result_tag, std::chrono::milliseconds timeout, std::stop_token stop) {
  return queue_->take(timeout, stop);
}
std::optional<event> monitor::try_receive() { return queue_->try_take(); }

}  // namespace monocoque
