#include "zmtp/connection.hpp"
#include "zmtp/connection_test_support.hpp"

#include <gtest/gtest.h>

/// What libzmq 4.3.4 (Debian 12) sent over TCP, recorded with pyzmq connecting to a plain socket: signature,
/// rest of the greeting, READY, then messages (PUSH, DEALER, PAIR: "hello" and a message of three frames;
/// REQ: an empty frame and "question"; PUB and XPUB: "weather", "rain") or subscriptions.
namespace monocoque::zmtp {
namespace {

using namespace zmtp::testing;

constexpr std::string_view version_to_filler =
    "03014e554c4c000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000";

struct recording {
  socket_type own;
  std::string_view name;
  std::string_view signature, rest;  ///< in hex, before and after the part that is the same for all
  std::vector<std::string> log;
};

const std::string x300(300, 'x');

std::vector<recording> recordings() {
  return {
      {socket_type::pair,
       "PAIR",
       "ff00000000000000017f",
       "041a0552454144590b536f636b65742d547970650000000450414952000568656c6c6f01016101000200000000000001"
       "2c",
       {"handshake PAIR 3.1 id=", "message [hello]", "message [a][][" + x300 + "]"}},
      {socket_type::sub,
       "PUB",
       "ff00000000000000017f",
       "04190552454144590b536f636b65742d547970650000000350554201077765617468657200047261696e",
       {"handshake PUB 3.1 id=", "message [weather][rain]"}},
      {socket_type::pub,
       "SUB",
       "ff00000000000000017f",
       "04190552454144590b536f636b65742d547970650000000353554204110953554253435249424577656174686572040a"
       "09535542534352494245040e0643414e43454c77656174686572",
       {"handshake SUB 3.1 id=", "subscribe weather", "subscribe ", "cancel weather"}},
      {socket_type::rep,
       "REQ",
       "ff00000000000000077f",
       "042c0552454144590b536f636b65742d5479706500000003524551084964656e746974790000000669642d7265710100"
       "00087175657374696f6e",
       {"handshake REQ 3.1 id=id-req", "message [][question]"}},
      {socket_type::req,
       "REP",
       "ff00000000000000017f",
       "04190552454144590b536f636b65742d5479706500000003524550",
       {"handshake REP 3.1 id="}},
      {socket_type::router,
       "DEALER",
       "ff000000000000000a7f",
       "04320552454144590b536f636b65742d54797065000000064445414c4552084964656e746974790000000969642d6465"
       "616c6572000568656c6c6f010161010002000000000000012c",
       {"handshake DEALER 3.1 id=id-dealer", "message [hello]", "message [a][][" + x300 + "]"}},
      {socket_type::dealer,
       "ROUTER",
       "ff000000000000000a7f",
       "04320552454144590b536f636b65742d5479706500000006524f55544552084964656e746974790000000969642d726f"
       "75746572",
       {"handshake ROUTER 3.1 id=id-router"}},
      {socket_type::push,
       "PULL",
       "ff00000000000000017f",
       "041a0552454144590b536f636b65742d547970650000000450554c4c",
       {"handshake PULL 3.1 id="}},
      {socket_type::pull,
       "PUSH",
       "ff00000000000000017f",
       "041a0552454144590b536f636b65742d547970650000000450555348000568656c6c6f01016101000200000000000001"
       "2c",
       {"handshake PUSH 3.1 id=", "message [hello]", "message [a][][" + x300 + "]"}},
      {socket_type::xsub,
       "XPUB",
       "ff00000000000000017f",
       "041a0552454144590b536f636b65742d54797065000000045850554201077765617468657200047261696e",
       {"handshake XPUB 3.1 id=", "message [weather][rain]"}},
      {socket_type::xpub,
       "XSUB",
       "ff00000000000000017f",
       "041a0552454144590b536f636b65742d54797065000000045853554200080177656174686572",
       {"handshake XSUB 3.1 id=", "message [\1weather]"}},
  };
}

std::string input_of(const recording& recorded) {
  std::string input = from_hex(recorded.signature) + from_hex(version_to_filler) + from_hex(recorded.rest);
  if (recorded.log.back().find("[a][]") != std::string::npos) input += x300;
  return input;
}

TEST(recorded_libzmq, is_understood_wherever_its_bytes_are_split) {
  for (const recording& recorded : recordings()) {
    SCOPED_TRACE(std::string(recorded.name));
    const std::string input = input_of(recorded);
    for (std::size_t at = 0; at <= input.size(); ++at) {
      listener peer(recorded.own);
      peer.feed(std::string_view(input).substr(0, at));
      peer.feed(std::string_view(input).substr(at));
      ASSERT_EQ(peer.log, recorded.log) << "split at " << at;
    }
    listener octet_by_octet(recorded.own);
    octet_by_octet.feed_in_pieces(input, 1);
    EXPECT_EQ(octet_by_octet.log, recorded.log);
  }
}

TEST(recorded_libzmq, we_send_the_same_greeting_and_ready) {
  for (const recording& recorded : recordings()) {
    const auto type = socket_type_from(recorded.name);
    ASSERT_TRUE(type);
    config settings = listener::settings_for(*type, false);
    const std::string& handshake = recorded.log.front();
    settings.routing_id = bytes::copy(handshake.substr(handshake.find("id=") + 3));
    listener ours(settings);
    ours.feed(greeting());
    const std::string theirs = input_of(recorded);
    EXPECT_EQ(ours.sent, theirs.substr(0, ours.sent.size())) << recorded.name;
    EXPECT_GT(ours.sent.size(), 64U);
  }
}

}  // namespace
}  // namespace monocoque::zmtp
