#include "zmtp/mechanism/curve_script_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

/// Every command of CURVE and every message, with every bit of it changed, cut off and made longer at every
/// place, in one piece and octet by octet: nothing of that may be taken for what it was.
namespace monocoque::zmtp {
namespace {

using namespace testing;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::size_t pieces[] = {SIZE_MAX, 1};

/// Where things are in a frame of a conversation, which is a short one.
struct layout {
  explicit layout(std::string_view frame)
      : header(base::wire::header_size(frame.size() - 2) == 2 ? 2 : base::wire::max_header_size),
        data(header + 1 + static_cast<std::size_t>(frame[header])) {}
  std::size_t header;
  std::size_t data;
};

class changed : public ::testing::TestWithParam<std::tuple<role, std::size_t>> {
 protected:
  [[nodiscard]] static role victim() { return std::get<0>(GetParam()); }
  [[nodiscard]] static std::size_t step() { return std::get<1>(GetParam()); }
  [[nodiscard]] const std::string& genuine() const { return script_.by(other(victim()))[step()]; }

  /// What comes of it, at the end of the connection, if all that follows is as it was.
  [[nodiscard]] std::unique_ptr<reproducible> outcome(std::string_view said, std::size_t piece) const {
    auto made = script_.at(victim(), step());
    made->hear(said, piece);
    if (victim() == role::server && step() == curve_script::second_command) made->decide();
    for (std::size_t i = step() + 1; i < curve_script::steps; ++i) script_.say(i, *made, victim(), piece);
    made->peer.close();
    return made;
  }
  /// It has failed for one of these reasons, and there was nothing else to be heard of it.
  void expect_refused(std::string_view said, const ::testing::Matcher<errc>& reason) const {
    for (const std::size_t piece : pieces) {
      const auto found = outcome(said, piece);
      EXPECT_THAT(found->peer.log, Each(StartsWith("failed ")));
      EXPECT_THAT(found->peer.failure, reason) << found->peer.detail;
      EXPECT_THAT(found->peer.detail, ::testing::Not(IsEmpty()));
      EXPECT_EQ(found->peer.log.size(), 1U);
      EXPECT_EQ(found->peer.peer.pending_bytes(), 0U);
      EXPECT_FALSE(found->peer.peer.ready());
    }
  }
  /// As if nothing had been changed.
  void expect_no_effect(std::string_view said) const {
    const auto as_it_was = outcome(genuine(), SIZE_MAX);
    for (const std::size_t piece : pieces) EXPECT_EQ(outcome(said, piece)->peer.log, as_it_was->peer.log);
  }

  [[nodiscard]] bool is_hello() const { return victim() == role::server && step() == 1; }
  [[nodiscard]] bool is_message() const { return step() >= curve_script::first_message; }

