#include "zmtp/mechanism/curve_script_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

/// What was said, at another time than it was said, or to the one who said it.
namespace monocoque::zmtp {
namespace {

using namespace testing;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const auto refusal = AnyOf(errc::bad_greeting, errc::bad_frame, errc::bad_command, errc::unexpected_command,
                           errc::decryption_failed, errc::mechanism_mismatch, errc::peer_disconnected);

class curve_order : public ::testing::TestWithParam<role> {
 protected:
  /// Who has heard everything up to `before` hears this, and then that nothing more comes.
  void expect_refused(std::size_t before, std::string_view said) const {
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
      const auto found = script_.at(GetParam(), before);
      found->hear(said, piece);
      found->decide();
      found->peer.close();
      EXPECT_THAT(found->peer.log, Each(StartsWith("failed")));
      EXPECT_EQ(found->peer.log.size(), 1U);
      EXPECT_THAT(found->peer.failure, refusal) << found->peer.detail;
    }
  }
  const curve_script script_;
};

TEST_P(curve_order, what_comes_too_early_or_again_is_refused) {
  for (std::size_t before = 0; before < curve_script::steps; ++before) {
    for (std::size_t said = 0; said < curve_script::steps; ++said) {
      if (said == before) continue;
      SCOPED_TRACE(::testing::Message() << said << " in the place of " << before);
      expect_refused(before, script_.by(other(GetParam()))[said]);
    }
  }
}

TEST_P(curve_order, what_one_has_said_oneself_is_refused) {
  for (std::size_t before = 0; before < curve_script::steps; ++before) {
    for (std::size_t said = 0; said < curve_script::steps; ++said) {
      // Both greetings are the same but for one bit, by which a server knows that it talks to one.
      if (said == curve_script::first_words && before == curve_script::first_words) continue;
      SCOPED_TRACE(::testing::Message() << said << " in the place of " << before);
      expect_refused(before, script_.by(GetParam())[said]);
    }
  }
}

TEST_P(curve_order, a_message_that_was_left_out_is_missed) {
  const auto found = script_.at(GetParam(), curve_script::first_message);
  found->hear(script_.by(other(GetParam()))[curve_script::second_message]);
  EXPECT_THAT(found->peer.log, ElementsAre(HasSubstr("decryption_failed: message number")));
  EXPECT_THAT(found->peer.detail, HasSubstr("left out"));
}

TEST_P(curve_order, a_message_that_comes_twice_is_delivered_once) {
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{30}}) {
    const auto found = script_.at(GetParam(), curve_script::first_message);
    const std::string& message = script_.by(other(GetParam()))[curve_script::first_message];
    found->hear(message + message, piece);
    EXPECT_THAT(found->peer.log, ElementsAre("message [the first one]", HasSubstr("repeated")));
    EXPECT_EQ(found->peer.failure, errc::decryption_failed);
  }
}

/// Or the link would wait for more input, which nobody looks at any more.
TEST_P(curve_order, a_connection_with_something_wrong_behind_a_message_is_not_at_rest) {
  const auto found = script_.at(GetParam(), curve_script::first_message);
  const std::string& message = script_.by(other(GetParam()))[curve_script::first_message];
  found->peer.peer.handle_input(bytes::copy(message + message));
  EXPECT_TRUE(std::holds_alternative<messages>(found->peer.peer.poll_event()));
  EXPECT_FALSE(found->peer.peer.at_rest());
  EXPECT_TRUE(std::holds_alternative<failed>(found->peer.peer.poll_event()));
}

TEST_P(curve_order, nothing_of_another_connection_with_the_same_keys_is_taken) {
  const curve_script another(script_.keys(), 2);
  for (std::size_t before = curve_script::first_command; before < curve_script::steps; ++before)
    expect_refused(before, another.by(other(GetParam()))[before]);
}

constexpr auto name_of_case = [](const auto& info) {
  return info.param == role::client ? "client" : "server";
};
INSTANTIATE_TEST_SUITE_P(heard_by, curve_order, ::testing::Values(role::client, role::server), name_of_case);

}  // namespace
}  // namespace monocoque::zmtp
