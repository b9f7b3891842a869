// Options that are out of range, contradict each other, or belong to another type of socket. The second kind
// is gone through for every type in tests/socket/options_test.cpp.

#include "tests/misuse/wrong_use.hpp"
#include "tests/socket/any_socket.hpp"

#include <cstdlib>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using enum socket_type;

struct wrong_option {
  std::string name;
  socket_type type;
  std::string why;  // after "TYPE socket: "
  std::function<void(socket_options&)> spoil;
};
void PrintTo(const wrong_option& wrong, std::ostream* out) { *out << wrong.name; }

std::vector<wrong_option> out_of_range() {
  const std::string mark = " must be 0 (no limit) or more messages)";
  const std::string time = " must be 0 or more milliseconds)";
  const std::string id = "routing_id must be up to 255 bytes not starting with 0)";
  const std::string name =
      "metadata must be names that start with \"X-\", of up to 255 letters, digits and -_.+)";
  const std::string seconds = " must be 1 to 32767 seconds)";
  const std::string buffer = " must be -1 (the system's) or more bytes)";
  const std::string no_drop = "when_full must be left alone, or wait, together with no_drop)";
  return {
      {"send_high_water_mark", push, "send_high_water_mark" + mark,
       [](socket_options& o) { o.send_high_water_mark = -1; }},
      {"receive_high_water_mark", pull, "receive_high_water_mark" + mark,
       [](socket_options& o) { o.receive_high_water_mark = -1; }},
      {"send_byte_limit", push, "send_byte_limit must be 1 or more bytes)",
       [](socket_options& o) { o.send_byte_limit = 0; }},
      {"receive_byte_limit", pull, "receive_byte_limit must be 1 or more bytes)",
       [](socket_options& o) { o.receive_byte_limit = 0; }},
      {"when_full_with_no_drop", pub, no_drop,
       [](socket_options& o) {
         o.no_drop = true;
         o.when_full = full_policy::drop_oldest;
       }},
      {"disconnect_with_no_drop", xpub, no_drop,
       [](socket_options& o) {
         o.no_drop = true;
         o.when_full = full_policy::disconnect;
       }},
      {"max_handshake_bytes", rep, "max_handshake_bytes must be 1024 or more bytes)",
       [](socket_options& o) { o.max_handshake_bytes = 1023; }},
      {"send_timeout", req, "send_timeout" + time, [](socket_options& o) { o.send_timeout = -1ms; }},
      {"receive_timeout", sub, "receive_timeout" + time, [](socket_options& o) { o.receive_timeout = -1ms; }},
      {"linger", dealer, "linger" + time, [](socket_options& o) { o.linger = -1ms; }},
      {"routing_id_too_long", dealer, id,
       [](socket_options& o) { o.routing_id = bytes::copy(std::string(256, 'i')); }},
      {"routing_id_with_0_in_front", router, id,
       [](socket_options& o) { o.routing_id = bytes::copy("\0i"s); }},
      {"reconnect_interval", push, "reconnect_interval must be -1 (never again) or more milliseconds)",
       [](socket_options& o) { o.reconnect_interval = -2ms; }},
      {"reconnect_interval_max", push, "reconnect_interval_max" + time,
       [](socket_options& o) { o.reconnect_interval_max = -1ms; }},
      {"connect_timeout", push, "connect_timeout must be 0 (the system's) or more milliseconds)",
       [](socket_options& o) { o.connect_timeout = -1ms; }},
      {"handshake_timeout", pull, "handshake_timeout must be 0 (none) or more milliseconds)",
       [](socket_options& o) { o.handshake_timeout = -1ms; }},
      {"heartbeat_interval", pull, "heartbeat_interval must be 0 (no heartbeats) to a year)",
       [](socket_options& o) { o.heartbeat_interval = -1ms; }},
      {"heartbeat_interval_of_two_years", pull, "heartbeat_interval must be 0 (no heartbeats) to a year)",
       [](socket_options& o) { o.heartbeat_interval = std::chrono::hours(24 * 730); }},
      {"heartbeat_timeout", pull, "heartbeat_timeout must be -1 ms (as the interval), or 0 (none) to a year)",
       [](socket_options& o) { o.heartbeat_timeout = -2ms; }},
      {"heartbeat_ttl", pull, "heartbeat_ttl must be 0 (none) to 6553500 milliseconds)",
       [](socket_options& o) { o.heartbeat_ttl = 6'553'501ms; }},
      {"metadata_without_X", sub, name, [](socket_options& o) { o.metadata["Socket-Type"] = "PUB"; }},
      {"metadata_name_too_long", sub, name,
       [](socket_options& o) { o.metadata["X-" + std::string(254, 'n')] = ""; }},
      {"metadata_name_with_a_space", sub, name, [](socket_options& o) { o.metadata["X-my name"] = "me"; }},
      {"metadata_of_many_bytes", sub,
       "metadata must be 15360 bytes or fewer, of names, values and 5 for each)",
       [](socket_options& o) { o.metadata["X-Book"] = std::string(20'000, 'b'); }},
      {"tcp_accept_filters", pull, "tcp_accept_filters must be networks such as 10.0.0.0/8, or addresses)",
       [](socket_options& o) { o.tcp_accept_filters = {"10.0.0.0/8", "10.0.0.0/33"}; }},
      {"max_message_size", pull, "max_message_size must be -1 (no limit) or more bytes)",
       [](socket_options& o) { o.max_message_size = -2; }},
      {"max_message_frames", pull, "max_message_frames must be 1 or more)",
       [](socket_options& o) { o.max_message_frames = 0; }},
      {"backlog", pull, "backlog must be 0 or more)", [](socket_options& o) { o.backlog = -1; }},
      {"kernel_send_buffer", push, "kernel_send_buffer" + buffer,
       [](socket_options& o) { o.kernel_send_buffer = -2; }},
      {"kernel_receive_buffer", pull, "kernel_receive_buffer" + buffer,
       [](socket_options& o) { o.kernel_receive_buffer = -2; }},
      {"tcp_keepalive_idle", pull, "tcp_keepalive_idle" + seconds,
       [](socket_options& o) { o.tcp_keepalive_idle = 0s; }},
      {"tcp_keepalive_count", pull, "tcp_keepalive_count must be 1 to 127)",
       [](socket_options& o) { o.tcp_keepalive_count = 128; }},
      {"tcp_keepalive_interval", pull, "tcp_keepalive_interval" + seconds,
       [](socket_options& o) { o.tcp_keepalive_interval = 32'768s; }},
      {"tcp_user_timeout", push, "tcp_user_timeout must be 0 (the system's) to 2147483647 milliseconds)",
       [](socket_options& o) { o.tcp_user_timeout = -1ms; }},
      {"packet_priority", push, "packet_priority must be 0 or more)",
       [](socket_options& o) { o.packet_priority = -1; }},
      {"busy_poll_us", push, "busy_poll_us must be 0 (not set) or more microseconds)",
       [](socket_options& o) { o.busy_poll_us = -1; }},
      {"type_of_service", push, "type_of_service must be 0 to 255)",
       [](socket_options& o) { o.type_of_service = 256; }},
      {"tcp_congestion_control", push,
       "tcp_congestion_control must be the name of a congestion control, of up to 15 bytes)",
       [](socket_options& o) { o.tcp_congestion_control = "a-name-of-sixteen"; }},
      {"bind_to_device", pull, "bind_to_device must be the name of an interface, of up to 15 bytes)",
       [](socket_options& o) { o.bind_to_device = "an-interface-name"; }},
      {"listening_descriptor", pull, "listening_descriptor must be -1 (none) or a descriptor)",
       [](socket_options& o) { o.listening_descriptor = -2; }},
  };
}

std::vector<wrong_option> of_other_types() {
  return {
      {"conflate", req, "conflate", [](socket_options& o) { o.conflate = true; }},
      {"drop_newest", rep, "when_full drop_newest, drop_oldest",
       [](socket_options& o) { o.when_full = full_policy::drop_newest; }},
      {"drop_oldest", req, "when_full drop_newest, drop_oldest",
       [](socket_options& o) { o.when_full = full_policy::drop_oldest; }},
      {"disconnect", push, "when_full disconnect",
       [](socket_options& o) { o.when_full = full_policy::disconnect; }},
      {"wait", rep, "when_full wait", [](socket_options& o) { o.when_full = full_policy::wait; }},
      {"hello_message", req, "hello_message", [](socket_options& o) { o.hello_message = bytes::copy("hi"); }},
      {"disconnect_message", push, "disconnect_message",
       [](socket_options& o) { o.disconnect_message = bytes::copy("bye"); }},
      {"hiccup_message", sub, "hiccup_message",
       [](socket_options& o) { o.hiccup_message = bytes::copy("hic"); }},
      {"req_relaxed", dealer, "req_relaxed", [](socket_options& o) { o.req_relaxed = true; }},
      {"req_correlate", rep, "req_correlate", [](socket_options& o) { o.req_correlate = true; }},
      {"router_mandatory", dealer, "router_mandatory", [](socket_options& o) { o.router_mandatory = true; }},
      {"router_handover", rep, "router_handover", [](socket_options& o) { o.router_handover = true; }},
      {"probe_router", socket_type::pair, "probe_router", [](socket_options& o) { o.probe_router = true; }},
      {"router_notify_connect", dealer, "router_notify_connect",
       [](socket_options& o) { o.router_notify_connect = true; }},
      {"router_notify_disconnect", stream, "router_notify_disconnect",
       [](socket_options& o) { o.router_notify_disconnect = true; }},
      {"only_first_subscribe", sub, "only_first_subscribe",
       [](socket_options& o) { o.only_first_subscribe = true; }},
      {"stream_notify", router, "stream_notify", [](socket_options& o) { o.stream_notify = false; }},
      {"security", stream, "security", [](socket_options& o) { o.security = plain_server{}; }},
      {"zap_domain", stream, "zap_domain", [](socket_options& o) { o.zap_domain = "d"; }},
      {"report_subscriptions", pub, "report_subscriptions",
       [](socket_options& o) { o.report_subscriptions = subscription_reports::manual; }},
      {"no_drop", push, "no_drop", [](socket_options& o) { o.no_drop = true; }},
      {"welcome_message", sub, "welcome_message",
       [](socket_options& o) { o.welcome_message = bytes::copy("hi"); }},
      {"invert_matching", xsub, "invert_matching", [](socket_options& o) { o.invert_matching = true; }},
      {"verbose_unsubscribe", sub, "verbose_unsubscribe",
       [](socket_options& o) { o.verbose_unsubscribe = true; }},
  };
}

wrong_use use_of(const wrong_option& wrong, errc code, const std::string& message) {
  return {wrong.name, make_error_code(code), std::string(name_of(wrong.type)) + " socket: " + message,
          [&wrong](stage& on) {
            socket_options options;
            wrong.spoil(options);
            (void)any_socket::make(wrong.type, on.ctx, options);
          }};
}

class wrong_values_are : public testing::TestWithParam<wrong_option> {};
TEST_P(wrong_values_are, refused_with_the_range) {
  stage on;
  expect_refusal(use_of(GetParam(), errc::invalid_argument, "invalid argument (option " + GetParam().why),
                 on);
}

class options_of_other_types_are : public testing::TestWithParam<wrong_option> {};
TEST_P(options_of_other_types_are, refused_with_the_type) {
  const wrong_option& wrong = GetParam();
  stage on;
  const std::string why = wrong.why + " is not an option of " + std::string(name_of(wrong.type));
  expect_refusal(use_of(wrong, errc::not_supported, "not supported (" + why + ")"), on);
}

const auto name_of_option = [](const auto& each) { return each.param.name; };
INSTANTIATE_TEST_SUITE_P(each, wrong_values_are, testing::ValuesIn(out_of_range()), name_of_option);
INSTANTIATE_TEST_SUITE_P(each, options_of_other_types_are, testing::ValuesIn(of_other_types()),
                         name_of_option);

std::vector<wrong_use> of_contexts() {
  const std::error_code invalid = make_error_code(errc::invalid_argument);
  const std::string spin = "context: invalid argument (option spin must be 0 to 1000000 microseconds)";
  return {
      {"no thread", invalid, "context: invalid argument (option io_threads must be 1 to 64)",
       [](stage&) { const context made({.io_threads = 0}); }},
      {"65 threads", invalid, "context: invalid argument (option io_threads must be 1 to 64)",
       [](stage&) { const context made({.io_threads = 65}); }},
      {"threads of an inline context", invalid,
       "context: invalid argument (option io_threads is not for an inline context, which has none)",
       [](stage&) { const context made(inline_loop, {.io_threads = 2}); }},
      {"spin below 0", invalid, spin,
       [](stage&) { const context made({.spin = std::chrono::microseconds(-1)}); }},
      {"spin of two seconds", invalid, spin, [](stage&) { const context made({.spin = 2s}); }},
      {"a driver that the environment misspells", invalid,
       "context: invalid argument (MONOCOQUE_IO is 'iouring'; it can be uring or epoll)",
       [](stage&) {
         const char* const named = std::getenv("MONOCOQUE_IO");
         const std::string before = named != nullptr ? named : "";
         ::setenv("MONOCOQUE_IO", "iouring", 1);
         const auto restore = [&] {
           if (named != nullptr) {
             ::setenv("MONOCOQUE_IO", before.c_str(), 1);
           } else {
             ::unsetenv("MONOCOQUE_IO");
           }
         };
         try {
           const context made;
         } catch (...) {
           restore();
           throw;
         }
         restore();
       }},
  };
}

class wrong_contexts_are : public testing::TestWithParam<wrong_use> {};
TEST_P(wrong_contexts_are, refused_with_the_range) {
  stage on;
  expect_refusal(GetParam(), on);
}
INSTANTIATE_TEST_SUITE_P(each, wrong_contexts_are, testing::ValuesIn(of_contexts()), name_of_use);

}  // namespace
}  // namespace monocoque::test
