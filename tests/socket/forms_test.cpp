// Each form of send and receive: plain, nothrow, with a deadline, trying, cancelled, as a coroutine.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class forms : public testing::TestWithParam<const char*> {
 protected:
  forms() {
    in_.bind(GetParam());
    out_.connect(in_.last_endpoint());
  }
  context ctx_;
  dealer in_{ctx_};
  dealer out_{ctx_};
  dealer lonely_{ctx_};  // nobody to talk to
};

TEST_P(forms, plain) {
  out_.send("one");
  EXPECT_EQ(in_.receive().view(), "one");
}

TEST_P(forms, as_result) {
  message what("two");
  ASSERT_TRUE(out_.send(as_result, what));
  EXPECT_EQ(what, message()) << "a message that was sent is left empty";
  const result<message> received = in_.receive(as_result);
  ASSERT_TRUE(received);
  EXPECT_EQ(received->view(), "two");
}

TEST_P(forms, with_a_deadline) {
  message what("three");
  EXPECT_TRUE(out_.send_for(what, patience));
  EXPECT_EQ(in_.receive_for(patience)->view(), "three");
  EXPECT_FALSE(in_.receive_for(1ms));
  const result<message> late = in_.receive_for(as_result, 1ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), errc::timed_out);
  EXPECT_FALSE(in_.receive_for(0ms));
}

TEST_P(forms, without_waiting) {
  const std::optional<message> nothing = in_.try_receive();
  EXPECT_FALSE(nothing);
  EXPECT_EQ(in_.try_receive(as_result).error(), errc::would_block);
  out_.send("x");  // waits for the connection
  EXPECT_EQ(must_receive(in_).view(), "x");
  EXPECT_TRUE(out_.try_send("four"));
  EXPECT_EQ(must_receive(in_).view(), "four");
}

TEST_P(forms, a_message_that_was_not_sent_is_untouched) {
  message what = message::of({"keep", "me"});
  const message before = what;
  EXPECT_FALSE(lonely_.try_send(what));
  EXPECT_EQ(what, before);
  EXPECT_EQ(lonely_.try_send(as_result, what).error(), errc::would_block);
  EXPECT_EQ(what, before);
  EXPECT_FALSE(lonely_.send_for(what, 1ms));
  EXPECT_EQ(what, before);
  EXPECT_EQ(lonely_.send_for(as_result, what, 1ms).error(), errc::timed_out);
  EXPECT_EQ(what, before);
}

TEST_P(forms, frames_are_sent_from_the_callers_memory) {
  const std::string topic = "topic";
  const std::array<std::byte, 2> raw{std::byte{0}, std::byte{255}};
  const bytes shared = bytes::copy(std::string(20'000, 's'));
  const message expected = message::of({topic, raw, "text", shared});
  out_.send({topic, raw, "text", shared});
  EXPECT_EQ(in_.receive(), expected);
  EXPECT_TRUE(out_.try_send({topic, raw, "text", shared}));
  EXPECT_EQ(in_.receive(), expected);
  const std::vector<frame_view> none;
  out_.send(none);
  EXPECT_EQ(in_.receive(), message());
  EXPECT_FALSE(lonely_.try_send({"a", "b"}));
  dealer impatient(ctx_, {.send_timeout = 1ms});
  EXPECT_EQ(code_thrown_by([&] { impatient.send({"a", "b"}); }), errc::timed_out);
}

TEST_P(forms, frames_are_addressed_and_wrapped_as_messages_are) {
  router server(ctx_);
  server.bind("tcp://127.0.0.1:0");
  req client(ctx_);
  client.connect(server.last_endpoint());
  client.send({"one", "two"});
  const message request = server.receive();
  ASSERT_EQ(request.size(), 4U);
  EXPECT_EQ(request[1], "");
  EXPECT_EQ(request[3], "two");
  server.send({request[0], "", "answer", std::string(300, 'x')});
  EXPECT_EQ(client.receive(), message::of({"answer", std::string(300, 'x')}));
}

TEST_P(forms, timeouts_of_the_socket_are_for_the_plain_forms) {
  dealer impatient(ctx_, {.send_timeout = 1ms, .receive_timeout = 1ms});
  EXPECT_EQ(code_thrown_by([&] { impatient.send("x"); }), errc::timed_out);
  EXPECT_EQ(code_thrown_by([&] { (void)impatient.receive(); }), errc::timed_out);
  EXPECT_EQ(impatient.receive(as_result).error(), errc::timed_out);
}

TEST_P(forms, are_cancelled_by_a_stop_token_that_fired_before) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_thrown_by([&] { (void)in_.receive(stop.get_token()); }), errc::cancelled);
  message what("x");
  EXPECT_EQ(lonely_.send(as_result, what, stop.get_token()).error(), errc::cancelled);
  EXPECT_EQ(what.view(), "x");
}

