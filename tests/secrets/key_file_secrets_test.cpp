#include "crypto/secret.hpp"
#include "tests/secrets/watched_memory.hpp"
#include "tests/socket/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <span>
#include <string>

/// Keys that are made, written, read and refused as text.
namespace monocoque::test {
namespace {

using ::testing::IsEmpty;

struct key_file_secrets : ::testing::Test {
  key_file_secrets() {
    forget_secrets();
    watch_for(keys.secret_key.data(), "the key");
    std::string z85 = keys.secret_key.z85();
    watch_for(std::as_bytes(std::span(z85)), "the key as text");
    crypto::wipe(z85);
  }
  ~key_file_secrets() override { forget_secrets(); }

  const curve_keypair keys = curve_keypair::generate();
};

TEST_F(key_file_secrets, are_left_behind_nowhere) {
  const temporary_folder place;
  const std::string name = place.ipc("joe").substr(sizeof("ipc://") - 1);
  save_keypair(name, keys, {{"role", "clerk"}});
  {
    const key_file read = load_secret_key(name + ".key_secret");
    EXPECT_EQ(read.secret_key, keys.secret_key);
    EXPECT_TRUE(load_public_key(name + ".key_secret").secret_key.empty());
  }
  EXPECT_THAT(found_in_freed_memory(), IsEmpty());
}

TEST_F(key_file_secrets, are_left_behind_nowhere_by_a_file_that_is_wrong) {
  const temporary_folder place;
  const std::string name = place.ipc("joe").substr(sizeof("ipc://") - 1) + ".key_secret";
  save_keypair(name.substr(0, name.size() - 11), keys);
  {
    std::ofstream more(name, std::ios::app);
    more << "    secret-key = \"twice\"\n";
  }
  const auto read = load_secret_key(as_result, name);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message().find("twice"), std::string::npos);
  EXPECT_THAT(found_in_freed_memory(), IsEmpty());
}

TEST_F(key_file_secrets, are_left_behind_nowhere_by_a_key_with_a_wrong_character) {
  std::string z85 = keys.secret_key.z85();
  z85.back() = '~';
  EXPECT_FALSE(curve_secret_key::from_z85(as_result, z85));
  crypto::wipe(z85);
  EXPECT_THAT(found_in_freed_memory(), IsEmpty());
}

}  // namespace
}  // namespace monocoque::test
