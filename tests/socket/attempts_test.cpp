// One attempt to connect: how long it may take, what it says when it fails, and what is sent meanwhile.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// A port whose queue of connections is full, so that the system answers no further one.
class mute_port {
 public:
  mute_port() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* const name = reinterpret_cast<sockaddr*>(&address_);
    if (::bind(listening_, name, size) != 0 || ::listen(listening_, 0) != 0 ||
        ::getsockname(listening_, name, &size) != 0)
      throw std::runtime_error("mute port");
    for (int& each : queued_) {
      each = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      static_cast<void>(::connect(each, name, size));
    }
  }
  ~mute_port() {
    for (const int each : queued_) ::close(each);
    ::close(listening_);
  }
  mute_port(const mute_port&) = delete;
  mute_port& operator=(const mute_port&) = delete;

  [[nodiscard]] std::string endpoint() const {
    return "tcp://127.0.0.1:" + std::to_string(ntohs(address_.sin_port));
  }

 private:
  int listening_;
  std::array<int, 4> queued_{};
  sockaddr_in address_{};
};

TEST(attempts, that_nobody_answers_end_with_the_connect_timeout) {
  const mute_port place;
  context ctx;
  push out(ctx, {.linger = 0ms, .reconnect_interval = 1ms, .connect_timeout = 100ms});
  monitor events = out.monitor();
  out.connect(place.endpoint());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(await_event(events, event_kind::connect_delayed).peer_address, place.endpoint());
    const event late = await_event(events, event_kind::connect_retried);
    EXPECT_EQ(late.reason.code(), std::errc::timed_out) << late.text();
    EXPECT_EQ(late.reason.message(), "connect " + place.endpoint() + ": connection timed out");
  }
}

TEST(attempts, at_a_name_say_which_of_its_addresses_it_was) {
  context ctx;
  push out(ctx, {.linger = 0ms});
  monitor events = out.monitor();
  out.connect("tcp://localhost:1");
  const event refused = await_event(events, event_kind::connect_retried);
  EXPECT_EQ(refused.reason.message(),
            "connect tcp://localhost:1, peer tcp://127.0.0.1:1: connection refused");
}

TEST(attempts, of_an_immediate_socket_take_no_message_before_they_succeed) {
  context ctx;
  const temporary_folder folder;
  push out(ctx, {.immediate = true, .reconnect_interval = 1ms});
  monitor events = out.monitor();
  out.connect(folder.ipc("later"));
  (void)await_event(events, event_kind::connect_retried);
  EXPECT_FALSE(out.try_send("to nobody"));
  pull in(ctx);
  in.bind(folder.ipc("later"));
  await_handshakes(events, 1);
  out.send("to somebody");
  EXPECT_EQ(must_receive(in).view(), "to somebody");
  in.close();
  (void)await_event(events, event_kind::disconnected);
  EXPECT_FALSE(out.try_send("to nobody"));
}

}  // namespace
}  // namespace monocoque::test
