#include "auth/test_support.hpp"

#include <monocoque/authenticators.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace monocoque::auth {
namespace {

namespace fs = std::filesystem;
using testing::becomes_true;
using testing::contains;
using testing::descriptor_limit;
using testing::is_revoked;
using testing::replace_file;
using testing::status;
using testing::temporary_folder;
using testing::write_file;

curve_public_key key_of(unsigned number) {
  std::array<std::byte, curve_public_key::size> data{};
  for (std::size_t i = 0; i < 4; ++i) data[i] = static_cast<std::byte>(number >> 8 * i);
  data.back() = std::byte{1};
  return curve_public_key(data);
}

std::string text_of(unsigned number, const std::string& role = {}) {
  const std::string metadata = role.empty() ? "" : "metadata\n    role = \"" + role + "\"\n";
  return metadata + "curve\n    public-key = \"" + key_of(number).z85() + "\"\n";
}

auth_verdict ask(const key_directory& keys, unsigned number) {
  auth_request request;
  request.mechanism = "CURVE";
  request.public_key = key_of(number);
  return keys(request);
}

std::error_code refusal_of(const std::string& path) {
  try {
    const key_directory keys(path);
  } catch (const exception& refused) {
    EXPECT_TRUE(contains(refused.what(), path)) << refused.what();
    return refused.code();
  }
  return {};
}

/// With joe.key and ann.key.
class key_directory_of_two : public ::testing::Test {
 protected:
  void SetUp() override {
    write_file(folder.file("joe.key"), text_of(1, "admin"));
    write_file(folder.file("ann.key"), key_of(2).z85() + "\n");
    keys.emplace(folder.path());
  }

  temporary_folder folder;
  std::optional<key_directory> keys;
};

TEST_F(key_directory_of_two, lets_in_whose_keys_are_there) {
  EXPECT_EQ(keys->size(), 2U);
  EXPECT_TRUE(keys->contains(key_of(1)));
  EXPECT_FALSE(keys->contains(key_of(3)));
  const auth_verdict joe = ask(*keys, 1);
  EXPECT_EQ(joe.status, status::allowed);
  EXPECT_EQ(joe.user_id, "joe");
  EXPECT_EQ(joe.metadata, (std::map<std::string, std::string>{{"role", "admin"}}));
  EXPECT_EQ(ask(*keys, 2).user_id, "ann");
  EXPECT_TRUE(ask(*keys, 2).metadata.empty());
  EXPECT_TRUE(keys->problems().empty());
}

TEST_F(key_directory_of_two, denies_others) {
  EXPECT_EQ(ask(*keys, 3).status, status::denied);
  EXPECT_TRUE(contains(ask(*keys, 3).reason, key_of(3).z85()));
  auth_request request;
  request.mechanism = "PLAIN";
  request.public_key = key_of(1);
  EXPECT_EQ((*keys)(request).status, status::denied);
  EXPECT_TRUE(contains((*keys)(request).reason, "PLAIN"));
}

TEST_F(key_directory_of_two, is_an_authenticator_that_decides_at_once) {
  const authenticator who = *keys;
  EXPECT_TRUE(std::holds_alternative<authenticator::immediate>(who.form()));
}

TEST_F(key_directory_of_two, does_not_look_at_other_files) {
  for (const char* name : {"joe.key_secret", "joe.txt", ".key", ".bob.key", "key", "joe.key.bak", "joe.key~"})
    write_file(folder.file(name), text_of(3));
  keys->reload();
  EXPECT_EQ(keys->size(), 2U);
  EXPECT_TRUE(keys->problems().empty());
}

TEST_F(key_directory_of_two, passes_over_what_is_wrong_and_says_what) {
  write_file(folder.file("broken.key"), "curve\n    public-key = \"nonsense\"\n");
  write_file(folder.file("zeros.key"), std::string(40, '0'));
  write_file(folder.file("shared.key"), text_of(3));
  fs::permissions(folder.file("shared.key"), fs::perms{0664});
  fs::create_directory(folder.file("folder.key"));
  fs::create_symlink("nowhere", folder.file("link.key"));
  ASSERT_EQ(::mkfifo(folder.file("pipe.key").c_str(), 0644), 0);
  keys->reload();
  EXPECT_EQ(keys->size(), 2U);
  const auto problems = keys->problems();
  const std::vector<std::pair<std::string, std::string>> expected{
      {"broken.key", "line 2"},     {"folder.key", "directory"},  {"link.key", "no such file"},
      {"pipe.key", "regular file"}, {"shared.key", "chmod go-w"}, {"zeros.key", "zeros"}};
  ASSERT_EQ(problems.size(), expected.size()) << ::testing::PrintToString(problems);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(problems[i].starts_with(folder.file(expected[i].first) + ": ")) << problems[i];
    EXPECT_TRUE(contains(problems[i], expected[i].second)) << problems[i];
  }
  fs::permissions(folder.file("shared.key"), fs::perms{0644});
  keys->reload();
  EXPECT_EQ(keys->problems().size(), expected.size() - 1);
  EXPECT_EQ(ask(*keys, 3).user_id, "shared");
}

