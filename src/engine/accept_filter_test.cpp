#include "engine/accept_filter.hpp"

#include <gtest/gtest.h>

#include <system_error>

namespace monocoque::engine {
namespace {

accept_filter from(std::vector<std::string> networks) {
  socket_options options;
  options.tcp_accept_filters = std::move(networks);
  return accept_filter(options);
}

TEST(accept_filter, lets_everybody_in_without_options) {
  const accept_filter all{socket_options{}};
  EXPECT_TRUE(all.check_address("tcp://10.0.0.1:4711"));
  EXPECT_FALSE(all.asks_for_process());
  EXPECT_TRUE(all.check_process({}));
}

TEST(accept_filter, of_networks_lets_in_who_is_in_one_of_them) {
  const accept_filter some = from({"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"});
  for (const char* peer :
       {"tcp://10.255.0.1:1", "tcp://192.0.2.7:65535", "tcp://[2001:db8::1]:1", "tcp://[::ffff:10.0.0.1]:1"})
    EXPECT_TRUE(some.check_address(peer)) << peer;
  for (const char* peer :
       {"tcp://11.0.0.1:1", "tcp://192.0.2.8:1", "tcp://[2001:db9::1]:1", "", "tcp://x:1"}) {
    const result<void> seen = some.check_address(peer);
    ASSERT_FALSE(seen) << peer;
    EXPECT_EQ(seen.error().code(), std::errc::permission_denied);
  }
}

TEST(accept_filter, of_all_ipv4_lets_in_no_ipv6) {
  EXPECT_TRUE(from({"0.0.0.0/0"}).check_address("tcp://203.0.113.1:1"));
  EXPECT_FALSE(from({"0.0.0.0/0"}).check_address("tcp://[::1]:1"));
}

TEST(accept_filter, does_not_mind_bits_behind_a_prefix) {
  EXPECT_TRUE(from({"127.0.0.1/8"}).check_address("tcp://127.5.5.5:1"));
  EXPECT_FALSE(from({"127.0.0.1/32"}).check_address("tcp://127.0.0.2:1"));
}

TEST(accept_filter, of_ipc_lets_in_who_is_one_of_any_kind) {
  socket_options options;
  options.ipc_accept_processes = {4711};
  options.ipc_accept_users = {1000, 1001};
  options.ipc_accept_groups = {50};
  const accept_filter some(options);
  EXPECT_TRUE(some.asks_for_process());
  EXPECT_TRUE(some.check_process({.pid = 4711, .uid = 1, .gid = 1}));
  EXPECT_TRUE(some.check_process({.pid = 1, .uid = 1001, .gid = 1}));
  EXPECT_TRUE(some.check_process({.pid = 1, .uid = 1, .gid = 50}));
  EXPECT_TRUE(some.check_process({.pid = 1, .uid = 1, .gid = 1, .groups = {2, 50}}));
  const result<void> other = some.check_process({.pid = 50, .uid = 4711, .gid = 1000, .groups = {1001}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), std::errc::permission_denied);
}

TEST(accept_filter, of_a_group_does_not_let_in_everybody_else) {
  socket_options options;
  options.ipc_accept_groups = {50};
  EXPECT_FALSE(accept_filter(options).check_process({.pid = 1, .uid = 50, .gid = 51}));
}

}  // namespace
}  // namespace monocoque::engine
