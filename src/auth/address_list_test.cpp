#include "auth/test_support.hpp"
#include "io/task_test_scheduler.hpp"

#include <monocoque/authenticators.hpp>

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace monocoque::auth {
namespace {

using testing::contains;
using testing::status;

bool has(const char* network, std::string_view address) { return address_list({network}).contains(address); }

std::string refusal_of(std::string_view network) {
  try {
    address_list{network};
  } catch (const exception& refused) {
    EXPECT_EQ(refused.reason(), errc::invalid_argument);
    return refused.what();
  }
  return "it was taken";
}

TEST(address_list, knows_ipv4_networks_to_the_bit) {
  EXPECT_TRUE(has("10.0.0.0/8", "10.0.0.0"));
  EXPECT_TRUE(has("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(has("10.0.0.0/8", "11.0.0.0"));
  EXPECT_FALSE(has("10.0.0.0/8", "9.255.255.255"));
  EXPECT_TRUE(has("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(has("192.168.4.0/22", "192.168.8.0"));
  EXPECT_FALSE(has("192.168.4.0/22", "192.168.3.255"));
  EXPECT_TRUE(has("192.0.2.2/31", "192.0.2.3"));
  EXPECT_FALSE(has("192.0.2.2/31", "192.0.2.4"));
  EXPECT_TRUE(has("192.0.2.1", "192.0.2.1"));
  EXPECT_TRUE(has("192.0.2.1/32", "192.0.2.1"));
  EXPECT_FALSE(has("192.0.2.1/32", "192.0.2.0"));
}

TEST(address_list, knows_ipv6_networks_to_the_bit) {
  EXPECT_TRUE(has("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(has("2001:db8::/32", "2001:db9::"));
  EXPECT_TRUE(has("2001:db8:8000::/33", "2001:db8:8000::1"));
  EXPECT_FALSE(has("2001:db8:8000::/33", "2001:db8:7fff::1"));
  EXPECT_TRUE(has("::1", "::1"));
  EXPECT_TRUE(has("::1/128", "0:0:0:0:0:0:0:1"));
  EXPECT_FALSE(has("::1", "::2"));
}

TEST(address_list, knows_every_prefix_of_both_families) {
  for (unsigned bits = 0; bits <= 32; ++bits) {
    // All ones in front of the prefix, and an address that differs in the last of them.
    const auto number = bits == 0 ? 0U : ~0U << (32U - bits);
    const auto text = [](unsigned value) {
      return std::to_string(value >> 24U) + "." + std::to_string(value >> 16U & 255U) + "." +
             std::to_string(value >> 8U & 255U) + "." + std::to_string(value & 255U);
    };
    const std::string network = text(number) + "/" + std::to_string(bits);
    EXPECT_TRUE(has(network.c_str(), "255.255.255.255")) << network;
    if (bits == 0) continue;
    const auto last = 1U << (32U - bits);
    EXPECT_FALSE(has(network.c_str(), text(number ^ last))) << network;
    if (bits == 32) continue;
    const std::string slip = text(number | last >> 1U) + "/" + std::to_string(bits);
    EXPECT_TRUE(contains(refusal_of(slip), "the network is " + network)) << slip;
  }
}

TEST(address_list, of_everything_is_of_one_family) {
  EXPECT_TRUE(has("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(has("0.0.0.0/0", "::ffff:203.0.113.9"));
  EXPECT_FALSE(has("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(has("::/0", "2001:db8::1"));
  EXPECT_FALSE(has("::/0", "203.0.113.9"));
  EXPECT_FALSE(has("::/0", "::ffff:203.0.113.9"));
}

TEST(address_list, takes_ipv4_that_is_mapped_into_ipv6_for_ipv4) {
  EXPECT_TRUE(has("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(has("10.0.0.0/8", "tcp://[::ffff:10.1.2.3]:4711"));
  EXPECT_TRUE(has("10.0.0.0/8", "::ffff:a01:203"));
  EXPECT_TRUE(has("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_FALSE(has("::ffff:10.0.0.0/104", "11.1.2.3"));
  EXPECT_TRUE(has("::ffff:0:0/96", "203.0.113.9"));
}

TEST(address_list, finds_the_address_in_an_endpoint) {
  EXPECT_TRUE(has("10.0.0.0/8", "tcp://10.1.2.3:4711"));
  EXPECT_TRUE(has("2001:db8::/32", "tcp://[2001:db8::1]:4711"));
  EXPECT_FALSE(has("2001:db8::/32", "tcp://[2001:db9::1]:4711"));
  EXPECT_TRUE(has("fe80::/10", "tcp://[fe80::1%eth0]:4711"));
}

TEST(address_list, counts_the_interface_only_where_a_network_names_one) {
  EXPECT_TRUE(has("fe80::/10", "fe80::1%eth0"));
  EXPECT_TRUE(has("fe80::%eth0/10", "fe80::1%eth0"));
  EXPECT_FALSE(has("fe80::%eth0/10", "fe80::1%eth1"));
  EXPECT_FALSE(has("fe80::%eth0/10", "fe80::1"));
  EXPECT_TRUE(has("fe80::1%eth0", "tcp://[fe80::1%eth0]:9"));
  EXPECT_FALSE(has("fe80::1%eth0", "tcp://[fe80::2%eth0]:9"));
}

TEST(address_list, finds_nothing_in_what_is_no_address) {
  const address_list all{"0.0.0.0/0", "::/0"};
  const std::string longest(10'000, '1');
  for (const std::string_view text :
       {"",           "localhost",        "10.1.2",         "10.1.2.3.4",   "010.1.2.3",
        "10.1.2.3/8", " 10.1.2.3",        "10.1.2.3:4711",  "[::1]",        "tcp://",
        "tcp://:1",   "tcp://[",          "tcp://[]:1",     "tcp://[::1",   "tcp://[10.1.2.3%eth0]:1",
        "::1%",       "10.1.2.3%eth0",    "ipc://10.1.2.3", "ipc:///tmp/a", "inproc://::1",
        "%eth0",      "1:2:3:4:5:6:7:8:9"}) {
    EXPECT_FALSE(all.contains(text)) << text;
  }
  EXPECT_FALSE(all.contains(longest));
  EXPECT_FALSE(all.contains(std::string_view("10.1.2.3\0", 9)));
}

TEST(address_list, says_what_is_no_network_and_why) {
  for (const std::string_view text :
       {"", "localhost", "/8", "10.0.0", "10.0.0.0.0", "10.0.0.0%eth0/8", "tcp://10.0.0.1:1x"})
    EXPECT_TRUE(contains(refusal_of(text), "\"" + std::string(text) + "\" is no IP address")) << text;
  for (const std::string_view text :
       {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8x", "10.0.0.0/255.0.0.0",
        "10.0.0.0/8/8", "10.0.0.0/99999999999", "10.0.0.0/ 8"})
    EXPECT_TRUE(contains(refusal_of(text), "no prefix of 0 to 32 bits")) << text;
  EXPECT_TRUE(contains(refusal_of("::/129"), "no prefix of 0 to 128 bits"));
  EXPECT_TRUE(contains(refusal_of("10.0.0.1/8"), "the network is 10.0.0.0/8"));
  EXPECT_TRUE(contains(refusal_of("2001:db8::1/32"), "the network is 2001:db8::/32"));
  EXPECT_TRUE(contains(refusal_of("::ffff:0:0/80"), "the network is ::/80"));
  EXPECT_TRUE(contains(refusal_of("fe80::1%2"), "name the interface"));
  EXPECT_TRUE(contains(refusal_of("\x1b[2J"), "\\x1b"));
}

TEST(address_list, can_be_made_of_strings_and_of_nothing) {
  const std::vector<std::string> texts{"10.0.0.0/8", "::1"};
  const address_list networks{std::span(texts)};
  EXPECT_TRUE(networks.contains("10.1.2.3"));
  EXPECT_TRUE(networks.contains("::1"));
  EXPECT_FALSE(networks.contains("::2"));
  EXPECT_FALSE(address_list({}).contains("10.1.2.3"));
}

/// What an authenticator of the form `immediate` says of a peer with this address.
auth_verdict ask(const authenticator& who, std::string address) {
  auth_request request;
  request.address = std::move(address);
  return std::get<authenticator::immediate>(who.form())(request);
}

TEST(allow_addresses, lets_in_those_and_ipc) {
  const authenticator gate = allow_addresses({"10.0.0.0/8"});
  EXPECT_EQ(ask(gate, "tcp://10.1.2.3:4711").status, status::allowed);
  EXPECT_EQ(ask(gate, "ipc:///tmp/a").status, status::allowed);
  EXPECT_EQ(ask(gate, "tcp://11.1.2.3:4711").status, status::denied);
  EXPECT_TRUE(contains(ask(gate, "tcp://11.1.2.3:4711").reason, "address"));
  EXPECT_EQ(ask(gate, "").status, status::denied);
}

TEST(deny_addresses, keeps_out_those_and_what_makes_no_sense) {
  const authenticator gate = deny_addresses({"10.0.0.0/8"});
  EXPECT_EQ(ask(gate, "tcp://11.1.2.3:4711").status, status::allowed);
  EXPECT_EQ(ask(gate, "ipc:///tmp/a").status, status::allowed);
  EXPECT_EQ(ask(gate, "tcp://10.1.2.3:4711").status, status::denied);
  EXPECT_EQ(ask(gate, "").status, status::denied);
  EXPECT_EQ(ask(gate, "quic://11.1.2.3:4711").status, status::denied);
}

TEST(allow_addresses, asks_an_immediate_authenticator_about_those_alone) {
  std::vector<std::string> asked;
  const authenticator gate = allow_addresses({"10.0.0.0/8"}, [&](const auth_request& request) {
    asked.push_back(request.address);
    return auth_verdict::allow("joe");
  });
  EXPECT_EQ(ask(gate, "tcp://10.1.2.3:4711").user_id, "joe");
  EXPECT_EQ(ask(gate, "tcp://11.1.2.3:4711").status, status::denied);
  EXPECT_EQ(ask(gate, "ipc:///tmp/a").user_id, "joe");
  EXPECT_EQ(asked, (std::vector<std::string>{"tcp://10.1.2.3:4711", "ipc:///tmp/a"}));
}

TEST(allow_addresses, hands_a_deferred_authenticator_the_answer) {
  const authenticator gate = allow_addresses({"10.0.0.0/8"}, [](auth_request request, auth_answer answer) {
    answer(auth_verdict::allow(request.address));
  });
  const auto& deferred = std::get<authenticator::deferred>(gate.form());
  const auto sink = std::make_shared<testing::verdicts>();
  auth_request request;
  request.address = "tcp://10.1.2.3:4711";
  deferred(request, auth_answer(sink));
  request.address = "tcp://11.1.2.3:4711";
  deferred(request, auth_answer(sink));
  const auto got = sink->wait_for(2);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].user_id, "tcp://10.1.2.3:4711");
  EXPECT_EQ(got[1].status, status::denied);
}

task<auth_verdict> decide_after_a_while(auth_request request) {
  co_await this_task::yield();
  co_return auth_verdict::allow(request.address);
}

TEST(deny_addresses, returns_the_task_of_a_coroutine_authenticator) {
  const authenticator gate = deny_addresses({"10.0.0.0/8"}, &decide_after_a_while);
  const auto& coroutine = std::get<authenticator::coroutine>(gate.form());
  io::manual_scheduler scheduler;
  auth_request request;
  request.address = "tcp://11.1.2.3:4711";
  EXPECT_EQ(scheduler.run(coroutine(request)).user_id, "tcp://11.1.2.3:4711");
  request.address = "tcp://10.1.2.3:4711";
  EXPECT_EQ(scheduler.run(coroutine(request)).status, status::denied);
}

TEST(address_gates, can_stand_in_a_row) {
  const authenticator gate = allow_addresses({"10.0.0.0/8"}, deny_addresses({"10.1.0.0/16"}));
  EXPECT_EQ(ask(gate, "tcp://10.2.2.3:4711").status, status::allowed);
  EXPECT_EQ(ask(gate, "tcp://10.1.2.3:4711").status, status::denied);
  EXPECT_EQ(ask(gate, "tcp://11.1.2.3:4711").status, status::denied);
}

}  // namespace
}  // namespace monocoque::auth
