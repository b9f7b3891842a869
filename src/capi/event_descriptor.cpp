#include "capi/event_descriptor.hpp"

#include <utility>

namespace monocoque::capi {

using engine::direction;

result<std::unique_ptr<event_descriptor>> event_descriptor::make(std::shared_ptr<engine::socket_core> core) {
  auto signals = io::signal_poll::make();
  if (!signals) return std::move(signals).error();
  std::unique_ptr<event_descriptor> made(new event_descriptor(std::move(core), *std::move(signals)));
  made->arm(direction::receive);
  made->arm(direction::send);
  return made;
}

event_descriptor::event_descriptor(std::shared_ptr<engine::socket_core> core,
                                   std::unique_ptr<io::signal_poll> signals)
    : core_(std::move(core)),
      signals_(std::move(signals)),
      reader_(io::bind_callback<&event_descriptor::wake>(this)),
      writer_(io::bind_callback<&event_descriptor::wake>(this)) {}

event_descriptor::~event_descriptor() {
  core_->leave(direction::receive, reader_);
  core_->leave(direction::send, writer_);
}

void event_descriptor::arm(direction way) noexcept {
  const std::lock_guard lock(mutex_);
  engine::waiter& joining = way == direction::receive ? reader_ : writer_;
  core_->leave(way, joining);
  if (!core_->join(way, joining)) wake();
}

}  // namespace monocoque::capi
