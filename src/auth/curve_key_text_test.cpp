#include "auth/key_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::auth {
namespace {

std::string secret_z85(const curve_keypair& keys) { return keys.secret_key.z85(); }

TEST(curve_key_text, a_missing_public_key_is_computed) {
  const curve_keypair keys = curve_keypair::generate();
  const auto bare = read_key_text(secret_z85(keys) + "\n", key_half::secret_half);
  ASSERT_TRUE(bare.has_value()) << bare.error().message();
  EXPECT_EQ(bare->public_key, keys.public_key);
  EXPECT_EQ(bare->secret_key, keys.secret_key);
  for (const key_half wanted : {key_half::public_half, key_half::secret_half}) {
    const auto found = read_key_text("curve\n    secret-key = " + secret_z85(keys), wanted);
    ASSERT_TRUE(found.has_value()) << found.error().message();
    EXPECT_EQ(found->public_key, keys.public_key);
  }
}

TEST(curve_key_text, a_public_key_of_another_pair_is_refused) {
  const auto text =
      write_key_text({curve_keypair::generate().public_key, curve_keypair::generate().secret_key},
                     key_half::secret_half, {});
  ASSERT_TRUE(text.has_value());
  const auto found = read_key_text(*text, key_half::secret_half);
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().detail(), "its public key is not the one that belongs to its secret key");
}

}  // namespace
}  // namespace monocoque::auth
