#include "tests/interop/zap_handler.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <utility>

namespace monocoque::test {

zap_handler::zap_handler(const zmq_context& owner, decide decide_it)
    : end_(owner, socket_type::pair),
      told_to_end_(owner, socket_type::pair),
      handler_(owner, socket_type::rep) {
  end_.connect(told_to_end_.bind("inproc://end-of-zap-handler"));
  handler_.bind("inproc://zeromq.zap.01");
  thread_ = std::thread([this, decide_it = std::move(decide_it)] { EXPECT_NO_THROW(serve(decide_it)); });
}

zap_handler::~zap_handler() {
  end_.send({"end"});
  thread_.join();
}

void zap_handler::serve(const decide& decide_it) {
  std::array<zmq_pollitem_t, 2> ready{
      {{handler_.raw(), 0, ZMQ_POLLIN, 0}, {told_to_end_.raw(), 0, ZMQ_POLLIN, 0}}};
  for (;;) {
    zmq_poll(ready.data(), static_cast<int>(ready.size()), -1);
    if (ready[1].revents != 0) return;
    if (ready[0].revents == 0) continue;
    const zap_question question(handler_.receive());
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(question);
    }
    handler_.send(decide_it(question));
  }
}

std::vector<zap_question> zap_handler::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

}  // namespace monocoque::test
