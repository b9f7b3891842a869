#include "crypto/box.hpp"
#include "crypto/message_cipher.hpp"
#include "crypto/secret.hpp"
#include "tests/constant_time/secrecy.hpp"

#include <monocoque/curve_keys.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

/// What is done with secrets takes the same steps whatever they are, and so the same time.
namespace monocoque::test {
namespace {

using content = std::array<std::byte, 32>;

content filled(unsigned char with) {
  content made{};
  made.fill(static_cast<std::byte>(with));
  return made;
}
/// Differs from that in one octet.
content filled_but(unsigned char with, std::size_t at) {
  content made = filled(with);
  made.at(at) ^= std::byte{1};
  return made;
}

/// The others mean nothing unless this is noticed.
TEST(constant_time, does_not_hold_of_comparisons_that_stop_at_the_first_difference) {
  under_valgrind([] {
    const content one = filled(7);
    const content other = filled_but(7, 3);
    make_secret(one);
    EXPECT_FALSE(known(std::equal(one.begin(), one.end(), other.begin())));
    EXPECT_GT(dependences(), 0U);
  });
}

TEST(constant_time, holds_of_the_comparison_of_secrets) {
  under_valgrind([] {
    for (const std::size_t at : {0U, 15U, 31U}) {
      const content one = filled(7);
      const content same = filled(7);
      const content other = filled_but(7, at);
      make_secret(one);
      make_secret(same);
      EXPECT_TRUE(known(crypto::same(one, same)));
      EXPECT_FALSE(known(crypto::same(one, other)));
    }
    const std::vector<std::byte> long_one(1000, std::byte{1});
    const std::vector<std::byte> long_other(1000, std::byte{1});
    make_secret(long_one);
    EXPECT_TRUE(known(crypto::same(long_one, long_other)));
    EXPECT_EQ(dependences(), 0U);
  });
}

TEST(constant_time, holds_of_the_comparison_of_secret_keys) {
  under_valgrind([] {
    const curve_secret_key one(filled(7));
    const curve_secret_key same(filled(7));
    const curve_secret_key other(filled_but(7, 0));
    const curve_secret_key none;
    make_secret(one.data());
    make_secret(none.data());
    EXPECT_TRUE(known(one == same));
    EXPECT_FALSE(known(one == other));
    EXPECT_FALSE(known(one.empty()));
    EXPECT_TRUE(known(none.empty()));
    EXPECT_EQ(dependences(), 0U);
  });
}

TEST(constant_time, holds_of_sealing_with_a_secret_key) {
  under_valgrind([] {
    crypto::box_key key;
    key.randomize();
    make_secret(key.bytes().span());
    const content prefix = filled(1);
    for (const std::size_t size : {1U, 64U, 255U, 256U, 1000U, 5000U}) {
      const std::vector<std::byte> text(size, std::byte{'x'});
      std::vector<std::byte> box(crypto::tag_size + size);
      key.seal(box, text, {});

      const crypto::message_cipher cipher(key,
                                          std::span(prefix).first<crypto::message_cipher::prefix_size>());
      std::vector<std::byte> sealed(crypto::message_cipher::scratch_size + 1 + size);
      content tag{};
      cipher.seal(sealed.data() + crypto::message_cipher::scratch_size, {}, text, 1, tag.data());
    }
    EXPECT_EQ(dependences(), 0U);
  });
}

TEST(constant_time, holds_of_sealing_a_secret_text) {
  under_valgrind([] {
    crypto::box_key key;
    key.randomize();
    const content text = filled(3);
    make_secret(text);
    std::array<std::byte, sizeof(content) + crypto::tag_size> box{};
    key.seal(box, text, {});
    EXPECT_EQ(dependences(), 0U);
  });
}

TEST(constant_time, holds_of_finding_the_public_key) {
  under_valgrind([] {
    const curve_secret_key key(filled(9));
    make_secret(key.data());
    const curve_public_key found = key.public_key();
    make_known(found.data());
    make_known(key.data());
    EXPECT_EQ(found, curve_secret_key(filled(9)).public_key());
    EXPECT_EQ(dependences(), 0U);
  });
}

}  // namespace
}  // namespace monocoque::test
