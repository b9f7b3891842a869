// The process runs out of descriptors, and gets them back.

#include "tests/faults/victim.hpp"
#include "tests/socket/sanitizers.hpp"
#include "tests/socket/support.hpp"

#include <monocoque/monocoque.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace monocoque::test {
namespace {

/// As `ulimit -n`, for as long as it lives.
class descriptor_limit {
 public:
  explicit descriptor_limit(rlim_t more_than_open) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    ::close(next);
    const rlimit tight{.rlim_cur = static_cast<rlim_t>(next) + more_than_open, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  descriptor_limit(const descriptor_limit&) = delete;
  descriptor_limit& operator=(const descriptor_limit&) = delete;

 private:
  rlimit before_{};
};

TEST(limits, running_out_of_descriptors_pauses_accepting_until_some_are_free) {
  if (checks_need_descriptors()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  context ctx;
  pull ours(ctx);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  push good(ctx);
  good.connect(ours.last_endpoint());
  good.send("before");
  EXPECT_EQ(must_receive(ours).view(), "before");
  {
    victim crowd({"monocoque", "crowd", ours.last_endpoint(), "100"});
    const descriptor_limit tight(20);
    crowd.await_bound();  // all of the hundred are connected
    const event refused = await_event(events, event_kind::accept_failed);
    EXPECT_EQ(refused.reason.code(), std::errc::too_many_files_open) << refused.text();
    EXPECT_EQ(refused.endpoint, ours.last_endpoint());
    for (int i = 0; i < 100; ++i) {
      good.send(std::to_string(i));
      EXPECT_EQ(must_receive(ours).view(), std::to_string(i));
    }
    crowd.kill();
    // Still under the limit, each of the crowd is let in after all, and found to have gone.
    for (int gone = 0; gone < 100;) {
      const event next = events.receive_for(as_result, patience).value();
      if (next.kind == event_kind::handshake_failed) ++gone;
      if (next.kind == event_kind::accept_failed && next.reason.code() != std::errc::too_many_files_open)
        ++gone;
    }
    victim late({"monocoque", "source", ours.last_endpoint(), "late"});
    EXPECT_EQ(must_receive(ours).view(), "late");
  }
}

TEST(limits, without_a_descriptor_to_be_had_calls_say_so) {
  if (checks_need_descriptors()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  context ctx;
  push ours(ctx);
  monitor events = ours.monitor();
  ours.connect("tcp://127.0.0.1:1");
  (void)await_event(events, event_kind::connect_retried);
  const descriptor_limit tight(0);
  EXPECT_EQ(code_thrown_by([&] { ours.bind("tcp://127.0.0.1:0"); }), std::errc::too_many_files_open);
  EXPECT_EQ(code_thrown_by([] { const context another; }), std::errc::too_many_files_open);
  // Who cannot open a socket tries again, and says why.
  for (;;) {
    const event next = await_event(events, event_kind::connect_retried);
    if (next.reason.code() == std::errc::too_many_files_open) break;
  }
}

}  // namespace
}  // namespace monocoque::test
