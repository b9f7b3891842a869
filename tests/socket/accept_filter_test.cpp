// From where connections may come: tcp_accept_filters and ipc_accept_*.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <unistd.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class accept_filters : public testing::Test {
 protected:
  /// Whether who connects over `kind` comes to talk to a socket with these options.
  bool lets_us_in(wire kind, const socket_options& options) {
    pull in(ctx_, options);
    monitor events = in.monitor();
    in.bind(fresh_endpoint(kind, folder_, "s" + std::to_string(++sockets_)));
    push out(ctx_, {.linger = 0ms, .reconnect_interval = -1ms});
    out.connect(in.last_endpoint());
    for (;;) {
      const event next = events.receive_for(as_result, patience).value();
      if (next.kind == event_kind::handshake_done) return true;
      if (next.kind != event_kind::refused) continue;
      EXPECT_EQ(next.reason.code(), std::errc::permission_denied) << next.text();
      EXPECT_EQ(next.endpoint, in.last_endpoint());
      return false;
    }
  }
  static socket_options with(const std::function<void(socket_options&)>& set) {
    socket_options options;
    set(options);
    return options;
  }

  temporary_folder folder_;
  context ctx_;
  int sockets_ = 0;
};

TEST_F(accept_filters, of_tcp_go_by_the_address) {
  EXPECT_TRUE(lets_us_in(wire::tcp, {.tcp_accept_filters = {"192.0.2.0/24", "127.0.0.1"}}));
  EXPECT_TRUE(lets_us_in(wire::tcp, {.tcp_accept_filters = {"0.0.0.0/0"}}));
  EXPECT_FALSE(lets_us_in(wire::tcp, {.tcp_accept_filters = {"127.0.0.255/32"}}));
  EXPECT_FALSE(lets_us_in(wire::tcp, {.tcp_accept_filters = {"::/0"}}));
  EXPECT_TRUE(lets_us_in(wire::ipc, {.tcp_accept_filters = {"127.0.0.255/32"}})) << "it is for tcp";
}

TEST_F(accept_filters, of_ipc_go_by_the_process) {
  EXPECT_TRUE(lets_us_in(wire::ipc, with([](auto& o) { o.ipc_accept_processes = {::getpid()}; })));
  EXPECT_FALSE(lets_us_in(wire::ipc, with([](auto& o) { o.ipc_accept_processes = {::getpid() + 1}; })));
  EXPECT_TRUE(lets_us_in(wire::ipc, with([](auto& o) { o.ipc_accept_users = {::getuid()}; })));
  EXPECT_FALSE(lets_us_in(wire::ipc, with([](auto& o) { o.ipc_accept_users = {::getuid() + 1}; })));
  EXPECT_TRUE(lets_us_in(wire::ipc, with([](auto& o) { o.ipc_accept_groups = {::getgid()}; })));
  EXPECT_TRUE(lets_us_in(wire::tcp, with([](auto& o) { o.ipc_accept_users = {::getuid() + 1}; })))
      << "it is for ipc";
}

TEST_F(accept_filters, of_ipc_go_by_further_groups_too) {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  ASSERT_GE(::getgroups(static_cast<int>(groups.size()), groups.data()), 0);
  gid_t unknown = ::getgid();
  for (const gid_t each : groups) {
    EXPECT_TRUE(lets_us_in(wire::ipc, with([each](auto& o) { o.ipc_accept_groups = {each}; }))) << each;
    unknown = std::max(unknown, each);
  }
  EXPECT_FALSE(lets_us_in(wire::ipc, with([=](auto& o) { o.ipc_accept_groups = {unknown + 1}; })));
}

TEST_F(accept_filters, are_set_by_name_one_at_a_time) {
  socket_options options;
  set_option(options, "tcp_accept_filters", "10.0.0.0/8");
  set_option(options, "tcp_accept_filters", "127.0.0.1");
  set_option(options, "ipc_accept_users", "1000");
  EXPECT_EQ(options.tcp_accept_filters, (std::vector<std::string>{"10.0.0.0/8", "127.0.0.1"}));
  EXPECT_EQ(options.ipc_accept_users, std::vector<std::uint32_t>{1000});
  EXPECT_FALSE(set_option(as_result, options, "ipc_accept_users", "root"));
}

}  // namespace
}  // namespace monocoque::test
