#include "auth/test_hashes.hpp"
#include "auth/test_support.hpp"

#include <monocoque/authenticators.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace monocoque::auth {
namespace {

namespace fs = std::filesystem;
using testing::becomes_true;
using testing::contains;
using testing::hash_of_sesame;
using testing::hash_of_tulip;
using testing::is_revoked;
using testing::other_hash_of_tulip;
using testing::replace_file;
using testing::status;
using testing::temporary_folder;
using testing::verdicts;
using testing::write_file;

auth_request request_of(std::string username, std::string password) {
  auth_request request;
  request.mechanism = "PLAIN";
  request.username = std::move(username);
  request.password = std::move(password);
  return request;
}

auth_verdict ask(const password_file& users, std::string username, std::string password) {
  const auto sink = std::make_shared<verdicts>();
  users(request_of(std::move(username), std::move(password)), auth_answer(sink));
  const auto got = sink->wait_for(1);
  return got.empty() ? auth_verdict::fail("no answer came") : got.front();
}

error refusal_of(const std::string& path) {
  try {
    const password_file users(path);
  } catch (const exception& refused) {
    EXPECT_TRUE(contains(refused.what(), path)) << refused.what();
    return refused.reason();
  }
  return {};
}

/// With joe, whose password is sesame, and ann, whose is tulip.
class password_file_of_two : public ::testing::Test {
 protected:
  void SetUp() override {
    write_file(path, joe + ann);
    users.emplace(path);
  }

