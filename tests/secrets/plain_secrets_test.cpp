#include "tests/secrets/watched_memory.hpp"
#include "tests/socket/security_support.hpp"
#include "zmtp/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <utility>

/// A password crosses the network in clear, but is not left lying about on either side.
namespace monocoque::test {
namespace {

using ::testing::IsEmpty;

constexpr std::size_t password_size = 32;

/// Not in the heap, nor in the program's text.
std::array<char, password_size> password() {
  std::array<char, password_size> made{};
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>('!' + (i * 37 + 11) % 90);
  return made;
}
std::string_view view(const std::array<char, password_size>& text) { return {text.data(), text.size()}; }

class plain_secrets : public ::testing::Test {
 protected:
  plain_secrets() {
    forget_secrets();
    const auto text = password();
    watch_for(std::as_bytes(std::span(text)), "the password");
  }
  ~plain_secrets() override { forget_secrets(); }
  static void expect_nothing_left() {
    EXPECT_THAT(found_in_freed_memory(), IsEmpty());
    EXPECT_THAT(found_in_used_memory(), IsEmpty());
  }
};

zmtp::config settings(security_mechanism how) {
  zmtp::config made;
  made.socket_type = socket_type::dealer;
  made.security = std::move(how);
  return made;
}

std::array<std::byte, 64> greeting() {
  std::array<std::byte, 64> made{};
  constexpr std::string_view begin{"\xff\0\0\0\0\0\0\0\1\x7f\3\1PLAIN", 17};
  std::memcpy(made.data(), begin.data(), begin.size());
  return made;
}

/// HELLO with a name of so many octets.
template <std::size_t NameSize>
std::array<std::byte, 2 + 6 + 1 + NameSize + 1 + password_size> hello() {
  std::array<std::byte, 2 + 6 + 1 + NameSize + 1 + password_size> made{};
  made[0] = std::byte{4};
  made[1] = static_cast<std::byte>(made.size() - 2);
  std::memcpy(&made[2], "\5HELLO", 6);
  made[8] = static_cast<std::byte>(NameSize);
  std::memset(&made[9], 'n', NameSize);
  made[9 + NameSize] = std::byte{password_size};
  const auto text = password();
  std::memcpy(&made[10 + NameSize], text.data(), text.size());
  return made;
}

void feed(zmtp::connection& to, std::span<const std::byte> said, std::size_t piece) {
  while (!said.empty()) {
    const std::size_t size = std::min(piece, said.size());
    to.handle_input(bytes::copy(said.first(size)));
    said = said.subspan(size);
    if (!said.empty()) {
      ASSERT_TRUE(std::holds_alternative<std::monostate>(to.poll_event()));
    }
  }
}

template <std::size_t NameSize>
void serve(std::size_t piece, std::uint16_t status) {
  zmtp::connection server(settings(plain_server{}), {});
  feed(server, greeting(), SIZE_MAX);
  ASSERT_TRUE(std::holds_alternative<std::monostate>(server.poll_event()));
  feed(server, hello<NameSize>(), piece);
  {
    zmtp::event asked = server.poll_event();
    ASSERT_TRUE(std::holds_alternative<zmtp::claim>(asked));
    EXPECT_EQ(std::get<zmtp::claim>(asked).password, view(password()));
  }
  server.handle_verdict({.status = status});
  EXPECT_EQ(server.poll_event().index() == 0, status == 200);
}

TEST_F(plain_secrets, are_left_behind_nowhere_by_a_server) {
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{50}}) {
    for (const std::uint16_t status : std::to_array<std::uint16_t>({200, 400})) {
      ASSERT_NO_FATAL_FAILURE(serve<3>(piece, status));
      ASSERT_NO_FATAL_FAILURE(serve<190>(piece, status));
      expect_nothing_left();
    }
  }
}

TEST_F(plain_secrets, are_left_behind_nowhere_by_a_server_that_is_left_with_a_claim) {
  {
    zmtp::connection server(settings(plain_server{}), {});
    feed(server, greeting(), SIZE_MAX);
    feed(server, hello<3>(), 1);
  }
  expect_nothing_left();
}

TEST_F(plain_secrets, are_left_behind_nowhere_by_a_client) {
  {
    zmtp::connection client(settings(plain_client{"joe", std::string(view(password()))}), {});
    feed(client, greeting(), SIZE_MAX);
    ASSERT_TRUE(std::holds_alternative<std::monostate>(client.poll_event()));
    client.consume_output(10);
    client.consume_output(client.output().size());
  }
  expect_nothing_left();
}

/// What has up to 71 bytes and comes at once is copied out of the memory that it was read into, by those who
/// do not know what it is, and stays there until that is read into again.
TEST_F(plain_secrets, are_left_behind_nowhere_by_sockets) {
  const std::string long_name(bytes::inline_capacity, 'n');
  for (const bool is_right : {true, false}) {
    context ctx;
    pull server(ctx, secured(plain_server{}, [is_right](const auth_request&) {
                  return is_right ? auth_verdict::allow() : auth_verdict::deny();
                }));
    monitor events = server.monitor();
    server.bind("tcp://127.0.0.1:0");
    push client(ctx, secured(plain_client{long_name, std::string(view(password()))}));
    client.connect(server.last_endpoint());
    await_event(events, is_right ? event_kind::handshake_done : event_kind::handshake_failed);
    client.close();
    server.close();
  }
  expect_nothing_left();
}

}  // namespace
}  // namespace monocoque::test
