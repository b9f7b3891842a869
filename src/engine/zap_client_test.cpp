#include "engine/zap_client.hpp"

#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

namespace monocoque::engine {
namespace {

/// Counts the verdicts by their status.
class counting_sink final : public detail::auth_sink {
 public:
  void answered(auth_verdict verdict) noexcept override {
    ++seen[verdict.status];
    if (verdict.flaw == zap_flaw::no_reply) ++no_replies;
    if (verdict.reason == "the ZAP handler cannot be asked") ++not_asked;
  }
  std::map<auth_verdict::status_code, std::size_t> seen;
  std::size_t no_replies = 0;
  std::size_t not_asked = 0;
};

/// A handler that takes nothing from its queue.
class zap_client_of_a_stuck_handler : public testing::Test {
 protected:
  zap_client_of_a_stuck_handler() {
    context_ = context_core::make(true, {}).value();
    handler_ = socket_core::make(context_, socket_type::router, {}).value();
    handler_->bind("inproc://zeromq.zap.01").value();
    about_.mechanism = "PLAIN";
  }
  ~zap_client_of_a_stuck_handler() override {
    handler_->begin_close();
    context_->finish();
  }
  void ask(zmtp::time_point until) { context_->zap().ask(about_, auth_answer(sink_), until); }

  std::shared_ptr<context_core> context_;
  std::shared_ptr<socket_core> handler_;
  const std::shared_ptr<counting_sink> sink_ = std::make_shared<counting_sink>();
  auth_request about_;
};

TEST_F(zap_client_of_a_stuck_handler, keeps_so_many_questions_and_no_more) {
  for (std::size_t i = 0; i < zap_client::max_waiting + 10; ++i) ask(zmtp::time_point::max());
  EXPECT_EQ(sink_->seen[auth_verdict::status_code::unavailable], 10U);
}

TEST_F(zap_client_of_a_stuck_handler, does_not_fill_its_queue_with_those_that_nobody_waits_for) {
  constexpr std::size_t count = 20'000;
  for (std::size_t i = 0; i < count; ++i) ask(context_->now());
  const std::size_t in_queue = count - sink_->not_asked;
  EXPECT_GE(in_queue, zap_client::max_waiting);
  EXPECT_LE(in_queue, 2 * zap_client::max_waiting);
}

/// What was asked of one is not asked of the next.
TEST_F(zap_client_of_a_stuck_handler, gives_up_what_it_asked_when_another_takes_its_place) {
  for (int i = 0; i < 3; ++i) ask(zmtp::time_point::max());
  EXPECT_TRUE(sink_->seen.empty());
  handler_->begin_close();
  handler_ = socket_core::make(context_, socket_type::router, {}).value();
  handler_->bind("inproc://zeromq.zap.01").value();
  ask(zmtp::time_point::max());
  EXPECT_EQ(sink_->seen[auth_verdict::status_code::unavailable], 3U);
  EXPECT_EQ(sink_->no_replies, 3U);
}

TEST_F(zap_client_of_a_stuck_handler, gives_up_what_it_asked_when_that_goes) {
  for (int i = 0; i < 3; ++i) ask(zmtp::time_point::max());
  handler_->begin_close();
  while (sink_->no_replies < 3) context_->main_loop().run_once(io::time_point::max());
  EXPECT_EQ(sink_->seen[auth_verdict::status_code::unavailable], 3U);
}

}  // namespace
}  // namespace monocoque::engine