  const std::string joe = "joe:" + hash_of_sesame + "\n";
  const std::string ann = "ann:" + hash_of_tulip + "\n";
  temporary_folder folder;
  const std::string path = folder.file("passwords");
  std::optional<password_file> users;
};

TEST_F(password_file_of_two, lets_in_who_knows_the_password) {
  const auth_verdict allowed = ask(*users, "joe", "sesame");
  EXPECT_EQ(allowed.status, status::allowed);
  EXPECT_EQ(allowed.user_id, "joe");
  EXPECT_TRUE(allowed.revoked.stop_possible());
  EXPECT_EQ(ask(*users, "ann", "tulip").user_id, "ann");
  EXPECT_EQ(users->problem(), "");
}

TEST_F(password_file_of_two, denies_others) {
  const std::vector<std::pair<std::string, std::string>> others{{"joe", "tulip"},
                                                                {"joe", ""},
                                                                {"joe", "sesame "},
                                                                {"joe", "Sesame"},
                                                                {"joe", std::string("sesame\0", 7)},
                                                                {"jo", "sesame"},
                                                                {"", "sesame"},
                                                                {"joe:", "sesame"},
                                                                {"joe\n", "sesame"},
                                                                {"", ""}};
  for (const auto& [name, password] : others) {
    const auth_verdict verdict = ask(*users, name, password);
    EXPECT_EQ(verdict.status, status::denied) << name << " " << password;
    EXPECT_FALSE(contains(verdict.reason, "sesame")) << "a reason tells no password";
  }
  EXPECT_TRUE(contains(ask(*users, "joe", "tulip").reason, "joe"));
  EXPECT_TRUE(contains(ask(*users, "\x1b[2J", "tulip").reason, "\\x1b"));
}

TEST_F(password_file_of_two, denies_other_mechanisms_at_once) {
  const auto sink = std::make_shared<verdicts>();
  auth_request request = request_of("joe", "sesame");
  request.mechanism = "CURVE";
  (*users)(request, auth_answer(sink));
  ASSERT_EQ(sink->now().size(), 1U);
  EXPECT_EQ(sink->now().front().status, status::denied);
  EXPECT_TRUE(contains(sink->now().front().reason, "CURVE"));
}

TEST_F(password_file_of_two, is_an_authenticator_that_answers_later) {
  const authenticator who = *users;
  EXPECT_TRUE(std::holds_alternative<authenticator::deferred>(who.form()));
}

TEST(password_file, without_anybody_denies_everybody) {
  const temporary_folder folder;
  write_file(folder.file("passwords"), "# nobody yet\n");
  EXPECT_EQ(ask(password_file(folder.file("passwords")), "joe", "sesame").status, status::denied);
}

/// Keeps the thread that answers it until it is told to let go.
class slow_sink final : public monocoque::detail::auth_sink {
 public:
  void answered(auth_verdict /*verdict*/) noexcept override {
    begun.set_value();
    release.get_future().wait();
  }
  std::promise<void> begun;
  std::promise<void> release;
};

TEST_F(password_file_of_two, tells_peers_to_come_again_when_too_many_wait) {
  const auto slow = std::make_shared<slow_sink>();
  (*users)(request_of("joe", "sesame"), auth_answer(slow));
  slow->begun.get_future().wait();
  const auto waiting = std::make_shared<verdicts>();
  for (std::size_t i = 0; i < password_file::max_waiting; ++i)
    (*users)(request_of("joe", "sesame"), auth_answer(waiting));
  EXPECT_TRUE(waiting->now().empty());
  EXPECT_EQ(ask(*users, "joe", "sesame").status, status::unavailable);
  slow->release.set_value();
  const auto got = waiting->wait_for(password_file::max_waiting);
  ASSERT_EQ(got.size(), password_file::max_waiting);
  for (const auth_verdict& each : got) EXPECT_EQ(each.status, status::allowed);
  EXPECT_EQ(ask(*users, "joe", "sesame").status, status::allowed) << "there is room again";
}

TEST_F(password_file_of_two, whose_last_copy_is_gone_lets_down_those_who_wait) {
  const auto slow = std::make_shared<slow_sink>();
  (*users)(request_of("joe", "sesame"), auth_answer(slow));
  slow->begun.get_future().wait();
  const auto waiting = std::make_shared<verdicts>();
  (*users)(request_of("joe", "sesame"), auth_answer(waiting));
  auto copy = std::make_unique<password_file>(*users);
  users.reset();
  EXPECT_TRUE(waiting->now().empty());
  copy.reset();
  ASSERT_EQ(waiting->now().size(), 1U);
  EXPECT_EQ(waiting->now().front().status, status::failed);
  slow->release.set_value();
}

TEST_F(password_file_of_two, disconnects_who_is_no_longer_there_and_nobody_else) {
  const auth_verdict joe_in = ask(*users, "joe", "sesame");
  const auth_verdict ann_in = ask(*users, "ann", "tulip");
  replace_file(path, "bob:" + other_hash_of_tulip + "\n" + ann);
  EXPECT_TRUE(is_revoked(joe_in.revoked));
  EXPECT_FALSE(ann_in.revoked.stop_requested());
  EXPECT_EQ(ask(*users, "joe", "sesame").status, status::denied);
  EXPECT_EQ(ask(*users, "bob", "tulip").status, status::allowed);
  EXPECT_EQ(ask(*users, "ann", "tulip").revoked, ann_in.revoked);
}

TEST_F(password_file_of_two, disconnects_whose_hash_is_another) {
  const auth_verdict joe_in = ask(*users, "joe", "sesame");
  const auth_verdict ann_in = ask(*users, "ann", "tulip");
  write_file(path, joe + "ann:" + other_hash_of_tulip + "\n");  // in place, and of the same size
  EXPECT_TRUE(is_revoked(ann_in.revoked));
  EXPECT_FALSE(joe_in.revoked.stop_requested());
  EXPECT_EQ(ask(*users, "ann", "tulip").status, status::allowed) << "it is the same password";
}

TEST_F(password_file_of_two, keeps_what_it_knew_while_the_file_makes_no_sense) {
  const auth_verdict joe_in = ask(*users, "joe", "sesame");
  const std::vector<std::pair<std::string, std::string>> wrong{{ann + "joe:sesame\n", "line 2"},
                                                               {"joe", "line 1"}};
  for (const auto& [text, problem] : wrong) {
    replace_file(path, text);
    EXPECT_TRUE(becomes_true([&, said = &problem] { return contains(users->problem(), *said); })) << problem;
    EXPECT_TRUE(contains(users->problem(), path)) << users->problem();
    EXPECT_EQ(ask(*users, "joe", "sesame").status, status::allowed);
  }
  fs::remove(path);
  EXPECT_TRUE(becomes_true([&] { return contains(users->problem(), "no such file"); }));
  EXPECT_EQ(ask(*users, "joe", "sesame").status, status::allowed);
  write_file(path, joe);
  fs::permissions(path, fs::perms{0666});
  EXPECT_TRUE(becomes_true([&] { return contains(users->problem(), "chmod go-w"); }));
  EXPECT_FALSE(joe_in.revoked.stop_requested());
  fs::permissions(path, fs::perms{0600});
  EXPECT_TRUE(becomes_true([&] { return users->problem().empty(); }));
  EXPECT_FALSE(joe_in.revoked.stop_requested());
  EXPECT_EQ(ask(*users, "ann", "tulip").status, status::denied);
}

TEST_F(password_file_of_two, may_end_where_an_answer_is_heard_of) {
  class ending_sink final : public monocoque::detail::auth_sink {
   public:
    explicit ending_sink(std::optional<password_file>& ends) : ends_(ends) {}
    void answered(auth_verdict /*verdict*/) noexcept override {
      ends_.reset();
      ended.set_value();
    }
    std::promise<void> ended;

   private:
    std::optional<password_file>& ends_;
  };
  const auto sink = std::make_shared<ending_sink>(users);
  (*users)(request_of("joe", "sesame"), auth_answer(sink));
  EXPECT_EQ(sink->ended.get_future().wait_for(testing::patience), std::future_status::ready);
}

TEST_F(password_file_of_two, may_end_where_a_revocation_is_heard_of) {
  const auth_verdict joe_in = ask(*users, "joe", "sesame");
  std::promise<void> ended;
  const std::stop_callback told(joe_in.revoked, [&] {
    users.reset();
    ended.set_value();
  });
  replace_file(path, ann);
  EXPECT_EQ(ended.get_future().wait_for(testing::patience), std::future_status::ready);
}

TEST_F(password_file_of_two, fails_in_a_child_process) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto sink = std::make_shared<verdicts>();
    (*users)(request_of("joe", "sesame"), auth_answer(sink));
    const auto got = sink->now();
    ::_exit(got.size() == 1 && got.front().status == status::failed ? 0 : 1);
  }
  int exit_status = -1;
  ASSERT_EQ(::waitpid(child, &exit_status, 0), child);
  EXPECT_EQ(exit_status, 0);
}