TEST_P(forms, are_cancelled_by_a_stop_token_while_they_wait) {
  std::stop_source stop;
  std::jthread receiver(
      [&] { EXPECT_EQ(in_.receive(as_result, stop.get_token()).error(), errc::cancelled); });
  std::jthread sender([&] {
    message what("x");
    EXPECT_EQ(lonely_.send(as_result, what, stop.get_token()).error(), errc::cancelled);
  });
  std::this_thread::sleep_for(5ms);  // not needed for the outcome; makes it likely that both wait
  stop.request_stop();
}

TEST_P(forms, end_when_the_socket_is_closed) {
  std::jthread receiver([&] { EXPECT_EQ(in_.receive(as_result).error(), errc::closed); });
  std::jthread sender([&] {
    message what("x");
    EXPECT_EQ(lonely_.send(as_result, what).error(), errc::closed);
  });
  std::this_thread::sleep_for(5ms);  // as above
  in_.close();
  lonely_.close();
  receiver.join();
  EXPECT_EQ(in_.receive(as_result).error(), errc::closed);
  EXPECT_EQ(in_.try_receive(as_result).error(), errc::closed);
  EXPECT_EQ(in_.bind(as_result, "tcp://127.0.0.1:0").error(), errc::closed);
}

task<> each_coroutine_form(dealer& in, dealer& out, dealer& lonely) {
  co_await out.async_send("one");
  const message one = co_await in.async_receive();
  EXPECT_EQ(one.view(), "one");

  const result<void> sent = co_await out.async_send(as_result, "two");
  EXPECT_TRUE(sent);
  const result<message> two = co_await in.async_receive(as_result);
  EXPECT_EQ(two.value().view(), "two");

  const std::optional<message> none = co_await in.async_receive_for(1ms);
  EXPECT_FALSE(none);
  co_await out.async_send("three");
  const std::optional<message> three = co_await in.async_receive_for(patience);
  EXPECT_TRUE(three && three->view() == "three");

  try {
    task<> hopeless = [](dealer& socket) -> task<> { co_await socket.async_send("x"); }(lonely);
    co_await timeout(std::move(hopeless), 1ms);
    ADD_FAILURE() << "sent to nobody";
  } catch (const exception& failure) {
    EXPECT_EQ(failure.code(), errc::timed_out);
  }
}

task<> send_frames(dealer& in, dealer& out, dealer& lonely) {
  const std::array<frame_view, 3> frames{"one", "", "three"};
  for (int i = 0; i < 1000; ++i) {  // more than may be sent in a row
    co_await out.async_send(frames);
    const message got = co_await in.async_receive();
    EXPECT_EQ(got, message::of(frames));
  }
  try {
    task<> hopeless = [](dealer& socket, std::span<const frame_view> what) -> task<> {
      co_await socket.async_send(what);
    }(lonely, frames);
    co_await timeout(std::move(hopeless), 1ms);
    ADD_FAILURE() << "sent to nobody";
  } catch (const exception& failure) {
    EXPECT_EQ(failure.code(), errc::timed_out);
  }
}

TEST_P(forms, frames_from_coroutines_on_a_threaded_context) { ctx_.run(send_frames(in_, out_, lonely_)); }