TEST_F(key_directory_of_two, follows_links) {
  const temporary_folder elsewhere;
  write_file(elsewhere.file("id"), text_of(3));
  fs::create_symlink(elsewhere.file("id"), folder.file("bob.key"));
  keys->reload();
  EXPECT_EQ(ask(*keys, 3).user_id, "bob");
  replace_file(elsewhere.file("id"), text_of(4));
  keys->reload();
  EXPECT_EQ(ask(*keys, 3).status, status::denied);
  EXPECT_EQ(ask(*keys, 4).user_id, "bob");
}

TEST_F(key_directory_of_two, revokes_a_key_whose_file_has_gone_and_no_other) {
  const auth_verdict joe = ask(*keys, 1);
  const auth_verdict ann = ask(*keys, 2);
  fs::remove(folder.file("joe.key"));
  keys->reload();
  EXPECT_TRUE(joe.revoked.stop_requested());
  EXPECT_FALSE(ann.revoked.stop_requested());
  EXPECT_EQ(ask(*keys, 1).status, status::denied);
  write_file(folder.file("joe.key"), text_of(1));
  keys->reload();
  EXPECT_EQ(ask(*keys, 1).status, status::allowed);
  EXPECT_FALSE(ask(*keys, 1).revoked.stop_requested());
}

TEST_F(key_directory_of_two, revokes_a_key_in_whose_file_another_is_now) {
  const auth_verdict joe = ask(*keys, 1);
  write_file(folder.file("joe.key"), text_of(3, "admin"));  // of the same size, perhaps at the same time
  keys->reload();
  EXPECT_TRUE(joe.revoked.stop_requested());
  EXPECT_EQ(ask(*keys, 1).status, status::denied);
  EXPECT_EQ(ask(*keys, 3).user_id, "joe");
}

TEST_F(key_directory_of_two, notices_changes_between_which_the_clock_of_files_does_not_move) {
  for (unsigned round = 0; round < 100; ++round) {  // before Linux 6.13 it moves 250 times a second
    const unsigned number = 1 + 2 * (round % 2);
    write_file(folder.file("joe.key"), text_of(number));
    keys->reload();
    ASSERT_TRUE(keys->contains(key_of(number))) << round;
    ASSERT_EQ(keys->size(), 2U);
  }
}

TEST_F(key_directory_of_two, revokes_a_key_whose_file_makes_no_sense_any_more) {
  const auth_verdict joe = ask(*keys, 1);
  write_file(folder.file("joe.key"), "");
  keys->reload();
  EXPECT_TRUE(joe.revoked.stop_requested());
  EXPECT_EQ(keys->problems().size(), 1U);
}

TEST_F(key_directory_of_two, keeps_a_key_whose_file_was_written_again) {
  const auth_verdict joe = ask(*keys, 1);
  replace_file(folder.file("joe.key"), text_of(1, "user"));
  keys->reload();
  EXPECT_FALSE(joe.revoked.stop_requested());
  EXPECT_EQ(ask(*keys, 1).metadata.at("role"), "user");
  EXPECT_EQ(ask(*keys, 1).revoked, joe.revoked);
}

TEST_F(key_directory_of_two, knows_a_key_by_the_new_name_of_its_file) {
  const auth_verdict joe = ask(*keys, 1);
  fs::rename(folder.file("joe.key"), folder.file("bob.key"));
  keys->reload();
  EXPECT_TRUE(joe.revoked.stop_requested());
  EXPECT_EQ(ask(*keys, 1).user_id, "bob");
  EXPECT_FALSE(ask(*keys, 1).revoked.stop_requested());
}

