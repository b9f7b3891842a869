#include "crypto/openssl_poly1305.hpp"

#include "crypto/raw.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sodium.h>
#include <span>
#include <thread>
#include <vector>

namespace monocoque::crypto {
namespace {

using octets = std::vector<std::byte>;
using tag = std::array<std::byte, tag_size>;
using key_bytes = std::array<std::byte, message_cipher::scratch_size>;

/// OpenSSL's memory comes from here.
std::atomic<bool> is_short = false;
std::atomic<std::size_t> blocks_taken = 0;
const bool is_watched = [] {
  const auto take = [](std::size_t size, const char*, int) -> void* {
    ++blocks_taken;
    return is_short ? nullptr : std::malloc(size);
  };
  const auto retake = [](void* old, std::size_t size, const char*, int) -> void* {
    ++blocks_taken;
    return is_short ? nullptr : std::realloc(old, size);
  };
  const auto give_back = [](void* memory, const char*, int) { std::free(memory); };
  return CRYPTO_set_mem_functions(take, retake, give_back) == 1;
}();

octets random_octets(std::size_t size) {
  octets data(size);
  fill_random(data);
  return data;
}

tag tag_of_libsodium(std::span<const std::byte> text, const key_bytes& key) {
  tag made{};
  crypto_onetimeauth(raw(made.data()), raw(text.data()), text.size(), raw(key.data()));
  return made;
}

bool is_made(const octets& text = octets(1000)) {
  const key_bytes key{std::byte{1}};
  tag made{};
  return openssl_poly1305(made, text, key) && made == tag_of_libsodium(text, key);
}

class tags_of_openssl : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(is_available());
    ASSERT_TRUE(is_watched);
  }
};

TEST_F(tags_of_openssl, are_those_of_libsodium) {
  std::vector<std::size_t> sizes{4095, 4096, 4097, 65'535, 65'536, 65'537, 1'000'003};
  for (std::size_t size = 0; size <= 1100; ++size) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    const octets text = random_octets(size);
    key_bytes key{};
    fill_random(key);
    tag made{};
    ASSERT_TRUE(openssl_poly1305(made, text, key)) << size;
    ASSERT_EQ(made, tag_of_libsodium(text, key)) << size;
  }
}

TEST_F(tags_of_openssl, are_right_where_numbers_are_carried_furthest) {
  for (const unsigned each : {0x00U, 0x01U, 0x80U, 0xfeU, 0xffU}) {
    for (const std::size_t size : {16U, 256U, 1024U, 1039U}) {
      const octets text(size, static_cast<std::byte>(each));
      key_bytes key{};
      key.fill(std::byte{0xff});
      tag made{};
      ASSERT_TRUE(openssl_poly1305(made, text, key));
      EXPECT_EQ(made, tag_of_libsodium(text, key)) << size << " of " << each;
    }
  }
}

TEST_F(tags_of_openssl, take_memory_once_a_thread) {
  for (int i = 0; i < 2; ++i) {
    std::thread([] {
      ASSERT_TRUE(is_made());
      const std::size_t before = blocks_taken;
      for (int j = 0; j < 100; ++j) ASSERT_TRUE(is_made());
      EXPECT_EQ(blocks_taken, before);
    }).join();
  }
}

TEST_F(tags_of_openssl, are_made_by_threads_at_once) {
  std::vector<std::thread> all;
  for (int i = 0; i < 4; ++i) {
    all.emplace_back([] {
      for (int j = 0; j < 200; ++j) ASSERT_TRUE(is_made(random_octets(300 + 10 * static_cast<unsigned>(j))));
    });
  }
  for (std::thread& each : all) each.join();
}

/// What the program itself did wrong with OpenSSL, it is still told.
TEST_F(tags_of_openssl, leave_its_errors_to_the_program) {
  std::thread([] {
    ERR_raise(ERR_LIB_USER, 77);
    is_short = true;
    EXPECT_FALSE(is_made());
    is_short = false;
    EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 77);
    EXPECT_EQ(ERR_get_error(), 0U);
  }).join();
}

