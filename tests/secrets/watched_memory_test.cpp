#include "tests/secrets/watched_memory.hpp"

#include "crypto/secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

/// That what the other tests do not find would be found.
namespace monocoque::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::array<std::byte, 32> secret;  // not in the heap

struct watched_memory : ::testing::Test {
  watched_memory() {
    for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::byte>(i * i + 77);
    watch_for(secret, "it");
  }
  ~watched_memory() override { forget_secrets(); }
};

TEST_F(watched_memory, a_secret_in_a_block_that_is_given_back_is_found) {
  auto block = std::make_unique<std::vector<std::byte>>(100);
  std::memcpy(block->data() + 33, secret.data(), secret.size());
  EXPECT_THAT(found_in_freed_memory(), IsEmpty());
  EXPECT_THAT(found_in_used_memory(), ElementsAre(HasSubstr("it in 1")));
  block.reset();
  EXPECT_THAT(found_in_freed_memory(), ElementsAre(HasSubstr("it in 1")));
  EXPECT_THAT(found_in_used_memory(), IsEmpty());
}

TEST_F(watched_memory, so_is_a_half_of_it_and_one_in_a_block_that_grows) {
  void* block = std::malloc(100);
  std::memcpy(static_cast<std::byte*>(block) + 84, secret.data() + 16, 16);
  block = std::realloc(block, 100'000);
  EXPECT_THAT(found_in_freed_memory(), ElementsAre(HasSubstr("it in 10")));
  crypto::wipe(block, 200);
  std::free(block);
  EXPECT_EQ(found_in_freed_memory().size(), 1U);
}

TEST_F(watched_memory, what_was_wiped_is_not) {
  auto block = std::make_unique<std::vector<std::byte>>(100);
  std::memcpy(block->data() + 33, secret.data(), secret.size());
  crypto::wipe(*block);
  block.reset();
  EXPECT_THAT(found_in_freed_memory(), IsEmpty());
}

}  // namespace
}  // namespace monocoque::test