TEST_F(key_directory_of_two, takes_the_first_by_name_of_files_with_the_same_key) {
  write_file(folder.file("zoe.key"), text_of(1));
  keys->reload();
  EXPECT_EQ(ask(*keys, 1).user_id, "joe");
  EXPECT_FALSE(ask(*keys, 1).revoked.stop_requested());
  ASSERT_EQ(keys->problems().size(), 1U);
  EXPECT_EQ(keys->problems()[0], folder.file("zoe.key") + ": has the same key as joe.key, which counts");
  const auth_verdict joe = ask(*keys, 1);
  fs::remove(folder.file("joe.key"));
  keys->reload();
  EXPECT_TRUE(joe.revoked.stop_requested());
  EXPECT_EQ(ask(*keys, 1).user_id, "zoe");
  EXPECT_TRUE(keys->problems().empty());
}

TEST_F(key_directory_of_two, without_its_directory_has_no_keys) {
  const auth_verdict joe = ask(*keys, 1);
  fs::rename(folder.path(), folder.path() + ".away");
  keys->reload();
  EXPECT_TRUE(joe.revoked.stop_requested());
  EXPECT_EQ(keys->size(), 0U);
  ASSERT_EQ(keys->problems().size(), 1U);
  EXPECT_EQ(keys->problems()[0], folder.path() + ": no such file or directory");
  fs::rename(folder.path() + ".away", folder.path());
  keys->reload();
  EXPECT_EQ(ask(*keys, 1).status, status::allowed);
  EXPECT_FALSE(ask(*keys, 1).revoked.stop_requested());
  EXPECT_TRUE(keys->problems().empty());
}

TEST_F(key_directory_of_two, to_which_everybody_may_write_has_no_keys) {
  const auth_verdict joe = ask(*keys, 1);
  fs::permissions(folder.path(), fs::perms{0777});
  keys->reload();
  EXPECT_TRUE(joe.revoked.stop_requested());
  ASSERT_EQ(keys->problems().size(), 1U);
  EXPECT_TRUE(contains(keys->problems()[0], "chmod o-w"));
  EXPECT_EQ(refusal_of(folder.path()), std::errc::permission_denied);
}

TEST_F(key_directory_of_two, keeps_its_keys_while_the_process_has_no_descriptors) {
  if (!descriptor_limit::can_be()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  const auth_verdict joe = ask(*keys, 1);
  {
    const descriptor_limit none(0);
    keys->reload();
    EXPECT_EQ(keys->size(), 2U);
    EXPECT_FALSE(joe.revoked.stop_requested());
    ASSERT_FALSE(keys->problems().empty());
    EXPECT_TRUE(contains(keys->problems()[0], "too many open files")) << keys->problems()[0];
  }
  keys->reload();
  EXPECT_TRUE(keys->problems().empty());
}

TEST_F(key_directory_of_two, hears_of_what_is_added_and_removed) {
  const auth_verdict joe = ask(*keys, 1);
  write_file(folder.file("bob.key"), text_of(3));
  EXPECT_TRUE(becomes_true([&] { return keys->contains(key_of(3)); }));
  fs::remove(folder.file("joe.key"));
  EXPECT_TRUE(is_revoked(joe.revoked));
  EXPECT_FALSE(keys->contains(key_of(1)));
}

TEST_F(key_directory_of_two, hears_of_its_directory_that_goes_and_comes_back) {
  const auth_verdict joe = ask(*keys, 1);
  fs::remove_all(folder.path());
  EXPECT_TRUE(is_revoked(joe.revoked));
  EXPECT_TRUE(becomes_true([&] { return keys->problems().size() == 1; }));
  fs::create_directory(folder.path());
  write_file(folder.file("joe.key"), text_of(1));
  EXPECT_TRUE(becomes_true([&] { return keys->contains(key_of(1)); }));
  EXPECT_TRUE(keys->problems().empty());
}

TEST_F(key_directory_of_two, shares_what_it_knows_with_its_copies) {
  const key_directory copy = *keys;
  const auth_verdict joe = ask(copy, 1);
  fs::remove(folder.file("joe.key"));
  keys->reload();
  keys.reset();
  EXPECT_TRUE(joe.revoked.stop_requested());
  EXPECT_EQ(copy.size(), 1U);
  write_file(folder.file("bob.key"), text_of(3));
  EXPECT_TRUE(becomes_true([&] { return copy.contains(key_of(3)); })) << "the last copy is still told";
}

TEST_F(key_directory_of_two, may_end_where_a_revocation_is_heard_of) {
  const auth_verdict joe = ask(*keys, 1);
  std::promise<void> ended;
  const std::stop_callback told(joe.revoked, [&] {
    keys.reset();
    ended.set_value();
  });
  fs::remove(folder.file("joe.key"));
  EXPECT_EQ(ended.get_future().wait_for(testing::patience), std::future_status::ready);
}

TEST_F(key_directory_of_two, may_be_asked_where_a_revocation_is_heard_of) {
  const auth_verdict joe = ask(*keys, 1);
  std::promise<status> answer;
  const std::stop_callback told(joe.revoked, [&] {
    keys->reload();
    answer.set_value(ask(*keys, 1).status);
  });
  fs::remove(folder.file("joe.key"));
  auto answered = answer.get_future();
  ASSERT_EQ(answered.wait_for(testing::patience), std::future_status::ready);
  EXPECT_EQ(answered.get(), status::denied);
}

TEST_F(key_directory_of_two, fails_in_a_child_process) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(ask(*keys, 1).status == status::failed ? 0 : 1);
  int exit_status = -1;
  ASSERT_EQ(::waitpid(child, &exit_status, 0), child);
  EXPECT_EQ(exit_status, 0);
  EXPECT_EQ(ask(*keys, 1).status, status::allowed);
}

