#pragma once

#include "zmtp/mechanism/cookie_keys.hpp"
#include "zmtp/mechanism/handmade_curve_test_support.hpp"
#include "zmtp/mechanism/security_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A side of ours against one that is written by hand.
namespace monocoque::zmtp::testing {

/// Keys that nobody can own: with any secret key they have the same in common, zero. All encodings of them.
inline std::vector<std::string> keys_of_small_order() {
  std::vector<std::string> keys{std::string(32, '\0'), "\1" + std::string(31, '\0'),
                                "\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1\x9f\xc4\x6a"
                                "\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62\x05\x16\x5f\x49\xb8\x00"s,
                                "\x5f\x9c\x95\xbc\xa3\x50\x8c\x24\xb1\xd0\xb1\x55\x9c\x83\xef\x5b"
                                "\x04\x44\x5c\xc4\x58\x1c\x8e\x86\xd8\x22\x4e\xdd\xd0\x9f\x11\x57"s};
  for (const char low : {'\xec', '\xed', '\xee'})  // p - 1, p, p + 1
    keys.push_back(low + std::string(30, '\xff') + '\x7f');
  const std::size_t count = keys.size();
  for (std::size_t i = 0; i < count; ++i) {  // the topmost bit does not count
    keys.push_back(keys[i]);
    keys.back().back() = static_cast<char>(keys.back().back() | '\x80');
  }
  return keys;
}

inline const std::string dealer_metadata = property("Socket-Type", "DEALER");

/// It has failed, there was nothing else to be heard of it.
inline void expect_refused(const listener& peer, errc code, std::string_view detail) {
  ASSERT_EQ(peer.log.size(), 1U) << ::testing::PrintToString(peer.log);
  EXPECT_EQ(peer.failure, code);
  EXPECT_THAT(peer.detail, ::testing::HasSubstr(detail));
}

/// A server of ours and a client that is written by hand.
struct served {
  served() : served(curve_sides(), {}) {}
  explicit served(const curve_sides& sides, std::shared_ptr<cookie_keys> cookies = {}, time_point now = {})
      : keys(sides), server(settings(keys, std::move(cookies)), now), client(keys.client()) {
    server.feed(greeting(3, 1, "CURVE"));
    server.sent.clear();
  }
  static config settings(const curve_sides& sides, std::shared_ptr<cookie_keys> cookies) {
    config made = secured(sides.server(), true);
    made.cookies = std::move(cookies);
    return made;
  }
  void greet() {
    server.feed(client.hello());
    ASSERT_TRUE(client.take_welcome(server.take_sent())) << server.detail;
  }

  curve_sides keys;
  listener server;
  handmade_client client;
};

/// A client of ours and a server that is written by hand.
struct connected {
  connected() : client(secured(keys.client(), false)), server(keys.server_keys) {
    client.feed(greeting(3, 1, "CURVE"));
    server.take_hello(std::string_view(client.sent).substr(64));
    client.sent.clear();
  }
  curve_sides keys;
  listener client;
  handmade_server server;
};

}  // namespace monocoque::zmtp::testing
