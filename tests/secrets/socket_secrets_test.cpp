#include "tests/secrets/drawn_secrets.hpp"
#include "tests/secrets/watched_memory.hpp"
#include "tests/socket/security_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

/// Whole sockets: when they are gone nothing of the keys is left behind in the heap, nor was it in memory
/// that was given back.
namespace monocoque::test {
namespace {

using ::testing::IsEmpty;

void expect_nothing_left() {
  EXPECT_THAT(found_in_freed_memory(), IsEmpty());
  EXPECT_THAT(found_in_used_memory(), IsEmpty());
  forget_secrets();
}

TEST(socket_secrets, of_CURVE_are_left_behind_nowhere) {
  forget_secrets();
  {
    const drawn_secrets drawn(1);
    const curve_keys keys;
    context ctx;
    pull server(ctx, secured(keys.server()));
    server.bind("tcp://127.0.0.1:0");
    push client(ctx, secured(keys.client()));
    client.connect(server.last_endpoint());
    for (const std::size_t size : {10U, 1000U, 100'000U}) {
      client.send(std::string(size, 'x'));
      ASSERT_EQ(server.receive_for(patience).value()[0].size(), size);
    }
    client.close();
    server.close();
  }
  {
    const drawn_secrets cleared(1);
  }
  expect_nothing_left();
}

TEST(socket_secrets, of_CURVE_are_left_behind_nowhere_by_who_is_denied) {
  forget_secrets();
  {
    const drawn_secrets drawn(1);
    const curve_keys keys;
    context ctx;
    pull server(ctx,
                secured(keys.server(), [](const auth_request&) { return auth_verdict::deny("nobody"); }));
    monitor events = server.monitor();
    server.bind("tcp://127.0.0.1:0");
    push client(ctx, secured(keys.client()));
    client.connect(server.last_endpoint());
    await_event(events, event_kind::handshake_failed);
    client.close();
    server.close();
  }
  {
    const drawn_secrets cleared(1);
  }
  expect_nothing_left();
}

}  // namespace
}  // namespace monocoque::test