  const curve_script script_;
};

const auto wrong_command = AnyOf(errc::bad_command, errc::unexpected_command);
const auto wrong_frame =
    AnyOf(errc::bad_frame, errc::bad_command, errc::unexpected_command, errc::metadata_too_large,
          errc::frame_too_large, errc::decryption_failed, errc::peer_disconnected);

TEST_P(changed, in_one_bit_it_is_refused) {
  const layout places(genuine());
  for (std::size_t at = 0; at < genuine().size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      SCOPED_TRACE(::testing::Message() << "octet " << at << " bit " << bit);
      std::string said = genuine();
      said[at] = static_cast<char>(said[at] ^ (1 << bit));
      const bool is_version = is_hello() && at >= places.data && at < places.data + 2;
      const bool is_padding = is_hello() && at >= places.data + 2 && at < places.data + 74;
      // It stands for the same key: see curve_keys.
      if (is_hello() && at == places.data + 74 + 31 && bit == 7) continue;
      if (is_padding || (is_message() && at == 0 && bit == 2)) {
        expect_no_effect(said);  // of MESSAGE it does not matter whether it comes as a command
      } else if (at < places.header) {
        expect_refused(said, wrong_frame);
      } else if (at < places.data) {
        expect_refused(said, wrong_command);
      } else {
        expect_refused(said, is_version ? errc::unsupported_version : errc::decryption_failed);
      }
    }
  }
}

TEST_P(changed, made_shorter_it_is_refused) {
  const layout places(genuine());
  const std::string body = genuine().substr(places.header);
  for (std::size_t size = 0; size < body.size(); ++size) {
    SCOPED_TRACE(size);
    const auto flags = static_cast<std::uint8_t>(genuine()[0] & base::wire::flag_command);
    expect_refused(frame(body.substr(0, size), flags), AnyOf(errc::bad_command, errc::decryption_failed));
  }
}

TEST_P(changed, made_longer_it_is_refused) {
  const layout places(genuine());
  const std::string body = genuine().substr(places.header);
  const auto flags = static_cast<std::uint8_t>(genuine()[0] & base::wire::flag_command);
  for (const std::size_t more : {1U, 2U, 15U, 16U, 17U, 32U, 64U, 255U, 256U, 4096U}) {
    for (const char filling : {'\0', '\xff'}) {
      SCOPED_TRACE(more);
      expect_refused(frame(body + std::string(more, filling), flags),
                     AnyOf(errc::bad_command, errc::decryption_failed));
      expect_refused(frame(std::string(more, filling) + body, flags), wrong_command);
    }
  }
}

TEST_P(changed, broken_off_it_is_a_peer_that_has_gone) {
  for (std::size_t size = 0; size < genuine().size(); ++size) {
    for (const std::size_t piece : pieces) {
      const auto found = script_.at(victim(), step());
      found->hear(genuine().substr(0, size), piece);
      EXPECT_THAT(found->peer.log, IsEmpty());
      EXPECT_LE(found->peer.peer.pending_bytes(), size);
      found->peer.close();
      EXPECT_EQ(found->peer.failure, errc::peer_disconnected) << size;
    }
  }
}

TEST_P(changed, by_nothing_it_is_taken) {
  const auto found = outcome(genuine(), 3);
  EXPECT_THAT(found->peer.log, ::testing::Contains("message [the second]"));
  EXPECT_THAT(found->peer.log.back(), HasSubstr("peer_disconnected"));
}

/// Of the greeting not everything counts, and nothing in it is secret: it is refused, or makes no difference.
TEST(changed_greeting, in_one_bit_it_lets_nobody_in_with_less) {
  const curve_script script;
  for (const role victim : {role::client, role::server}) {
    const auto as_it_was = script.at(victim, 0);
    for (std::size_t i = 0; i < curve_script::steps; ++i) script.say(i, *as_it_was, victim);
    for (std::size_t at = 0; at < 64; ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        SCOPED_TRACE(::testing::Message() << "octet " << at << " bit " << bit);
        std::string said = script.by(other(victim))[curve_script::first_words];
        said[at] = static_cast<char>(said[at] ^ (1 << bit));
        const auto found = script.at(victim, 0);
        found->hear(said);
        for (std::size_t i = 1; i < curve_script::steps; ++i) script.say(i, *found, victim);
        found->peer.close();
        const auto& log = found->peer.log;
        if (log.size() == 1) {
          EXPECT_THAT(found->peer.failure,
                      AnyOf(errc::bad_greeting, errc::mechanism_mismatch, errc::peer_disconnected));
        } else {
          EXPECT_EQ(log.size(), as_it_was->peer.log.size() + 1);
          EXPECT_EQ(found->peer.who.mechanism, "CURVE");
          EXPECT_THAT(log, ::testing::Contains("message [the second]"));
        }
      }
    }
  }
}

constexpr auto name_of_case = [](const auto& info) {
  static constexpr std::string_view names[2][curve_script::steps] = {
      {"", "WELCOME", "READY", "MESSAGE_of_a_server", "last_MESSAGE_of_a_server"},
      {"", "HELLO", "INITIATE", "MESSAGE_of_a_client", "last_MESSAGE_of_a_client"}};
  return std::string(names[static_cast<std::size_t>(std::get<0>(info.param))][std::get<1>(info.param)]);
};
INSTANTIATE_TEST_SUITE_P(curve, changed,
                         ::testing::Combine(::testing::Values(role::client, role::server),
                                            ::testing::Range<std::size_t>(curve_script::first_command,
                                                                          curve_script::steps)),
                         name_of_case);

}  // namespace
}  // namespace monocoque::zmtp
