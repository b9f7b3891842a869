#include "tests/interop/zap_handler.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <stdexcept>

namespace monocoque::test {

zap_question::zap_question(const frames& asked) {
  if (asked.size() < 6)
    throw std::runtime_error("a ZAP request of " + std::to_string(asked.size()) + " frames");
  std::size_t next = 0;
  for (std::string* const each : {&version, &request_id, &domain, &address, &identity, &mechanism})
    *each = asked[next++];
  credentials.assign(asked.begin() + 6, asked.end());
}

std::string encoded(const std::vector<std::pair<std::string, std::string>>& metadata) {
  std::string text;
  for (const auto& [name, value] : metadata) {
    text += static_cast<char>(name.size());
    text += name;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value.size() >> shift & 0xff);
    text += value;
  }
  return text;
}

frames zap_reply(const zap_question& to, const std::string& status, const std::string& user_id,
                 const std::vector<std::pair<std::string, std::string>>& metadata) {
  return {to.version, to.request_id, status, "so be it", user_id, encoded(metadata)};
}

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
    zap_question question(handler_.receive());
    handler_.send(decide_it(question));
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(question));
  }
}

std::vector<zap_question> zap_handler::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

}  // namespace monocoque::test
