// Calls out of turn, on what is over, or on objects that do not fit together.

#include "tests/misuse/wrong_use.hpp"

#include <csignal>
#include <unistd.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr const char* out_of_turn = "tcp://127.0.0.1:1: not allowed in the socket's current state ";

std::vector<wrong_use> out_of_order() {
  return {
      {"REQ sends twice", own(errc::wrong_state),
       "send "s + out_of_turn + "(the reply to the last request comes first)",
       [](stage& on) {
         auto client = lonely<req>(on.ctx);
         client.send("one");
         client.send("two");
       }},
      {"REQ tries to send twice", own(errc::wrong_state),
       "send "s + out_of_turn + "(the reply to the last request comes first)",
       [](stage& on) {
         auto client = lonely<req>(on.ctx);
         client.send("one");
         (void)client.try_send("two");
       }},
      {"REQ sends twice in a coroutine", own(errc::wrong_state),
       "send "s + out_of_turn + "(the reply to the last request comes first)",
       [](stage& on) {
         auto client = lonely<req>(on.ctx);
         const auto twice = [](req& with) -> task<> {
           co_await with.async_send("one");
           co_await with.async_send("two");
         };
         on.ctx.run(twice(client));
       }},
      {"REQ receives first", own(errc::wrong_state), "receive "s + out_of_turn + "(a request goes first)",
       [](stage& on) { (void)lonely<req>(on.ctx).receive(); }},
      {"REQ receives the answer twice", own(errc::wrong_state),
       "receive inproc://name: not allowed in the socket's current state (a request goes first)",
       [](stage& on) {
         rep server(on.ctx);
         server.bind("inproc://name");
         req client(on.ctx);
         client.connect("inproc://name");
         client.send("question");
         server.send(must_receive(server));
         (void)must_receive(client);
         (void)client.receive();
       }},
      {"REP sends first", own(errc::wrong_state), "send "s + out_of_turn + "(a request comes first)",
       [](stage& on) { lonely<rep>(on.ctx).send("answer"); }},
      {"REP sends before it is bound", own(errc::wrong_state),
       "send: not allowed in the socket's current state (a request comes first)",
       [](stage& on) { rep(on.ctx).send("answer"); }},
      {"REP receives twice", own(errc::wrong_state),
       "receive inproc://name: not allowed in the socket's current state (the reply to the last request goes "
       "first)",
       [](stage& on) {
         rep server(on.ctx);
         server.bind("inproc://name");
         req client(on.ctx);
         client.connect("inproc://name");
         client.send("question");
         (void)must_receive(server);
         (void)server.receive();
       }},
      {"a ROUTER's message without a peer", own(errc::invalid_argument),
       "send tcp://127.0.0.1:1: invalid argument (a ROUTER's message begins with a frame that names its "
       "peer)",
       [](stage& on) { lonely<router>(on.ctx).send("whom?"); }},
      {"a ROUTER's message of no frame", own(errc::invalid_argument),
       "send tcp://127.0.0.1:1: invalid argument (a ROUTER's message begins with a frame that names its "
       "peer)",
       [](stage& on) { lonely<router>(on.ctx).send(std::span<const frame_view>()); }},
      {"a ROUTER's message to nobody", own(errc::unroutable),
       "send tcp://127.0.0.1:1, peer \"bob\": no peer with this routing id",
       [](stage& on) { lonely<router>(on.ctx, {.router_mandatory = true}).send({"bob", "hello"}); }},
      {"a ROUTER's message to nobody in a coroutine", own(errc::unroutable),
       "send tcp://127.0.0.1:1, peer \"\\x00\\xff\": no peer with this routing id",
       [](stage& on) {
         auto out = lonely<router>(on.ctx, {.router_mandatory = true});
         const auto send = [](router& with) -> task<> {
           message letter = message::of({"\0\xff"s, "hello"s});
           co_await with.async_send(std::move(letter));
         };
         on.ctx.run(send(out));
       }},
      {"a ROUTER's message to an id of 300 bytes", own(errc::unroutable),
       "send tcp://127.0.0.1:1, peer \"" + std::string(64, 'i') + "...\": no peer with this routing id",
       [](stage& on) {
         message letter = message::of({std::string(300, 'i'), "hello"s});
         lonely<router>(on.ctx, {.router_mandatory = true}).send(as_result, letter).value();
       }},
      {"an XPUB that is not manual", own(errc::not_supported),
       "subscribe the last peer: not supported (report_subscriptions must be manual or last_value)",
       [](stage& on) { xpub(on.ctx).subscribe_last_peer("topic"); }},
      {"an XPUB that is not manual cancels", own(errc::not_supported),
       "unsubscribe the last peer: not supported (report_subscriptions must be manual or last_value)",
       [](stage& on) { xpub(on.ctx).unsubscribe_last_peer("topic"); }},
      {"frame 2 of 2", {}, "message::at: frame 2 of 2", [](stage&) { (void)message::of({"a", "b"}).at(2); }},
      {"frame 1 of a default message",
       {},
       "message::at: frame 1 of 1",
       [](stage&) { (void)message().at(1); }},
  };
}

