// What is odd and no offence: the connection stays.

#include "tests/hostile/scene.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <tuple>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::string_literals;

struct oddity {
  std::string name;
  std::string words;   // before a good message
  std::string answer;  // to be read behind our handshake
  bool with_handshake = true;
};
void PrintTo(const oddity& each, std::ostream* out) { *out << each.name; }

std::vector<oddity> oddities() {
  const auto greeted = [](const std::string& name, const std::string& greeting) {
    return oddity{name, greeting + speak::ready("PUSH"), "", false};
  };
  const std::string context(16, 'c');
  return {
      {"unknown_command", speak::command("FUTURE", "whatever"), ""},
      {"join", speak::command("JOIN", "group"), ""},
      {"leave_of_what_was_never_joined", speak::command("LEAVE", "group"), ""},
      {"subscribe_to_a_pull", speak::command("SUBSCRIBE", "topic"), ""},
      {"cancel_of_what_was_never_subscribed", speak::command("CANCEL", "topic"), ""},
      {"pong_without_a_ping", speak::command("PONG", "context"), ""},
      {"pong_of_a_kilobyte", speak::command("PONG", std::string(1000, 'c')), ""},
      {"ping", speak::command("PING", "\0\x0a"s + context), speak::command("PONG", context)},
      {"ping_of_a_long_context", speak::command("PING", "\0\x0a"s + context + std::string(500, 'd')),
       speak::command("PONG", context)},
      {"ping_of_no_context", speak::command("PING", "\0\x0a"s), speak::command("PONG", "")},
      {"ping_of_time_to_live_0", speak::command("PING", "\0\0x"s), speak::command("PONG", "x")},
      {"ping_of_time_to_live_65535", speak::command("PING", "\xff\xffx"s), speak::command("PONG", "x")},
      {"long_form_of_a_short_frame", "\x02"s + speak::u64(3) + "odd", ""},
      {"command_in_the_midst_of_a_message",
       speak::frame("odd", true) + speak::command("PING", "\0\0x"s) + speak::frame(""),
       speak::command("PONG", "x")},
      greeted("revision_255", speak::greeting(255, 255)),
      greeted("minor_version_9", speak::greeting(3, 9)),
      greeted("server_bit_without_a_server", greeting_with(32, '\x01')),
      greeted("filler_that_is_not_zero", greeting_with(40, 'f')),
      greeted("signature_with_a_size", greeting_with(8, '\x09')),
  };
}

class oddities_are : public testing::TestWithParam<std::tuple<oddity, role>> {};
TEST_P(oddities_are, put_up_with) {
  const auto& [odd, as] = GetParam();
  scene on;
  pull ours(on.ctx);
  monitor events = ours.monitor();
  if (as == role::accepted) ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer = on.meet(ours, as);
  if (odd.with_handshake) shake_hands(peer, "PUSH");
  peer.send(odd.words + speak::frame("good"));
  message received = must_receive(ours);
  if (received.view() == "odd") received = must_receive(ours);
  EXPECT_EQ(received.view(), "good");
  EXPECT_EQ(peer.receive(odd.answer.size()), odd.answer);
  EXPECT_EQ(ours.peer_count(), 1U);
  EXPECT_EQ(ours.stats().events_of(event_kind::disconnected), 0U);
}
const auto name_of_oddity = [](const auto& each) {
  const auto& [odd, as] = each.param;
  return odd.name + name_of_role(as);
};
INSTANTIATE_TEST_SUITE_P(each, oddities_are, testing::Combine(testing::ValuesIn(oddities()), both_roles),
                         name_of_oddity);

TEST(cancellation, of_what_was_never_subscribed_changes_nothing) {
  context ctx;
  xpub ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  shake_hands(peer, "SUB");
  peer.send(speak::command("CANCEL", "never") + speak::command("CANCEL", "") +
            speak::command("SUBSCRIBE", "a"));
  EXPECT_EQ(must_receive(ours).view(),
            "\x01"
            "a");
  ours.send("abc");
  EXPECT_EQ(peer.receive(5), speak::frame("abc"));
}

}  // namespace
}  // namespace monocoque::test
