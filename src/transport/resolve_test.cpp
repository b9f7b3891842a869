#include "transport/resolve.hpp"

#include "transport/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace monocoque::transport {
namespace {

result<std::vector<socket_address>> resolve_text(const std::string& text, purpose wanted, bool ipv6) {
  result<endpoint> parsed = parse_endpoint(text, wanted);
  if (!parsed) return std::move(parsed).error();
  return resolve(*parsed, wanted, ipv6);
}

bool holds(const std::vector<socket_address>& found, const std::string& text) {
  return std::any_of(found.begin(), found.end(),
                     [&](const auto& each) { return each.to_endpoint() == text; });
}

TEST(resolve, only_names_need_a_lookup) {
  for (const char* text :
       {"tcp://127.0.0.1:1", "tcp://[::1]:1", "tcp://*:1", "tcp://[fe80::1%lo]:1", "ipc://x", "ipc://*"}) {
    EXPECT_FALSE(needs_lookup(parse_endpoint(text, purpose::bind).value())) << text;
  }
  for (const char* text : {"tcp://localhost:1", "tcp://lo:1"}) {
    EXPECT_TRUE(needs_lookup(parse_endpoint(text, purpose::bind).value())) << text;
  }
  EXPECT_FALSE(needs_lookup(parse_endpoint("tcp://lo:0;127.0.0.1:1", purpose::connect).value()));
}

TEST(resolve, wildcard_is_ipv4_or_dual_stack) {
  const auto four = resolve_text("tcp://*:5", purpose::bind, false).value();
  ASSERT_EQ(four.size(), 1U);
  EXPECT_EQ(four.front().to_endpoint(), "tcp://0.0.0.0:5");
  const auto six = resolve_text("tcp://*:5", purpose::bind, true).value();
  ASSERT_EQ(six.size(), 1U);
  EXPECT_TRUE(six.front().is_any());
}

TEST(resolve, interface_name_gives_its_address) {
  const auto found = resolve_text("tcp://lo:77", purpose::bind, false);
  ASSERT_TRUE(found.has_value()) << found.error().message();
  EXPECT_TRUE(holds(*found, "tcp://127.0.0.1:77"));
  EXPECT_TRUE(holds(resolve_text("tcp://lo:77", purpose::bind, true).value(), "tcp://127.0.0.1:77"));
}

TEST(resolve, localhost_is_looked_up) {
  const auto found = resolve_text("tcp://localhost:77", purpose::connect, false);
  ASSERT_TRUE(found.has_value()) << found.error().message();
  ASSERT_TRUE(holds(*found, "tcp://127.0.0.1:77"));
  for (const socket_address& each : *found) EXPECT_EQ(each.family(), AF_INET);
  EXPECT_TRUE(
      holds(resolve_text("tcp://localhost:77", purpose::connect, true).value(), "tcp://127.0.0.1:77"));
}

TEST(resolve, failure_says_what_and_where) {
  // ".invalid" never exists (RFC 2606).
  const auto unknown = resolve_text("tcp://no-such-host.invalid:1", purpose::connect, false);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_TRUE(unknown.error() == errc::resolve_failed);
  EXPECT_EQ(unknown.error().doing(), "connect");
  EXPECT_EQ(unknown.error().endpoint(), "tcp://no-such-host.invalid:1");
  EXPECT_FALSE(unknown.error().detail().empty());

  const auto off = resolve_text("tcp://[::1]:1", purpose::bind, false);
  ASSERT_FALSE(off.has_value());
  EXPECT_TRUE(off.error() == errc::resolve_failed);
  EXPECT_TRUE(testing::contains(off.error().detail(), "ipv6 is off"));

  const auto zone = resolve_text("tcp://[fe80::1%nosuch0]:1", purpose::connect, true);
  ASSERT_FALSE(zone.has_value());
  EXPECT_TRUE(testing::contains(zone.error().detail(), "nosuch0"));
}

TEST(resolve, zone_is_kept) {
  const auto named = resolve_text("tcp://[fe80::1%lo]:1", purpose::connect, true);
  ASSERT_TRUE(named.has_value()) << named.error().message();
  EXPECT_EQ(named->front().to_endpoint(), "tcp://[fe80::1%lo]:1");
}

TEST(resolve, source_is_never_looked_up_by_name) {
  EXPECT_EQ(resolve_source({"lo", 9, false}, AF_INET).value().to_endpoint(), "tcp://127.0.0.1:9");
  EXPECT_EQ(resolve_source({"*", 9, false}, AF_INET).value().to_endpoint(), "tcp://0.0.0.0:9");
  EXPECT_EQ(resolve_source({"10.0.0.1", 0, true}, AF_INET).value().to_endpoint(), "tcp://10.0.0.1:0");
  EXPECT_TRUE(resolve_source({"localhost", 0, true}, AF_INET).error() == errc::resolve_failed);
  EXPECT_TRUE(resolve_source({"10.0.0.1", 0, true}, AF_INET6).error() == errc::resolve_failed);
}

}  // namespace
}  // namespace monocoque::transport
