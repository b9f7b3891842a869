// Everything that the API hands out may be destroyed in any order.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

task<> receive_all(pull& from) {
  for (;;) {
    const result<message> received = co_await from.async_receive(as_result);
    if (!received) co_return;
  }
}

/// A conversation with all that it leaves in an application's hands.
struct belongings {
  explicit belongings(bool inline_context)
      : ctx(inline_context ? std::make_unique<context>(inline_loop) : std::make_unique<context>()),
        in(std::make_unique<pull>(*ctx)),
        events(std::make_unique<monitor>(in->monitor())) {
    in->bind("tcp://127.0.0.1:0");
    out = std::make_unique<push>(*ctx, socket_options{.linger = 0ms});
    out->connect(in->last_endpoint());
    out->send("kept");
    kept = std::make_unique<message>(must_receive(*in));
    polling = std::make_unique<poller>(*ctx);
    polling->set(*out, readiness::writable);
    (void)polling->wait();
    out->send("left");
  }

  void drop(int which) {
    switch (which) {
      case 0: ctx.reset(); break;
      case 1: in.reset(); break;
      case 2: out.reset(); break;
      case 3: events.reset(); break;
      case 4: polling.reset(); break;
      default: break;
    }
  }

  std::unique_ptr<context> ctx;
  std::unique_ptr<pull> in;
  std::unique_ptr<push> out;
  std::unique_ptr<monitor> events;
  std::unique_ptr<poller> polling;
  std::unique_ptr<message> kept;
};

class order : public testing::TestWithParam<bool> {};

TEST_P(order, of_destruction_does_not_matter) {
  std::array<int, 5> sequence{};
  std::iota(sequence.begin(), sequence.end(), 0);
  do {
    belongings all(GetParam());
    for (const int which : sequence) all.drop(which);
    EXPECT_EQ(all.kept->view(), "kept");
    EXPECT_EQ(all.kept->peer()->socket_type, "PUSH");
  } while (std::ranges::next_permutation(sequence).found);
}

TEST_P(order, of_a_coroutines_handle_and_its_context_does_not_matter) {
  for (const bool handle_first : {true, false}) {
    belongings all(GetParam());
    join_handle<> handle = all.ctx->spawn(receive_all(*all.in));
    if (handle_first) handle = {};
    all.ctx.reset();
    EXPECT_EQ(handle.done(), !handle_first);
  }
}

INSTANTIATE_TEST_SUITE_P(of, order, testing::Bool(), [](const auto& parameter) {
  return std::string(parameter.param ? "an_inline_context" : "a_threaded_context");
});

}  // namespace
}  // namespace monocoque::test
