#include "auth/password_table.hpp"
#include "auth/test_hashes.hpp"
#include "auth/test_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <system_error>

namespace monocoque::auth {
namespace {

using testing::becomes_true;
using testing::contains;
using testing::descriptor_limit;
using testing::hash_of_sesame;
using testing::hash_of_tulip;
using testing::replace_file;
using testing::status;
using testing::temporary_folder;
using testing::write_file;
using when = password_table::when;

/// With joe, whose password is sesame. Nobody watches it.
class password_table_of_one : public ::testing::Test {
 protected:
  void SetUp() override {
    write_file(path, "joe:" + hash_of_sesame);
    ASSERT_TRUE(users.read(when::at_once));
  }

  temporary_folder folder;
  const std::string path = folder.file("passwords");
  password_table users{path};
};

TEST_F(password_table_of_one, notices_a_change_when_it_is_told_to_look) {
  const auth_verdict joe = users.verify("joe", "sesame");
  EXPECT_EQ(joe.status, status::allowed);
  replace_file(path, "joe:" + hash_of_tulip);
  EXPECT_EQ(users.verify("joe", "sesame").status, status::allowed);
  EXPECT_TRUE(users.read(when::at_once));
  EXPECT_TRUE(joe.revoked.stop_requested());
  EXPECT_EQ(users.verify("joe", "sesame").status, status::denied);
  EXPECT_EQ(users.verify("joe", "tulip").status, status::allowed);
}

TEST_F(password_table_of_one, takes_a_change_for_complete_after_a_while) {
  write_file(path, "joe:" + hash_of_tulip);
  EXPECT_TRUE(becomes_true([&] {
    EXPECT_TRUE(users.read(when::once_complete));
    return users.verify("joe", "tulip").status == status::allowed;
  }));
}

TEST_F(password_table_of_one, remembers_what_is_wrong_until_it_is_right) {
  write_file(path, "joe");
  EXPECT_FALSE(users.read(when::at_once));
  EXPECT_FALSE(users.read(when::at_once));
  EXPECT_TRUE(contains(users.outcome().error().message(), "read " + path + ": invalid argument (line 1: "));
  EXPECT_EQ(users.verify("joe", "sesame").status, status::allowed);
  write_file(path, "joe:" + hash_of_sesame);
  EXPECT_TRUE(users.read(when::at_once));
  EXPECT_TRUE(users.outcome());
}

TEST_F(password_table_of_one, reads_again_what_could_not_be_read_for_want_of_descriptors) {
  if (!descriptor_limit::can_be()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  write_file(path, "joe:" + hash_of_tulip);
  {
    const descriptor_limit none(0);
    const auto outcome = users.read(when::at_once);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code(), std::errc::too_many_files_open);
  }
  EXPECT_TRUE(users.read(when::at_once));
  EXPECT_EQ(users.verify("joe", "tulip").status, status::allowed);
}

}  // namespace
}  // namespace monocoque::auth
