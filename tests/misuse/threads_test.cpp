// Calls on the wrong thread: blocking where the work would have to be done, or beside who does it.

#include "tests/misuse/wrong_use.hpp"

#include <exception>
#include <memory>
#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

task<> block_in(pull& from) {
  (void)from.receive();
  co_return;
}
task<> block_on_events(monitor& of) {
  (void)of.receive();
  co_return;
}
task<> block_in_poll(context& ctx, pull& from) {
  poller one(ctx);
  one.set(from, readiness::readable);
  (void)one.wait();
  co_return;
}
task<> wait_for(poller& on) { (void)co_await on.async_wait(); }
task<> nothing() { co_return; }
task<> run_inside(context& ctx) {
  ctx.run(nothing());
  co_return;
}
task<> poll_inside(context& ctx) {
  (void)ctx.poll();
  co_return;
}
task<> proxy_inside(pull& from, push& to) {
  proxy(from, to);
  co_return;
}
task<> wait_twice(poller& on) {
  join_handle<> first = spawn(co_await this_task::scheduler(), wait_for(on));
  co_await this_task::yield();
  co_await wait_for(on);
}

constexpr const char* blocking = ": blocking here would wait for this very thread ";
constexpr const char* in_a_coroutine = "(in a coroutine, await the asynchronous call)";
constexpr const char* runs_its_loop = "(a coroutine of an inline context must not run its loop)";
constexpr const char* driven = ": not supported (only inline contexts are driven by the application)";
constexpr const char* of_another =
    ": not allowed on this thread (an inline context belongs to the thread that ran it first)";

/// What `act` throws on a thread of its own, thrown here.
void on_another_thread(const std::function<void()>& act) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      act();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

std::vector<wrong_use> on_the_wrong_thread() {
  return {
      {"a blocking receive in a coroutine", own(errc::would_deadlock),
       "receive tcp://127.0.0.1:1"s + blocking + in_a_coroutine,
       [](stage& on) {
         auto in = lonely<pull>(on.ctx);
         on.ctx.run(block_in(in));
       }},
      {"a blocking receive in a coroutine of an inline context", own(errc::would_deadlock),
       "receive tcp://127.0.0.1:1"s + blocking + runs_its_loop,
       [](stage&) {
         context ctx(inline_loop);
         auto in = lonely<pull>(ctx);
         ctx.run(block_in(in));
       }},
      {"blocking on events in a coroutine", own(errc::would_deadlock),
       "receive an event"s + blocking + in_a_coroutine,
       [](stage& on) {
         pull in(on.ctx);
         monitor events = in.monitor();
         on.ctx.run(block_on_events(events));
       }},
      {"blocking on events in a coroutine of an inline context", own(errc::would_deadlock),
       "receive an event"s + blocking + runs_its_loop,
       [](stage&) {
         context ctx(inline_loop);
         pull in(ctx);
         monitor events = in.monitor();
         ctx.run(block_on_events(events));
       }},
      {"a blocking poll in a coroutine", own(errc::would_deadlock), "poll"s + blocking + in_a_coroutine,
       [](stage& on) {
         pull in(on.ctx);
         on.ctx.run(block_in_poll(on.ctx, in));
       }},
      {"a blocking poll in a coroutine of an inline context", own(errc::would_deadlock),
       "poll"s + blocking + runs_its_loop,
       [](stage&) {
         context ctx(inline_loop);
         pull in(ctx);
         ctx.run(block_in_poll(ctx, in));
       }},
      {"run in run", own(errc::would_deadlock), "blocking here would wait for this very thread",
       [](stage& on) { on.ctx.run(run_inside(on.ctx)); }},
      {"run in run of an inline context", own(errc::would_deadlock), "run"s + blocking + runs_its_loop,
       [](stage&) {
         context ctx(inline_loop);
         ctx.run(run_inside(ctx));
       }},
      {"poll in run of an inline context", own(errc::would_deadlock), "poll"s + blocking + runs_its_loop,
       [](stage&) {
         context ctx(inline_loop);
         ctx.run(poll_inside(ctx));
       }},
      {"a proxy in a coroutine", own(errc::would_deadlock), "blocking here would wait for this very thread",
       [](stage& on) {
         pull from(on.ctx);
         push to(on.ctx);
         on.ctx.run(proxy_inside(from, to));
       }},
      {"a proxy in a coroutine of an inline context", own(errc::would_deadlock),
       "proxy"s + blocking + runs_its_loop,
       [](stage&) {
         context ctx(inline_loop);
         pull from(ctx);
         push to(ctx);
         ctx.run(proxy_inside(from, to));
       }},
      {"poll on a threaded context", own(errc::not_supported), "poll"s + driven,
       [](stage& on) { (void)on.ctx.poll(); }},
      {"run_for on a threaded context", own(errc::not_supported), "run_for"s + driven,
       [](stage& on) { (void)on.ctx.run_for(1ms); }},
      {"fd of a threaded context", own(errc::not_supported), "fd"s + driven,
       [](stage& on) { (void)on.ctx.fd(); }},
      {"an inline context run by another thread", own(errc::wrong_thread), "run_for"s + of_another,
       [](stage&) {
         context ctx(inline_loop);
         (void)ctx.poll();
         on_another_thread([&] { (void)ctx.run_for(1s); });
       }},
      {"a receive in another thread than its inline context's", own(errc::wrong_thread),
       "receive tcp://127.0.0.1:1"s + of_another,
       [](stage&) {
         context ctx(inline_loop);
         auto in = lonely<pull>(ctx);
         (void)ctx.poll();
         on_another_thread([&] { (void)in.receive(); });
       }},
      {"events in another thread than the inline context's", own(errc::wrong_thread),
       "receive an event"s + of_another,
       [](stage&) {
         context ctx(inline_loop);
         pull in(ctx);
         monitor events = in.monitor();
         (void)ctx.poll();
         on_another_thread([&] { (void)events.receive(); });
       }},
      {"two coroutines at one poller", own(errc::wrong_state),
       "poll: not allowed in the socket's current state (another coroutine waits for the same poller)",
       [](stage& on) {
         poller one(on.ctx);
         on.ctx.run(wait_twice(one));
       }},
      {"a poller's coroutine on another context", own(errc::wrong_thread),
       "poll: not allowed on this thread (the coroutine runs on another context's loop)",
       [](stage& on) {
         context other;
         poller one(on.ctx);
         other.run(wait_for(one));
       }},
  };
}

TEST(inline_context, that_ends_on_another_thread_ends_in_time_and_leaves_nothing) {
  auto ctx = std::make_unique<context>(inline_loop);
  pull in(*ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(*ctx);
  out.connect(in.last_endpoint());
  auto nowhere = lonely<push>(*ctx, {.reconnect_interval = 1ms});
  out.send("first");
  nowhere.send("never");
  EXPECT_EQ(must_receive(in).view(), "first");
  on_another_thread([&] { ctx.reset(); });
  EXPECT_EQ(code_thrown_by([&] { (void)in.receive(); }), errc::terminated);
}

class calls_on_the_wrong_thread_are : public testing::TestWithParam<wrong_use> {};
TEST_P(calls_on_the_wrong_thread_are, refused_with_what_they_were_about) {
  stage on;
  expect_refusal(GetParam(), on);
}
INSTANTIATE_TEST_SUITE_P(each, calls_on_the_wrong_thread_are, testing::ValuesIn(on_the_wrong_thread()),
                         name_of_use);

}  // namespace
}  // namespace monocoque::test
