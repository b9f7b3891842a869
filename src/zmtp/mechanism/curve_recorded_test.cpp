#include "crypto/scripted_random.hpp"
#include "zmtp/mechanism/security_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// CURVE as two libzmq 4.3.4 (Debian 12) spoke it over TCP, recorded by a proxy between them. Their random
/// numbers were libsodium's, which had been told what to draw, so that all their secrets are known and what
/// we send must be the same to the octet.
namespace monocoque::zmtp {
namespace {

using namespace testing;
using crypto::testing::scripted_random;
using ::testing::HasSubstr;

/// Secret keys and nonces are of one octet each, repeated.
constexpr int long_term_client = 0x0c, long_term_server = 0x05;
constexpr std::uint8_t short_term_client = 0xc2, vouch_nonce = 0xc3;
constexpr std::uint8_t short_term_server = 0x52, cookie_nonce = 0x53, cookie_key = 0x54, welcome_nonce = 0x55;

// In hex, behind the greeting; the first commands of both sessions are the same.
constexpr std::string_view hello =
    "04c80548454c4c4f010000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000b63d05558f21e85cf2e5721509301077a508"
    "733b05dff3e6f518ea04aec42c65000000000000000127bc2e542c15e247c597b8b1f2e6e35f619596f34a3cd461b9b4054d"
    "e8f94236fc99ed95b1a6b01ebf44b588f0bf4cf932b081817d1ba5ba6a1196613708a44820fa112df18b3411adbbe4040c40"
    "6b1b";
constexpr std::string_view welcome =
    "04a80757454c434f4d455555555555555555555555555555555551687a3f7ad114535cbe352e6c97de1523d491cee343d341"
    "76abb2a9f53ba03ba86d848348d99a185c8cab54bd0b7b045e3af656dc834fac0f51b83d1914b92aea4f8c99bea6ffed058e"
    "e0e2095189ae8e5a49dd53e54802b66a8d1b53260dd5cfd9f9803a36aaa3edefff543f966eface7cdf39e1cdef669bb6aaf8"
    "e3c4bed9561ec483eeef13ad8ed7dcab055f2fa9";

// DEALER "joe" says "hello" and a message of three frames, the last of 260 times x, to a DEALER, which says
// "hi" and a message of two.
constexpr std::string_view dealer_initiate =
    "06000000000000012708494e49544941544553535353535353535353535353535353e594a22077761251f4b8f0bccde47531"
    "94408de1c6ec3e5957ca1e16b90a4516bc4c9b7d7503fa0ec5777f0a2829173a4833fd157d69aaaa072a2ac58a9599453ecb"
    "ae86527c29cece6ed968a3802f89000000000000000230f58f3ab0e600580b5b136dafe54b5b153c7a84841ce0460792816c"
    "85ac146138a4d962e474dcd2f604e26bb71947fe852e472c811b5a3c261501b36e0e2dddb8060a6afaedbcc996d639f0d499"
    "73406e4f698dd3a119ac43f89140f7bdfff13362617e7f6dd327fa81f26fe57d0e88d69d4c593fcb754b01f324755457613c"
    "ca553b69cfffa47a4217411614de80853a70f69a46712dfb566f31491afc410a095ee4117ac06489de6d7844fcac1b547a25"
    "0a56c52c";
constexpr std::string_view dealer_traffic =
    "0026074d4553534147450000000000000003f0579c9a4a849b135ffdb1ae323ab167078d1ee0467d0022074d455353414745"
    "0000000000000004c5cfbda4bca6a5efe9105e76a5464f8456e20021074d4553534147450000000000000005ae4478da2414"
    "31990d77703bc537deebf6020000000000000125074d45535341474500000000000000061d0efbf0dcd57427bed9b554da4a"
    "427db4abcf7df2aa15103e24968617a4786353bc7a10f8880eed7944c78c84c773afc6e8f6171de6e3d321e6272302979ec8"
    "d26afc2095a602f47c7f2e133792826a0584b2a053a4fddfd04dcb33ffe8938d150f0641b833aff17b626ffa66bbaee6b729"
    "d6d5bfbc23f91cd83ab9703a7c459ee294ddf0a35b6c95d8ce009d0d1001e9bab49726c4aec25f0a3a9a9c61fafd5ffc6381"
    "5bbf9d6156984de92e0f228afdb7bb9bdc06e2bc7d20d6b051c9448caaf2cb5005c616f626acdd1af55ad60af4e569e264fc"
    "4e0f82fc89a9f490e708dd910b4ffe94f6e4dec021dcd9f1addd6994075111d93bd3459588486ae51df492ac859fbb74ba01"
    "8b6829f75a09ee0522ccfe6a3a";
constexpr std::string_view dealer_server_ready =
    "04410552454144590000000000000001094c6ac9462e89f43e87193e30bfb0914b19f61bcc398e45325633bdcbaefe4dfa15"
    "2d37b43b96fd97cec4217ab633111bbabf";
constexpr std::string_view dealer_server_traffic =
    "0023074d45535341474500000000000000027a320b312ff08eaca5b7a64c94826d9068261e0022074d455353414745000000"
    "0000000003630e70cf71482436e9eecf2bb1e7476766a50021074d4553534147450000000000000004aa83bcf722a670dceb"
    "3f9ac95337d2b88e";

// SUB subscribes to "topic" and cancels that; PUB sends "topic" and "news" in one message.
constexpr std::string_view sub_initiate =
    "06000000000000011408494e49544941544553535353535353535353535353535353e594a22077761251f4b8f0bccde47531"
    "94408de1c6ec3e5957ca1e16b90a4516bc4c9b7d7503fa0ec5777f0a2829173a4833fd157d69aaaa072a2ac58a9599453ecb"
    "ae86527c29cece6ed968a3802f8900000000000000024bf85327f176cbb5bba7f053d543b91d153c7a84841ce0460792816c"
    "85ac146138a4d962e474dcd2f604e26bb71947fe852e472c811b5a3c261501b36e0e2dddb8060a6afaedbcc996d639f0d499"
    "73406e4f698dd3a119ac43f89140f7bdfff13362617e7f6dd327fa81f26fe57d0e88d69d4c593fcb754b01f324755457613c"
    "ca553b69cfffa47a4217411614de80853a70f69a46712dfb566f31491afc410f1e4ee7";
constexpr std::string_view sub_traffic =
    "0030074d45535341474500000000000000032c6e5519775d0e970a16f64f8ec801e105ec28d96841b5a71329ae6c271b452c"
    "002d074d455353414745000000000000000485ab7b0723375c4a8b3d3ffcbbb11f515585fad0f4a25de7335099655d";
constexpr std::string_view pub_ready =
    "04310552454144590000000000000001bd1265b2d8cdce7ae824f9e39ba383444b19f61bcc398e45325633bdcbaefe48ee05"
    "2e";
constexpr std::string_view pub_traffic =
    "0026074d4553534147450000000000000002371b7c896a01fd53d3dec421105cc548693a18ffc99e0025074d455353414745"
    "0000000000000003053ae952c5035d0dc0c17649d8681c7167a91f3c63";

/// In place of READY, to a client that its ZAP handler has denied.
constexpr std::string_view refusal = "040a054552524f5203343030";

struct session {
  socket_type client_type, server_type;
  std::string routing_id;
  std::string_view initiate, client_traffic, ready, server_traffic;
  std::string client_says, server_says;  // in canonical form
  std::vector<std::string> client_log, server_log;
};

std::vector<session> sessions() {
  const std::string x260(260, 'x');
  return {{.client_type = socket_type::dealer,
           .server_type = socket_type::dealer,
           .routing_id = "joe",
           .initiate = dealer_initiate,
           .client_traffic = dealer_traffic,
           .ready = dealer_server_ready,
           .server_traffic = dealer_server_traffic,
           .client_says = frame("hello") + frame("a", 1) + frame("", 1) + frame(x260),
           .server_says = frame("hi") + frame("b", 1) + frame(""),
           .client_log = {"handshake DEALER 3.1 id=", "message [hi]", "message [b][]"},
           .server_log = {"handshake DEALER 3.1 id=joe", "message [hello]", "message [a][][" + x260 + "]"}},
          {.client_type = socket_type::sub,
           .server_type = socket_type::pub,
           .routing_id = {},
           .initiate = sub_initiate,
           .client_traffic = sub_traffic,
           .ready = pub_ready,
           .server_traffic = pub_traffic,
           .client_says = command("SUBSCRIBE", "topic") + command("CANCEL", "topic"),
           .server_says = frame("topic", 1) + frame("news"),
           .client_log = {"handshake PUB 3.1 id=", "message [topic][news]"},
           .server_log = {"handshake SUB 3.1 id=", "subscribe topic", "cancel topic"}}};
}

curve_keypair keys_of(int filling) {
  std::array<std::byte, curve_secret_key::size> secret{};
  secret.fill(static_cast<std::byte>(filling));
  return curve_keypair::of(curve_secret_key(secret));
}
const curve_keypair client_keys = keys_of(long_term_client), server_keys = keys_of(long_term_server);

config client_of(const session& recorded) {
  config settings = secured(curve_client{.server = server_keys.public_key, .keys = client_keys}, false,
                            recorded.client_type);
  settings.routing_id = bytes::copy(recorded.routing_id);
  return settings;
}
config server_of(const session& recorded) {
  return secured(curve_server{server_keys}, true, recorded.server_type);
}
/// In our order. The third is a key for cookies of before, of which libzmq has none.
std::vector<std::uint8_t> draws_of_server() {
  return {short_term_server, cookie_nonce, 0, cookie_key, welcome_nonce};
}

TEST(curve_recorded, the_client_of_libzmq_is_served_wherever_its_bytes_are_split) {
  for (const session& recorded : sessions()) {
    const std::string input = greeting(3, 1, "CURVE") + from_hex(hello) + from_hex(recorded.initiate) +
                              from_hex(recorded.client_traffic);
    std::vector<std::string> expected{"claim CURVE : " + client_keys.public_key.z85()};
    expected.insert(expected.end(), recorded.server_log.begin(), recorded.server_log.end());
    for (std::size_t at = 0; at <= input.size(); ++at) {
      const scripted_random known(draws_of_server());
      listener server(server_of(recorded));
      server.feed(std::string_view(input).substr(0, at));
      server.peer.handle_verdict({});  // as soon as it may come
      server.drain();
      server.feed(std::string_view(input).substr(at));
      server.peer.handle_verdict({});
      server.drain();
      ASSERT_EQ(server.log, expected) << "split at " << at;
      ASSERT_EQ(server.sent.substr(greeting().size()), from_hex(welcome) + from_hex(recorded.ready));
      ASSERT_EQ(server.in_its_form(recorded.server_says), from_hex(recorded.server_traffic));
    }
  }
}

TEST(curve_recorded, the_server_of_libzmq_is_understood_wherever_its_bytes_are_split) {
  for (const session& recorded : sessions()) {
    const std::string input = greeting(3, 1, "CURVE") + from_hex(welcome) + from_hex(recorded.ready) +
                              from_hex(recorded.server_traffic);
    for (std::size_t at = 0; at <= input.size(); ++at) {
      const scripted_random known({short_term_client, vouch_nonce});
      listener client(client_of(recorded));
      client.feed(std::string_view(input).substr(0, at));
      client.feed(std::string_view(input).substr(at));
      ASSERT_EQ(client.log, recorded.client_log) << "split at " << at;
      ASSERT_EQ(client.sent.substr(greeting().size()), from_hex(hello) + from_hex(recorded.initiate));
      ASSERT_EQ(client.in_its_form(recorded.client_says), from_hex(recorded.client_traffic));
    }
  }
}

TEST(curve_recorded, the_server_of_libzmq_is_understood_when_it_refuses) {
  const scripted_random known({short_term_client, vouch_nonce});
  listener client(client_of(sessions()[0]));
  client.feed(greeting(3, 1, "CURVE") + from_hex(welcome) + from_hex(refusal));
  EXPECT_EQ(client.failure, errc::authentication_failed);
  EXPECT_THAT(client.detail, HasSubstr("400"));
}

}  // namespace
}  // namespace monocoque::zmtp