std::vector<wrong_use> impatient() {
  return {
      {"nobody to send to", own(errc::timed_out), "send: timed out",
       [](stage& on) { push(on.ctx, {.send_timeout = 1ms}).send("to nobody"); }},
      {"nothing to receive", own(errc::timed_out), "receive inproc://name: timed out",
       [](stage& on) {
         pull in(on.ctx, {.receive_timeout = 1ms});
         in.bind("inproc://name");
         (void)in.receive();
       }},
      {"nothing to receive for a coroutine", own(errc::timed_out), "receive tcp://127.0.0.1:1: timed out",
       [](stage& on) {
         auto in = lonely<pull>(on.ctx, {.receive_timeout = 1ms});
         const auto receive = [](pull& from) -> task<> { (void)co_await from.async_receive(); };
         on.ctx.run(receive(in));
       }},
      {"a timeout below 0", own(errc::timed_out), "timed out",
       [](stage& on) { (void)lonely<pull>(on.ctx).receive_for(as_result, -1ms).value(); }},
      {"a send with a timeout below 0", own(errc::timed_out), "timed out",
       [](stage& on) {
         message letter("to nobody");
         push(on.ctx).send_for(as_result, letter, -5ms).value();
       }},
      {"a token that has fired", own(errc::cancelled), "receive tcp://127.0.0.1:1: cancelled",
       [](stage& on) {
         std::stop_source fired;
         fired.request_stop();
         (void)lonely<pull>(on.ctx).receive(fired.get_token());
       }},
      {"a token that has fired before a send", own(errc::cancelled), "send: cancelled",
       [](stage& on) {
         std::stop_source fired;
         fired.request_stop();
         push(on.ctx).send("to nobody", fired.get_token());
       }},
      {"a token that has fired before a poll", own(errc::cancelled), "poll: cancelled",
       [](stage& on) {
         std::stop_source fired;
         fired.request_stop();
         poller nothing(on.ctx);
         (void)nothing.wait(infinite, fired.get_token());
       }},
      {"a token that has fired before a wait for events", own(errc::cancelled), "receive an event: cancelled",
       [](stage& on) {
         std::stop_source fired;
         fired.request_stop();
         const pull in(on.ctx);
         pull watched(on.ctx);
         monitor events = watched.monitor();
         (void)events.receive(fired.get_token());
       }},
  };
}

/// The same calls on sockets of a kind that they must be refused on.
struct late_call {
  std::string name;
  std::string doing;
  std::function<void(pull& in, push& out)> act;
};