/// Boxes by both, whoever makes the tags here.
void expect_boxes_as_ever() {
  const std::array<std::byte, message_cipher::prefix_size> prefix{std::byte{'p'}};
  box_key key;
  key.randomize();
  const message_cipher cipher(key, prefix);
  nonce number{std::byte{'p'}};
  number.back() = std::byte{7};
  for (const std::size_t size : {1U, 255U, 256U, 257U, 1000U, 65'537U}) {
    const octets text = random_octets(size);
    octets expected(tag_size + size);
    key.seal(expected, text, number);
    octets memory(message_cipher::scratch_size + size);
    const std::span place = std::span(memory).subspan(message_cipher::scratch_size);
    tag made{};
    cipher.seal(place.data(), text[0], std::span(text).subspan(1), 7, made.data());
    ASSERT_TRUE(std::ranges::equal(made, std::span(expected).first<tag_size>())) << size;
    ASSERT_TRUE(std::ranges::equal(place, std::span(expected).subspan(tag_size))) << size;
    for (std::byte& each : made) {
      each ^= std::byte{0x10};
      ASSERT_FALSE(cipher.open(place.data(), place.data(), size, 7, made.data())) << size;
      each ^= std::byte{0x10};
    }
    place.back() ^= std::byte{1};
    ASSERT_FALSE(cipher.open(place.data(), place.data(), size, 7, made.data())) << size;
    place.back() ^= std::byte{1};
    ASSERT_TRUE(cipher.open(place.data(), place.data(), size, 7, made.data())) << size;
    ASSERT_TRUE(std::ranges::equal(place, text)) << size;
  }
}

TEST_F(tags_of_openssl, are_libsodiums_where_there_is_no_memory_for_a_thread) {
  ASSERT_TRUE(is_made());
  std::thread([] {
    is_short = true;
    EXPECT_FALSE(is_made());
    is_short = false;
    EXPECT_FALSE(is_made()) << "nor later";
    expect_boxes_as_ever();
  }).join();
  EXPECT_TRUE(is_made());
  expect_boxes_as_ever();
}

/// What ends after the thread's own memory does.
TEST_F(tags_of_openssl, are_libsodiums_while_a_thread_ends) {
  struct late {
    ~late() {
      if (!is_used) return;
      EXPECT_FALSE(is_made());
      expect_boxes_as_ever();
    }
    bool is_used = false;
  };
  std::thread([] {
    thread_local late last;
    last.is_used = true;
    EXPECT_TRUE(is_made());
  }).join();
}

/// In processes of their own, since it is looked for once.
class openssl_DeathTest : public tags_of_openssl {
 protected:
  openssl_DeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  [[noreturn]] static void tell(bool expected) {
    expect_boxes_as_ever();
    std::_Exit(expected && !HasFailure() ? 0 : 1);
  }
};

TEST_F(openssl_DeathTest, that_does_not_have_it_is_not_missed) {
  const auto look = [] {
    is_short = true;
    const bool found = is_made();
    is_short = false;
    tell(!found && !is_made());
  };
  EXPECT_EXIT(look(), ::testing::ExitedWithCode(0), "");
}

/// Threads may still send when the program has called exit(), where OpenSSL tidies up.
TEST_F(openssl_DeathTest, that_has_tidied_up_does_no_harm) {
  const auto end = [] {
    const bool found = is_made();
    OPENSSL_cleanup();
    std::thread(expect_boxes_as_ever).join();
    tell(found && is_made());
  };
  EXPECT_EXIT(end(), ::testing::ExitedWithCode(0), "");
}

TEST_F(openssl_DeathTest, that_has_tidied_up_before_it_was_asked_does_no_harm) {
  const auto end = [] {
    OPENSSL_init_crypto(0, nullptr);
    OPENSSL_cleanup();
    tell(true);
  };
  EXPECT_EXIT(end(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace monocoque::crypto
