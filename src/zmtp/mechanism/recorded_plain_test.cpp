#include "zmtp/mechanism/security_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// PLAIN as two libzmq 4.3.4 (Debian 12) spoke it over TCP, recorded by a proxy between them: DEALER "joe"
/// with the password "secret" and a DEALER server, "hello" against "hi", then a message of three frames
/// against one of two.
namespace monocoque::zmtp {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string x260(260, 'x');

// In hex, behind the greeting; of the client without the 260 times x at its end.
constexpr std::string_view client_handshake =
    "04110548454c4c4f036a6f6506736563726574042f08494e4954494154450b536f636b65742d54797065000000064445414c"
    "4552084964656e74697479000000036a6f65";
constexpr std::string_view client_traffic = "000568656c6c6f0101610100020000000000000104";
constexpr std::string_view server_handshake =
    "04080757454c434f4d4504290552454144590b536f636b65742d54797065000000064445414c4552084964656e7469747900"
    "000000";
constexpr std::string_view server_traffic = "000268690101620000";
/// What it says to a wrong password: ERROR, misspelt.
constexpr std::string_view server_refusal = "04095e52524f5203343030";

const plain_client joe{.username = "joe", .password = "secret"};

std::string client_stream() {
  return greeting(3, 1, "PLAIN") + from_hex(client_handshake) + from_hex(client_traffic) + x260;
}
std::string server_stream() {
  return greeting(3, 1, "PLAIN") + from_hex(server_handshake) + from_hex(server_traffic);
}

TEST(recorded_plain, its_client_is_served_wherever_its_bytes_are_split) {
  const std::string input = client_stream();
  for (std::size_t at = 0; at <= input.size(); ++at) {
    listener server(secured(plain_server{}, true));
    (void)server.take_sent();
    server.feed(std::string_view(input).substr(0, at));
    server.peer.handle_verdict({});  // as soon as it may come
    server.drain();
    server.feed(std::string_view(input).substr(at));
    server.peer.handle_verdict({});
    server.drain();
    ASSERT_THAT(server.log, ElementsAre("claim PLAIN joe:secret ", "handshake DEALER 3.1 id=joe",
                                        "message [hello]", "message [a][][" + x260 + "]"))
        << "split at " << at;
    ASSERT_THAT(server.sent, EndsWith(from_hex(server_handshake)));
  }
}

TEST(recorded_plain, its_server_is_understood_wherever_its_bytes_are_split) {
  const std::string input = server_stream();
  for (std::size_t at = 0; at <= input.size(); ++at) {
    config settings = secured(joe, false);
    settings.routing_id = bytes::copy("joe");
    listener client(settings);
    client.feed(std::string_view(input).substr(0, at));
    client.feed(std::string_view(input).substr(at));
    ASSERT_THAT(client.log, ElementsAre("handshake DEALER 3.1 id=", "message [hi]", "message [b][]"))
        << "split at " << at;
    ASSERT_THAT(client.sent, EndsWith(from_hex(client_handshake)));
  }
}

TEST(recorded_plain, its_server_is_understood_when_it_refuses) {
  listener client(secured(joe, false));
  client.feed(greeting(3, 1, "PLAIN") + from_hex(server_refusal));
  EXPECT_EQ(client.failure, errc::authentication_failed);
  EXPECT_THAT(client.detail, HasSubstr("400"));
}

}  // namespace
}  // namespace monocoque::zmtp