std::vector<late_call> late_calls() {
  return {
      {"receive", "receive inproc://in", [](pull& in, push&) { (void)in.receive(); }},
      {"receive_for", "receive inproc://in", [](pull& in, push&) { (void)in.receive_for(1s); }},
      {"receive as result", "receive inproc://in",
       [](pull& in, push&) { (void)in.receive(as_result).value(); }},
      {"try_receive", "receive inproc://in", [](pull& in, push&) { (void)in.try_receive(); }},
      {"try_receive as result", "receive inproc://in",
       [](pull& in, push&) { (void)in.try_receive(as_result).value(); }},
      {"send", "send inproc://out", [](pull&, push& out) { out.send("late"); }},
      {"send frames", "send inproc://out", [](pull&, push& out) { out.send({"too", "late"}); }},
      {"send in place", "send inproc://out",
       [](pull&, push& out) { out.send_in_place(1, [](std::span<std::byte> to) { to[0] = {}; }); }},
      {"send as result", "send inproc://out",
       [](pull&, push& out) { out.send(as_result, message("late")).value(); }},
      {"send_for", "send inproc://out",
       [](pull&, push& out) {
         message letter("late");
         (void)out.send_for(letter, 1s);
       }},
      {"try_send", "send inproc://out", [](pull&, push& out) { (void)out.try_send("late"); }},
      {"bind", "bind tcp://127.0.0.1:0", [](pull& in, push&) { in.bind("tcp://127.0.0.1:0"); }},
      {"bind inproc", "bind inproc://again", [](pull& in, push&) { in.bind("inproc://again"); }},
      {"connect", "connect tcp://127.0.0.1:1", [](pull& in, push&) { in.connect("tcp://127.0.0.1:1"); }},
      {"connect inproc", "connect inproc://again", [](pull& in, push&) { in.connect("inproc://again"); }},
      {"unbind", "unbind inproc://in", [](pull& in, push&) { in.unbind("inproc://in"); }},
      {"disconnect", "disconnect inproc://out", [](pull&, push& out) { out.disconnect("inproc://out"); }},
      {"disconnect of a peer", "disconnect peer x",
       [](pull& in, push&) {
         peer_info peer;
         peer.address = "x";
         in.disconnect(peer);
       }},
  };
}

std::string name_of_late(const testing::TestParamInfo<late_call>& call) {
  std::string name = call.param.name;
  std::ranges::replace(name, ' ', '_');
  return name;
}
void PrintTo(const late_call& call, std::ostream* out) { *out << call.name; }

class late_calls_are : public testing::TestWithParam<late_call> {
 protected:
  late_calls_are() {
    in_.bind("inproc://in");
    out_.connect("inproc://out");
  }
  void expect(errc code, const std::string& message, pull& in, push& out) {
    expect_refusal({"", own(code), message, [&](stage&) { GetParam().act(in, out); }}, on_);
  }

  stage on_;
  pull in_{on_.ctx};
  push out_{on_.ctx, {.linger = 0ms}};
};

TEST_P(late_calls_are, refused_on_a_closed_socket) {
  in_.close();
  out_.close();
  expect(errc::closed, GetParam().doing + ": socket is closed", in_, out_);
}

TEST_P(late_calls_are, refused_in_a_context_that_was_shut_down) {
  on_.ctx.shutdown();
  expect(errc::terminated, GetParam().doing + ": context was shut down", in_, out_);
}

TEST_P(late_calls_are, refused_when_the_context_is_gone) {
  auto gone = std::make_unique<context>();
  pull in(*gone);
  push out(*gone, {.linger = 0ms});
  in.bind("inproc://in");
  out.connect("inproc://out");
  gone.reset();
  expect(errc::terminated, GetParam().doing + ": context was shut down", in, out);
}

TEST_P(late_calls_are, refused_on_an_object_that_was_moved_from) {
  const pull new_in = std::move(in_);
  const push new_out = std::move(out_);
  expect(errc::closed, "...socket is closed (this object was moved from)", in_,
         out_);  // NOLINT(bugprone-use-after-move)
}

INSTANTIATE_TEST_SUITE_P(each, late_calls_are, testing::ValuesIn(late_calls()), name_of_late);

TEST(moved_from, sockets_can_be_asked_closed_and_destroyed) {
  context ctx;
  push first(ctx);
  const push second = std::move(first);
  // NOLINTBEGIN(bugprone-use-after-move)
  EXPECT_EQ(first.close(), 0U);
  EXPECT_EQ(first.options().linger, infinite);
  EXPECT_EQ(code_thrown_by([&] { (void)first.stats(); }), errc::closed);
  EXPECT_EQ(code_thrown_by([&] { (void)first.peer_count(); }), errc::closed);
  EXPECT_EQ(code_thrown_by([&] { (void)first.monitor(); }), errc::closed);
  EXPECT_EQ(code_thrown_by([&] { (void)first.can_send(); }), errc::closed);
  EXPECT_EQ(code_thrown_by([&] { first.pause_accept(); }), errc::closed);
  const auto send = [](push& out) -> task<> { co_await out.async_send("x"); };
  EXPECT_EQ(code_thrown_by([&] { ctx.run(send(first)); }), errc::closed);
  // NOLINTEND(bugprone-use-after-move)
  first = push(ctx);
  EXPECT_FALSE(first.can_send());
}

