// Long streams and large messages: nothing lost, reordered or altered.

#include "tests/interop/convert.hpp"
#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <future>
#include <tuple>

namespace monocoque::test {
namespace {

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MONOCOQUE_UNDER_TSAN
#endif
#endif
#ifdef MONOCOQUE_UNDER_TSAN
// libzmq is not built for ThreadSanitizer, which looks at each of its messages and then drops the report:
// that is slow.
constexpr std::size_t message_count = 2'000;
#else
constexpr std::size_t message_count = 100'000;
#endif
constexpr std::size_t large_size = 64 << 20;

/// What message `number` of the stream is: sizes from 8 bytes up, every seventh in two frames.
frames stream_message(std::size_t number) {
  std::string body = std::to_string(number) + ":";
  body.resize(8 + number % 60, static_cast<char>('a' + number % 26));
  if (number % 997 == 0) body.resize(3000, static_cast<char>(number));
  if (number % 7 == 0) return {body, std::to_string(number * 31)};
  return {body};
}

std::string large_text() {
  std::string text(large_size, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>((i * 2654435761U) >> 13);
  return text;
}

/// Counts what differs, so that a broken stream fails once and not 100,000 times.
class checker {
 public:
  void see(const frames& received) {
    if (received != stream_message(next_) && wrong_++ == 0) {
      ADD_FAILURE() << "message " << next_ << " is '" << received[0].substr(0, 40) << "'";
    }
    ++next_;
  }
  ~checker() { EXPECT_EQ(wrong_, 0U); }

 private:
  std::size_t next_ = 0;
  std::size_t wrong_ = 0;
};

task<> send_stream(push& out) {
  for (std::size_t i = 0; i < message_count; ++i) {
    message next = to_message(stream_message(i));
    co_await out.async_send(std::move(next));
  }
}

task<> receive_stream(pull& in) {
  checker check;
  for (std::size_t i = 0; i < message_count; ++i) {
    const std::optional<message> next = co_await in.async_receive_for(patience);
    if (!next) throw std::runtime_error("nothing after " + std::to_string(i));
    check.see(to_frames(*next));
  }
}

class stream : public testing::TestWithParam<std::tuple<wire, bool /* inline */>> {
 protected:
  [[nodiscard]] static bool is_inline() { return std::get<1>(GetParam()); }
  [[nodiscard]] std::string endpoint() const { return fresh_endpoint(std::get<0>(GetParam()), folder_); }
  static std::unique_ptr<context> make_context() {
    return is_inline() ? std::make_unique<context>(inline_loop) : std::make_unique<context>();
  }

  temporary_folder folder_;
  zmq_context libzmq_;
};

TEST_P(stream, of_100000_messages_arrives_from_libzmq_in_order) {
  const std::unique_ptr<context> ctx = make_context();
  pull in(*ctx);
  in.bind(endpoint());
  auto sender = std::async(std::launch::async, [&, to = in.last_endpoint()] {
    zmq_peer peer(libzmq_, socket_type::push);
    peer.connect(to);
    for (std::size_t i = 0; i < message_count; ++i) peer.send(stream_message(i));
  });
  if (is_inline()) {
    EXPECT_NO_THROW(ctx->run(receive_stream(in)));
  } else {
    checker check;
    for (std::size_t i = 0; i < message_count; ++i) check.see(to_frames(must_receive(in)));
  }
  sender.get();
}

TEST_P(stream, of_100000_messages_arrives_at_libzmq_in_order) {
  const std::unique_ptr<context> ctx = make_context();
  zmq_peer peer(libzmq_, socket_type::pull);
  push out(*ctx);
  out.connect(peer.bind(endpoint()));
  auto receiver = std::async(std::launch::async, [&] {
    checker check;
    for (std::size_t i = 0; i < message_count; ++i) check.see(peer.receive());
  });
  if (is_inline()) {
    EXPECT_NO_THROW(ctx->run(send_stream(out)));
  } else {
    for (std::size_t i = 0; i < message_count; ++i) out.send(to_message(stream_message(i)));
  }
  // Not closed yet: a libzmq reader that is held back loses what it has not read when an ipc peer hangs up.
  while (is_inline() && receiver.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    ctx->run_for(std::chrono::milliseconds(10));
  }
  EXPECT_NO_THROW(receiver.get());
  EXPECT_EQ(out.close(patience), 0U);
}

TEST_P(stream, takes_64_megabytes_in_one_message_both_ways) {
  const std::unique_ptr<context> ctx = make_context();
  dealer ours(*ctx);
  ours.bind(endpoint());
  const std::string text = large_text();
  auto echo = std::async(std::launch::async, [&, to = ours.last_endpoint()] {
    zmq_peer peer(libzmq_, socket_type::dealer);
    peer.connect(to);
    peer.send(peer.receive());
  });
  const auto talk = [](dealer& side, std::string what) -> task<std::string> {
    co_await side.async_send(std::move(what));
    const message back = co_await side.async_receive();
    co_return back.str();
  };
  std::string back;
  if (is_inline()) {
    back = ctx->run(talk(ours, text));
  } else {
    ours.send(text);
    back = must_receive(ours).str();
  }
  EXPECT_EQ(back.size(), text.size());
  EXPECT_TRUE(back == text);
  echo.get();
}

INSTANTIATE_TEST_SUITE_P(all, stream,
                         testing::Combine(testing::Values(wire::tcp, wire::ipc), testing::Bool()),
                         [](const auto& parameter) {
                           return std::string(std::get<0>(parameter.param) == wire::tcp ? "tcp" : "ipc") +
                                  (std::get<1>(parameter.param) ? "_inline" : "_threaded");
                         });

}  // namespace
}  // namespace monocoque::test