TEST_F(key_directory_of_two, can_be_asked_while_it_changes) {
  std::atomic<bool> over{false};
  std::thread changing([&] {
    for (unsigned round = 0; round < 50; ++round) {
      replace_file(folder.file("joe.key"), text_of(round % 2 == 0 ? 1 : 3));
      keys->reload();
    }
    over = true;
  });
  while (!over) {
    for (const unsigned number : {1U, 3U}) {
      const auth_verdict verdict = ask(*keys, number);
      EXPECT_EQ(verdict.user_id, verdict.status == status::allowed ? "joe" : "");
    }
    EXPECT_EQ(ask(*keys, 2).user_id, "ann");
  }
  changing.join();
}

TEST(key_directory, refuses_what_is_no_directory) {
  const temporary_folder folder;
  write_file(folder.file("file"), "");
  EXPECT_EQ(refusal_of(folder.file("none")), std::errc::no_such_file_or_directory);
  EXPECT_EQ(refusal_of(folder.file("file")), std::errc::not_a_directory);
  EXPECT_EQ(refusal_of(""), std::errc::no_such_file_or_directory);
  EXPECT_THROW(key_directory(std::string("/tmp\0", 5)), exception);
}

TEST(key_directory, that_is_empty_lets_nobody_in) {
  const temporary_folder folder;
  const key_directory keys(folder.path() + "/");
  EXPECT_EQ(keys.size(), 0U);
  EXPECT_EQ(ask(keys, 1).status, status::denied);
  auth_request without_key;
  without_key.mechanism = "CURVE";
  EXPECT_EQ(keys(without_key).status, status::denied);
}

TEST(key_directory, stays_where_it_was_when_the_process_changes_its_folder) {
  const temporary_folder folder;
  fs::create_directory(folder.file("clients"));
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const key_directory keys("clients");
  fs::current_path(before);
  write_file(folder.file("clients/joe.key"), text_of(1));
  keys.reload();
  EXPECT_EQ(ask(keys, 1).user_id, "joe");
}

TEST(key_directory, may_have_thousands_of_keys) {
  constexpr unsigned count = 3000;
  const temporary_folder folder;
  for (unsigned i = 1; i <= count; ++i) write_file(folder.file(std::to_string(i) + ".key"), key_of(i).z85());
  const key_directory keys(folder.path());
  EXPECT_EQ(keys.size(), count);
  EXPECT_EQ(ask(keys, count).user_id, std::to_string(count));
  const auth_verdict first = ask(keys, 1);
  const auth_verdict last = ask(keys, count);
  for (unsigned i = 1; i < count; ++i) fs::remove(folder.file(std::to_string(i) + ".key"));
  EXPECT_TRUE(is_revoked(first.revoked));
  EXPECT_TRUE(becomes_true([&] { return keys.size() == 1; }));
  EXPECT_FALSE(last.revoked.stop_requested());
}

}  // namespace
}  // namespace monocoque::auth
