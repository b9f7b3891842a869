#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace monocoque::test {
namespace {

struct told {
  int event = 0;
  std::uint32_t value = 0;
  std::string endpoint;
};

class monitor_test : public zmq_test {
 protected:
  /// A socket that hears what happens to `watched`.
  void* watch(void* watched, const char* where = "inproc://monitor", int events = ZMQ_EVENT_ALL) {
    EXPECT_EQ(error_of(zmq_socket_monitor(watched, where, events)), 0);
    void* const listening = socket(ZMQ_PAIR);
    EXPECT_EQ(error_of(zmq_connect(listening, where)), 0);
    return listening;
  }
  /// Two frames: the numbers, not aligned, and an endpoint.
  static told next(void* listening) {
    const frames got = receive_all(listening);
    EXPECT_EQ(got.size(), 2U) << got.front();
    EXPECT_EQ(got.front().size(), 6U);
    if (got.size() != 2 || got.front().size() != 6) return {};
    std::uint16_t event = 0;
    told happened;
    std::memcpy(&event, got[0].data(), sizeof event);
    std::memcpy(&happened.value, got[0].data() + sizeof event, sizeof happened.value);
    happened.event = event;
    happened.endpoint = got[1];
    return happened;
  }
  static int next_event(void* listening) { return next(listening).event; }
};

TEST_F(monitor_test, tells_of_both_sides_in_order) {
  for (const char* where : {any_port, "ipc://*"}) {
    SCOPED_TRACE(where);
    // Over ipc 4.3.4 tells of no connection now and then, on a busy machine.
    if (is_debians_libzmq() && where != std::string(any_port)) continue;
    void* const server = socket(ZMQ_REP);
    void* const client = socket(ZMQ_REQ);
    void* const of_server = watch(server, "inproc://server");
    void* const of_client = watch(client, "inproc://client");
    const std::string endpoint = bind_to(server, where);
    ASSERT_EQ(error_of(zmq_connect(client, endpoint.c_str())), 0);

    const told listening = next(of_server);
    EXPECT_EQ(listening.event, ZMQ_EVENT_LISTENING);
    EXPECT_EQ(listening.endpoint, endpoint);
    EXPECT_EQ(next_event(of_server), ZMQ_EVENT_ACCEPTED);
    EXPECT_EQ(next_event(of_server), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

    int event = next_event(of_client);
    if (event == ZMQ_EVENT_CONNECT_DELAYED) event = next_event(of_client);
    EXPECT_EQ(event, ZMQ_EVENT_CONNECTED);
    EXPECT_EQ(next_event(of_client), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

    close(client);
    EXPECT_EQ(next_event(of_client), ZMQ_EVENT_MONITOR_STOPPED);
    EXPECT_EQ(next_event(of_server), ZMQ_EVENT_DISCONNECTED);
    ASSERT_EQ(error_of(zmq_unbind(server, endpoint.c_str())), 0);
    EXPECT_EQ(next_event(of_server), ZMQ_EVENT_CLOSED);
    close(server);
    EXPECT_EQ(next_event(of_server), ZMQ_EVENT_MONITOR_STOPPED);
    close(of_server);
    close(of_client);
  }
}

TEST_F(monitor_test, tells_of_what_is_not_there) {
  const std::string nobody = "tcp://127.0.0.1:1";  // a port of no service that anybody runs
  void* const client = socket(ZMQ_PUSH);
  void* const of_client = watch(client);
  set(client, ZMQ_RECONNECT_IVL, 10);
  ASSERT_EQ(error_of(zmq_connect(client, nobody.c_str())), 0);
  int event = next_event(of_client);
  if (event == ZMQ_EVENT_CONNECT_DELAYED) event = next_event(of_client);
  EXPECT_EQ(event, ZMQ_EVENT_CLOSED);
  const told retried = next(of_client);
  EXPECT_EQ(retried.event, ZMQ_EVENT_CONNECT_RETRIED);
  EXPECT_EQ(retried.endpoint, nobody);
}

TEST_F(monitor_test, tells_of_what_cannot_be_bound) {
  void* const first = socket(ZMQ_PULL);
  void* const second = socket(ZMQ_PULL);
  const std::string taken = bind_to(first, any_port);
  void* const of_second = watch(second);
  EXPECT_EQ(error_of(zmq_bind(second, taken.c_str())), EADDRINUSE);
  told failed = next(of_second);
  if (failed.event == ZMQ_EVENT_CLOSED) failed = next(of_second);  // libzmq's descriptor
  EXPECT_EQ(failed.event, ZMQ_EVENT_BIND_FAILED);
  EXPECT_EQ(failed.value, static_cast<std::uint32_t>(EADDRINUSE));
}

TEST_F(monitor_test, tells_of_what_is_asked_for_only) {
  void* const server = socket(ZMQ_PULL);
  void* const listening = watch(server, "inproc://monitor", ZMQ_EVENT_ACCEPTED);
  const std::string where = bind_to(server, any_port);
  void* const client = socket(ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(client, where.c_str())), 0);
  EXPECT_EQ(next_event(listening), ZMQ_EVENT_ACCEPTED);
}

TEST_F(monitor_test, ends_when_told_so) {
  void* const server = socket(ZMQ_PULL);
  void* const listening = watch(server);
  EXPECT_EQ(error_of(zmq_socket_monitor(server, nullptr, 0)), 0);
  EXPECT_EQ(next_event(listening), ZMQ_EVENT_MONITOR_STOPPED);
  bind_to(server, any_port);
  set(listening, ZMQ_RCVTIMEO, 0);
  EXPECT_EQ(receive(listening), "(Resource temporarily unavailable)");
  EXPECT_EQ(error_of(zmq_socket_monitor(server, nullptr, 0)), 0) << "of none";
}

TEST_F(monitor_test, gives_way_to_the_next) {
  void* const server = socket(ZMQ_PULL);
  void* const first = watch(server, "inproc://first");
  void* const second = watch(server, "inproc://second");
  EXPECT_EQ(next_event(first), ZMQ_EVENT_MONITOR_STOPPED);
  bind_to(server, any_port);
  EXPECT_EQ(next_event(second), ZMQ_EVENT_LISTENING);
}

TEST_F(monitor_test, is_reached_over_inproc) {
  void* const server = socket(ZMQ_PULL);
  for (const char* where : {"tcp://127.0.0.1:*", "ipc://*"})
    EXPECT_EQ(error_of(zmq_socket_monitor(server, where, ZMQ_EVENT_ALL)), EPROTONOSUPPORT) << where;
  EXPECT_EQ(error_of(zmq_socket_monitor(server, "nonsense", ZMQ_EVENT_ALL)), EINVAL);
  bind_to(socket(ZMQ_PAIR), "inproc://taken");
  EXPECT_EQ(error_of(zmq_socket_monitor(server, "inproc://taken", ZMQ_EVENT_ALL)), EADDRINUSE);
}

}  // namespace
}  // namespace monocoque::test