std::vector<wrong_use> over() {
  return {
      {"a socket in a context that was shut down", own(errc::terminated),
       "PULL socket: context was shut down",
       [](stage& on) {
         on.ctx.shutdown();
         const pull late(on.ctx);
       }},
      {"subscribe on a closed socket", own(errc::closed), "subscribe: socket is closed",
       [](stage& on) {
         sub in(on.ctx);
         in.close();
         in.subscribe("topic");
       }},
      {"unsubscribe on a closed socket", own(errc::closed), "unsubscribe tcp://127.0.0.1:1: socket is closed",
       [](stage& on) {
         auto in = lonely<xsub>(on.ctx);
         in.close();
         in.unsubscribe("topic");
       }},
      {"the events of a closed socket", own(errc::closed), "receive an event: socket is closed",
       [](stage& on) {
         pull in(on.ctx);
         monitor events = in.monitor();
         in.close();
         (void)events.receive();
       }},
      {"a monitor of a closed socket", own(errc::closed), "receive an event: socket is closed",
       [](stage& on) {
         pull in(on.ctx);
         in.close();
         (void)in.monitor().receive();
       }},
      {"a poll of a closed socket", own(errc::closed), "poll inproc://name: socket is closed",
       [](stage& on) {
         pull in(on.ctx);
         in.bind("inproc://name");
         poller both(on.ctx);
         both.set(in, readiness::readable);
         in.close();
         (void)both.wait();
       }},
      {"a poll in a context that was shut down", own(errc::terminated), "poll: context was shut down",
       [](stage& on) {
         const pull in(on.ctx);
         poller both(on.ctx);
         both.set(in, readiness::readable);
         on.ctx.shutdown();
         (void)both.wait();
       }},
      {"a join_handle joined twice", own(errc::invalid_argument),
       "invalid argument (the join_handle is empty)",
       [](stage& on) {
         const auto nothing = []() -> task<> { co_return; };
         join_handle<> handle = on.ctx.spawn(nothing());
         handle.join();
         handle.join();
       }},
      {"an empty task", own(errc::invalid_argument), "invalid argument (the task is empty)",
       [](stage& on) { on.ctx.run(task<>()); }},
      {"an empty task awaited", own(errc::invalid_argument), "invalid argument (the task is empty)",
       [](stage& on) {
         const auto wait = [](task<> none) -> task<> { co_await std::move(none); };
         on.ctx.run(wait(task<>()));
       }},
      {"an empty task among several", own(errc::invalid_argument), "invalid argument (the task is empty)",
       [](stage& on) {
         const auto all = []() -> task<> { (void)co_await when_all(task<>(), task<>()); };
         on.ctx.run(all());
       }},
      {"a signal that is none", std::make_error_code(std::errc::invalid_argument),
       "waiting for signal 999: Invalid argument", [](stage&) { const stop_on_signals none{999}; }},
      {"a signal that cannot be caught", std::make_error_code(std::errc::invalid_argument),
       "waiting for signal 9: Invalid argument", [](stage&) { const stop_on_signals none{SIGKILL}; }},
  };
}

