#include "crypto/openssl_poly1305.hpp"
#include "tests/secrets/watched_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <thread>
#include <vector>

/// OpenSSL's memory is not taken by what is linked into this program, so that it is told to take it here.
namespace monocoque::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const bool is_watched = [] {
  const auto take = [](std::size_t size, const char*, int) { return std::malloc(size); };
  const auto retake = [](void* old, std::size_t size, const char*, int) { return std::realloc(old, size); };
  const auto give_back = [](void* memory, const char*, int) { std::free(memory); };
  return CRYPTO_set_mem_functions(take, retake, give_back) == 1;
}();

std::array<std::byte, 32> key;  // not in the heap

class openssl_secrets : public ::testing::Test {
 protected:
  openssl_secrets() {
    forget_secrets();
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i * i + 91);
    watch_for(key, "the key of a tag");
  }
  ~openssl_secrets() override { forget_secrets(); }
  void SetUp() override { ASSERT_TRUE(is_watched); }
};

/// The other test means nothing unless this is noticed.
TEST_F(openssl_secrets, would_be_found_if_it_were_left_behind) {
  EVP_MAC* const poly1305 = EVP_MAC_fetch(nullptr, "POLY1305", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(poly1305);
  const auto* const raw_key = reinterpret_cast<const unsigned char*>(key.data());
  ASSERT_EQ(EVP_MAC_init(context, raw_key, key.size(), nullptr), 1);
  EXPECT_THAT(found_in_used_memory(), Contains(HasSubstr("the key of a tag")));
  std::array<unsigned char, 16> tag{};
  std::size_t size = 0;
  EXPECT_EQ(EVP_MAC_final(context, tag.data(), &size, tag.size()), 1);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(poly1305);
}

TEST_F(openssl_secrets, is_left_behind_nowhere_by_a_tag) {
  std::thread([] {
    const std::vector<std::byte> text(5000);
    std::array<std::byte, crypto::tag_size> tag{};
    for (const std::size_t size : {0U, 1U, 256U, 300U, 5000U}) {
      ASSERT_TRUE(crypto::openssl_poly1305(tag, std::span(text).first(size), key));
      EXPECT_THAT(found_in_used_memory(), IsEmpty());
    }
  }).join();
  EXPECT_THAT(found_in_freed_memory(), IsEmpty());
  EXPECT_THAT(found_in_used_memory(), IsEmpty());
}

}  // namespace
}  // namespace monocoque::test
