#include "tests/secrets/drawn_secrets.hpp"
#include "tests/secrets/watched_memory.hpp"
#include "zmtp/mechanism/cookie_keys.hpp"
#include "zmtp/mechanism/security_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

/// Both sides of CURVE in memory: of no key is anything left behind in memory that was given back, nor, when
/// the connections are gone, anywhere else in the heap.
namespace monocoque::test {
namespace {

using namespace zmtp;
using namespace zmtp::testing;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t seed = 20'260'726;

/// How a handshake goes, from the moment that both sides are there.
struct course {
  std::string_view name;
  void (*run)(secured_pair& both, std::size_t piece);
};
void PrintTo(const course& one, std::ostream* out) { *out << one.name; }

void let_in(secured_pair& both, std::size_t piece) {
  both.shake_hands({}, piece);
  ASSERT_TRUE(both.server.peer.ready() && both.client.peer.ready());
  std::string canonical;
  for (const std::size_t size : {0U, 1U, 70U, 5000U, 70'000U}) canonical += frame(std::string(size, 'x'));
  both.server.feed_in_pieces(both.client.in_its_form(canonical), piece);
  both.client.feed_in_pieces(both.server.in_its_form(canonical), piece);
  ASSERT_EQ(both.server.log.size(), 7U);
}
void deny(secured_pair& both, std::size_t piece) { both.shake_hands({.status = 400}, piece); }
void leave_after_hello(secured_pair& both, std::size_t piece) {
  both.client.feed_in_pieces(both.server.take_sent() + greeting(3, 1, "CURVE"), piece);
  both.server.feed_in_pieces(both.client.take_sent(), piece);
  both.server.close();
  both.client.close();
}
/// Changes one bit of what the server is told next, or the client.
void garble(listener& to, listener& from, std::size_t piece) {
  while (from.sent.size() + to.sent.size() > 0) {
    std::string said = from.take_sent();
    if (said.size() > 100) said[said.size() - 20] ^= 1;
    to.feed_in_pieces(said, piece);
    from.feed_in_pieces(to.take_sent(), piece);
  }
  ASSERT_EQ(to.failure, errc::decryption_failed);
}
void garble_hello_or_initiate(secured_pair& both, std::size_t piece) {
  garble(both.server, both.client, piece);
}
void garble_welcome(secured_pair& both, std::size_t piece) { garble(both.client, both.server, piece); }
void repeat_a_message(secured_pair& both, std::size_t piece) {
  both.shake_hands({}, piece);
  const std::string said = both.client.in_its_form(frame("twice"));
  both.server.feed_in_pieces(said + said, piece);
  ASSERT_EQ(both.server.failure, errc::decryption_failed);
}
void leave_with_a_claim(secured_pair& both, std::size_t piece) {
  pump(both.server, both.client, piece);
  both.server.close();
}

class curve_secrets : public ::testing::TestWithParam<course> {
 protected:
  /// All that is drawn for it is watched for, the long-term keys too.
  static void run(std::size_t piece) {
    const drawn_secrets drawn(seed);
    const curve_sides keys;
    const auto cookies = std::make_shared<cookie_keys>();
    secured_pair both(keys.server(), keys.client());
    GetParam().run(both, piece);
  }
};

/// Of the messages that follow INITIATE or READY: the begin of each one's key stream, and what Poly1305 makes
/// of its first half.
void watch_for_keys_of_tags(const crypto::secret<32>& subkey) {
  for (unsigned char number = 1; number <= 8; ++number) {
    const std::array<unsigned char, crypto_stream_salsa20_NONCEBYTES> counted{0, 0, 0, 0, 0, 0, 0, number};
    crypto::secret<32> key;
    crypto_stream_salsa20(key.raw(), key.span().size(), counted.data(), subkey.raw());
    watch_for(key.span(), "the key of a tag");
    for (const std::size_t i : {3U, 7U, 11U, 15U}) key.raw()[i] &= 0x0f;
    for (const std::size_t i : {4U, 8U, 12U}) key.raw()[i] &= 0xfc;
    watch_for(key.span().first<16>(), "the key of a tag");
  }
}

/// What was not drawn but comes of it: the keys of boxes, and those of XSalsa20 that come of these.
void watch_for_derived_keys() {
  const drawn_secrets drawn(seed);
  const curve_sides keys;
  {
    secured_pair both(keys.server(), keys.client());
    both.shake_hands();
    ASSERT_TRUE(both.server.peer.ready());
  }
  // Long-term ones, then C' and S' in the order in which they were drawn, and what cookies were sealed with.
  const auto& all = drawn.keys();
  ASSERT_GE(all.size(), 5U);
  const curve_secret_key client_short(all[2].span());
  const curve_secret_key server_short(all[3].span());
  const auto watch_for_box = [](const curve_public_key& theirs, const curve_secret_key& own) {
    crypto::box_key key;
    ASSERT_TRUE(key.agree(theirs, own));
    watch_for(key.bytes().span(), "the key of a box");
    for (const char* const prefix : {"CurveZMQMESSAGEC", "CurveZMQMESSAGES", "CurveZMQINITIATE"}) {
      crypto::secret<32> subkey;
      crypto_core_hsalsa20(subkey.raw(), reinterpret_cast<const unsigned char*>(prefix), key.bytes().raw(),
                           nullptr);
      watch_for(subkey.span(), "a key of XSalsa20");
      watch_for_keys_of_tags(subkey);
    }
  };
  watch_for_box(keys.server_keys.public_key, client_short);
  watch_for_box(server_short.public_key(), client_short);
  watch_for_box(server_short.public_key(), keys.client_keys.secret_key);
}

TEST_P(curve_secrets, are_left_behind_nowhere) {
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{40}}) {
    forget_secrets();
    ASSERT_NO_FATAL_FAILURE(watch_for_derived_keys());
    EXPECT_THAT(found_in_freed_memory(), IsEmpty());
    run(piece);
    const drawn_secrets cleared(seed);  // its own copies are gone
    EXPECT_THAT(found_in_freed_memory(), IsEmpty());
    EXPECT_THAT(found_in_used_memory(), IsEmpty());
  }
  forget_secrets();
}

INSTANTIATE_TEST_SUITE_P(of, curve_secrets,
                         ::testing::Values(course{"one_who_is_let_in", let_in},
                                           course{"one_who_is_denied", deny},
                                           course{"one_who_leaves_after_HELLO", leave_after_hello},
                                           course{"one_who_leaves_with_a_claim", leave_with_a_claim},
                                           course{"one_whose_HELLO_is_wrong", garble_hello_or_initiate},
                                           course{"one_whose_WELCOME_is_wrong", garble_welcome},
                                           course{"one_who_repeats_itself", repeat_a_message}),
                         [](const auto& given) { return std::string(given.param.name); });

/// That they are what is watched for: while both talk, they are found where they are used.
TEST(curve_secrets, are_in_memory_as_long_as_they_are_needed) {
  forget_secrets();
  ASSERT_NO_FATAL_FAILURE(watch_for_derived_keys());
  {
    const drawn_secrets drawn(seed);
    const auto keys = std::make_unique<curve_sides>();
    secured_pair both(keys->server(), keys->client());
    both.shake_hands();
    EXPECT_THAT(found_in_used_memory(), Contains(HasSubstr("a key that was drawn")));
    EXPECT_THAT(found_in_used_memory(), Contains(HasSubstr("a key of XSalsa20")));
  }
  forget_secrets();
}

}  // namespace
}  // namespace monocoque::test