std::vector<wrong_use> of_things_that_do_not_fit() {
  const std::error_code bad_descriptor = std::make_error_code(std::errc::bad_file_descriptor);
  return {
      {"a poll of no descriptor", bad_descriptor, "poll descriptor -1: bad file descriptor",
       [](stage& on) { poller(on.ctx).set(-1, readiness::readable); }},
      {"a poll of a descriptor that is closed", bad_descriptor, "poll descriptor ...: bad file descriptor",
       [](stage& on) {
         poller one(on.ctx);
         const int closed = ::dup(0);
         ::close(closed);
         one.set(closed, readiness::readable);
       }},
      {"a poll of a socket of another context", own(errc::invalid_argument),
       "poll inproc://name: invalid argument (the socket is of another context)",
       [](stage& on) {
         context other;
         pull in(other);
         in.bind("inproc://name");
         poller(on.ctx).set(in, readiness::readable);
       }},
      {"a poll of a socket that was moved from", own(errc::closed),
       "poll: socket is closed (this object was moved from)",
       [](stage& on) {
         pull in(on.ctx);
         const pull moved = std::move(in);
         poller(on.ctx).set(in, readiness::readable);  // NOLINT(bugprone-use-after-move)
       }},
      {"a proxy between two that only send", own(errc::not_supported),
       "proxy: not supported (neither side can pass messages to the other)",
       [](stage& on) {
         push one(on.ctx), other(on.ctx);
         proxy(one, other);
       }},
      {"a proxy between two that only receive", own(errc::not_supported),
       "proxy: not supported (neither side can pass messages to the other)",
       [](stage& on) {
         pull one(on.ctx);
         sub other(on.ctx);
         proxy(one, other);
       }},
      {"a proxy with a capture that does not send", own(errc::not_supported),
       "proxy: not supported (a capture socket of type PULL)",
       [](stage& on) {
         pull from(on.ctx), capture(on.ctx);
         push to(on.ctx);
         proxy(from, to, &capture);
       }},
      {"a proxy steered by a PUSH", own(errc::not_supported),
       "proxy: not supported (a control socket of type PUSH)",
       [](stage& on) {
         pull from(on.ctx);
         push to(on.ctx), control(on.ctx);
         proxy_steerable(from, to, nullptr, control);
       }},
      {"a proxy coroutine steered by a REQ", own(errc::not_supported),
       "proxy: not supported (a control socket of type REQ)",
       [](stage& on) {
         pull from(on.ctx);
         push to(on.ctx);
         req control(on.ctx);
         on.ctx.run(async_proxy(from, to, nullptr, &control));
       }},
      {"a proxy between two inline contexts", own(errc::invalid_argument),
       "proxy: invalid argument (sockets of an inline context and of another)",
       [](stage&) {
         context one(inline_loop), other(inline_loop);
         pull from(one);
         push to(other);
         proxy(from, to);
       }},
      {"a proxy between a threaded and an inline context", own(errc::invalid_argument),
       "proxy: invalid argument (sockets of an inline context and of another)",
       [](stage& on) {
         context other(inline_loop);
         pull from(on.ctx);
         push to(other);
         proxy(from, to);
       }},
      {"a proxy from a socket that was moved from", own(errc::closed),
       "proxy: socket is closed (this object was moved from)",
       [](stage& on) {
         pull from(on.ctx);
         push to(on.ctx);
         const pull moved = std::move(from);
         proxy(from, to);  // NOLINT(bugprone-use-after-move)
       }},
      {"a proxy of a REQ out of turn", own(errc::wrong_state),
       "receive tcp://127.0.0.1:1: not allowed in the socket's current state (a request goes first)",
       [](stage& on) {
         auto from = lonely<req>(on.ctx);
         auto to = lonely<dealer>(on.ctx);
         proxy(from, to);
       }},
  };
}

class wrong_calls_are : public testing::TestWithParam<wrong_use> {};
TEST_P(wrong_calls_are, refused_with_what_they_were_about) {
  stage on;
  expect_refusal(GetParam(), on);
}

INSTANTIATE_TEST_SUITE_P(out_of_order, wrong_calls_are, testing::ValuesIn(out_of_order()), name_of_use);
INSTANTIATE_TEST_SUITE_P(impatient, wrong_calls_are, testing::ValuesIn(impatient()), name_of_use);
INSTANTIATE_TEST_SUITE_P(over, wrong_calls_are, testing::ValuesIn(over()), name_of_use);
INSTANTIATE_TEST_SUITE_P(of_things_that_do_not_fit, wrong_calls_are,
                         testing::ValuesIn(of_things_that_do_not_fit()), name_of_use);

}  // namespace
}  // namespace monocoque::test
