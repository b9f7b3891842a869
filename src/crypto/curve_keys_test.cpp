#include <monocoque/curve_keys.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace monocoque {
namespace {

// The keys that libzmq publishes for tests (zmq_curve(7)).
constexpr std::string_view server_public = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
constexpr std::string_view server_secret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
constexpr std::string_view client_public = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
constexpr std::string_view client_secret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

std::array<std::byte, 32> filled(unsigned value) {
  std::array<std::byte, 32> data{};
  data.fill(static_cast<std::byte>(value));
  return data;
}

TEST(curve_keys, are_built_in) { EXPECT_TRUE(has_curve()); }

TEST(curve_keys, of_libzmqs_documentation_belong_together) {
  EXPECT_EQ(curve_secret_key::from_z85(server_secret).public_key().z85(), server_public);
  EXPECT_EQ(curve_secret_key::from_z85(client_secret).public_key().z85(), client_public);
  const auto keys = curve_keypair::of(curve_secret_key::from_z85(server_secret));
  EXPECT_EQ(keys.public_key, curve_public_key::from_z85(server_public));
  EXPECT_EQ(keys.secret_key.z85(), server_secret);
}

TEST(curve_keys, of_rfc_7748_belong_together) {
  // Section 6.1: Alice's.
  const std::array<unsigned char, 32> secret{0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
                                             0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
                                             0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
  const std::array<unsigned char, 32> expected{
      0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d, 0xdc, 0xb4, 0x3e, 0xf7, 0x5a,
      0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38, 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};
  const curve_secret_key key(std::as_bytes(std::span(secret)));
  EXPECT_TRUE(std::ranges::equal(key.public_key().data(), std::as_bytes(std::span(expected))));
}

TEST(curve_keys, are_new_ones_each_time) {
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    const auto keys = curve_keypair::generate();
    EXPECT_FALSE(keys.public_key.empty());
    EXPECT_FALSE(keys.secret_key.empty());
    EXPECT_EQ(keys.secret_key.public_key(), keys.public_key);
    EXPECT_TRUE(seen.insert(keys.secret_key.z85()).second);
  }
}

TEST(curve_keys, come_back_from_their_text) {
  const auto keys = curve_keypair::generate();
  EXPECT_EQ(keys.public_key.z85().size(), curve_public_key::z85_size);
  EXPECT_EQ(curve_public_key::from_z85(keys.public_key.z85()), keys.public_key);
  EXPECT_EQ(curve_secret_key::from_z85(keys.secret_key.z85()), keys.secret_key);
}

TEST(curve_keys, of_zeros_are_none) {
  EXPECT_TRUE(curve_public_key().empty());
  EXPECT_TRUE(curve_secret_key().empty());
  EXPECT_TRUE(curve_public_key::from_z85(std::string(40, '0')).empty());
  EXPECT_FALSE(curve_public_key(filled(1)).empty());
  EXPECT_FALSE(curve_secret_key(filled(1)).empty());
}

TEST(curve_keys, are_compared_to_the_last_bit) {
  for (std::size_t octet = 0; octet < 32; ++octet) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto data = filled(0x5a);
      data[octet] ^= static_cast<std::byte>(1U << bit);
      EXPECT_NE(curve_public_key(data), curve_public_key(filled(0x5a)));
      EXPECT_NE(curve_secret_key(data), curve_secret_key(filled(0x5a)));
    }
  }
  EXPECT_EQ(curve_secret_key(filled(0x5a)), curve_secret_key(filled(0x5a)));
}

void expect_refusal(std::string_view text, std::string_view why) {
  const auto secret = curve_secret_key::from_z85(as_result, text);
  const auto open = curve_public_key::from_z85(as_result, text);
  ASSERT_FALSE(secret);
  ASSERT_FALSE(open);
  EXPECT_EQ(secret.error(), errc::invalid_argument);
  EXPECT_NE(secret.error().message().find(why), std::string::npos) << secret.error().message();
  EXPECT_EQ(secret.error().message().find(server_secret.substr(0, 5)), std::string::npos);
  EXPECT_EQ(open.error().message(), secret.error().message());
  EXPECT_THROW(static_cast<void>(curve_secret_key::from_z85(text)), exception);
  EXPECT_THROW(static_cast<void>(curve_public_key::from_z85(text)), exception);
}

TEST(curve_keys, are_refused_with_the_reason_and_without_the_text) {
  expect_refusal("", "40 characters of Z85, not 0");
  expect_refusal(server_secret.substr(0, 35), "not 35");
  std::string text(server_secret);
  text.push_back('0');
  expect_refusal(text, "not 41");
  text.pop_back();
  text.back() = ' ';
  expect_refusal(text, "character 40 is no Z85");
  std::fill(text.end() - 5, text.end(), '#');
  expect_refusal(text, "characters 36 to 40");
}

TEST(curve_keys, leave_nothing_secret_behind) {
  alignas(curve_secret_key) std::array<std::byte, sizeof(curve_secret_key)> storage{};
  auto* const key = ::new (storage.data()) curve_secret_key(filled(0x5a));
  EXPECT_TRUE(std::ranges::count(storage, std::byte{0x5a}) == 32);
  key->~curve_secret_key();
  const std::byte* left = storage.data();
  asm volatile("" : "+r"(left) : : "memory");  // or a compiler might know that nothing can be there
  EXPECT_EQ(std::count(left, left + storage.size(), std::byte{0x5a}), 0);
}

}  // namespace
}  // namespace monocoque