TEST_P(forms, frames_from_coroutines_on_an_inline_context) {
  context ctx(inline_loop);
  dealer in(ctx), out(ctx), lonely(ctx);
  in.bind("tcp://127.0.0.1:0");
  out.connect(in.last_endpoint());
  ctx.run(send_frames(in, out, lonely));
}

/// Long strings are taken over, short ones encoded where they are; in the middle of a stream and when the
/// sender must wait.
task<> send_strings(dealer& in, dealer& out, dealer& lonely) {
  std::string text(100'000, 'x');
  const char* const place = text.data();
  co_await out.async_send(std::move(text));
  EXPECT_NE(text.data(), place);  // NOLINT(bugprone-use-after-move): that is what is tested
  const message long_one = co_await in.async_receive();
  EXPECT_EQ(long_one.view(), std::string(100'000, 'x'));

  std::string shorter(5'000, 'y');
  co_await out.async_send(std::move(shorter));
  EXPECT_EQ(shorter.size(), 5'000U);  // NOLINT(bugprone-use-after-move)
  const message short_one = co_await in.async_receive();
  EXPECT_EQ(short_one.view(), std::string(5'000, 'y'));

  for (const std::size_t size : {100U, 5'000U, 100'000U}) {
    task<> hopeless = [](dealer& socket, std::size_t length) -> task<> {
      co_await socket.async_send(std::string(length, 'z'));
    }(lonely, size);
    try {
      co_await timeout(std::move(hopeless), 1ms);
      ADD_FAILURE() << "sent to nobody";
    } catch (const exception& failure) {
      EXPECT_EQ(failure.code(), errc::timed_out);
    }
  }
}

TEST_P(forms, strings_from_coroutines_on_a_threaded_context) { ctx_.run(send_strings(in_, out_, lonely_)); }

TEST_P(forms, strings_from_coroutines_on_an_inline_context) {
  context ctx(inline_loop);
  dealer in(ctx), out(ctx), lonely(ctx);
  in.bind("tcp://127.0.0.1:0");
  out.connect(in.last_endpoint());
  ctx.run(send_strings(in, out, lonely));
}

TEST_P(forms, coroutines_on_a_threaded_context) { ctx_.run(each_coroutine_form(in_, out_, lonely_)); }

TEST_P(forms, coroutines_on_an_inline_context) {
  context ctx(inline_loop);
  dealer in(ctx), out(ctx), lonely(ctx);
  in.bind("tcp://127.0.0.1:0");
  out.connect(in.last_endpoint());
  ctx.run(each_coroutine_form(in, out, lonely));
}

task<errc> why_receive_ends(dealer& in) {
  const result<message> received = co_await in.async_receive(as_result);
  if (received) co_return errc::internal;
  co_return static_cast<errc>(received.error().code().value());
}

TEST_P(forms, a_coroutine_that_waits_is_cancelled_through_its_handle) {
  join_handle<errc> waiting = ctx_.spawn(why_receive_ends(in_));
  waiting.request_stop();
  EXPECT_EQ(waiting.join(), errc::cancelled);
}

TEST_P(forms, a_coroutine_that_waits_is_told_that_the_socket_closes) {
  join_handle<errc> waiting = ctx_.spawn(why_receive_ends(in_));
  in_.close();
  EXPECT_EQ(waiting.join(), errc::closed);
}

TEST_P(forms, a_message_may_wait_for_the_receiver) {
  for (int i = 0; i < 500; ++i) out_.send(std::to_string(i));
  for (int i = 0; i < 500; ++i) EXPECT_EQ(must_receive(in_).view(), std::to_string(i));
}

INSTANTIATE_TEST_SUITE_P(all, forms, testing::Values("tcp://127.0.0.1:0", "inproc://forms"),
                         [](const auto& parameter) {
                           const std::string endpoint = parameter.param;
                           return endpoint.substr(0, endpoint.find(':'));
                         });

}  // namespace
}  // namespace monocoque::test