TEST(password_file, that_cannot_be_read_is_refused) {
  const temporary_folder folder;
  const std::string path = folder.file("passwords");
  EXPECT_EQ(refusal_of(path).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(refusal_of(folder.file("none/passwords")).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(refusal_of(folder.path()).code(), std::errc::is_a_directory);
  write_file(path, "joe\n");
  EXPECT_EQ(refusal_of(path), errc::invalid_argument);
  EXPECT_TRUE(contains(refusal_of(path).detail(), "line 1"));
  write_file(path, "joe:" + hash_of_sesame);
  EXPECT_FALSE(refusal_of(path));
  fs::permissions(path, fs::perms{0620});
  EXPECT_EQ(refusal_of(path).code(), std::errc::permission_denied);
  fs::permissions(path, fs::perms{0600});
  fs::resize_file(path, 16 * 1024 * 1024 + 1);
  EXPECT_EQ(refusal_of(path).code(), std::errc::file_too_large);
}

TEST(hash_password, makes_what_a_password_file_takes) {
  const std::string one = hash_password("open sesame");
  const std::string other = hash_password("open sesame");
  EXPECT_TRUE(one.starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << one;
  EXPECT_EQ(one.find_first_of(": \n"), std::string::npos) << one;
  EXPECT_NE(one, other) << "each has a salt of its own";
  const temporary_folder folder;
  write_file(folder.file("passwords"), "joe:" + one);
  const password_file users(folder.file("passwords"));
  EXPECT_EQ(ask(users, "joe", "open sesame").status, status::allowed);
  EXPECT_EQ(ask(users, "joe", "open tulip").status, status::denied);
}

TEST(hash_password, may_cost_more_and_be_of_nothing) {
  const auto hash = hash_password(as_result, std::string_view(), password_cost::moderate);
  ASSERT_TRUE(hash) << hash.error().message();
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=262144,t=3,p=1$")) << *hash;
}

}  // namespace
}  // namespace monocoque::auth
