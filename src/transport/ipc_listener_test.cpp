#include "transport/ipc_listener.hpp"

#include "transport/folder_lock.hpp"
#include "transport/test_support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace monocoque::transport {
namespace {

using testing::contains;
using testing::listen_on_text;
using testing::temporary_folder;

std::error_code of_errno(int value) { return {value, std::generic_category()}; }

bool exists(const std::string& path) {
  struct stat there{};
  return ::lstat(path.c_str(), &there) == 0;
}

bool can_connect(const std::string& path) {
  const unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const socket_address at = socket_address::local(path);
  return ::connect(fd.fd(), at.data(), at.size()) == 0;
}

/// The file of a process that died: nobody removes it.
void leave_stale_socket(const std::string& path) {
  const unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const socket_address at = socket_address::local(path);
  ASSERT_EQ(::bind(fd.fd(), at.data(), at.size()), 0);
}

TEST(ipc_listener, makes_the_file_and_removes_it) {
  const temporary_folder folder;
  const std::string path = folder.file("s");
  {
    const auto listener = listen_on_text("ipc://" + path);
    ASSERT_TRUE(listener.has_value()) << listener.error().message();
    EXPECT_EQ(listener->last_endpoint(), "ipc://" + path);
    EXPECT_EQ(listener->unlink_path(), path);
    EXPECT_TRUE(can_connect(path));
  }
  EXPECT_FALSE(exists(path));
}

TEST(ipc_listener, abstract_name_leaves_no_file) {
  const std::string where = "ipc://@monocoque-test-" + std::to_string(::getpid());
  auto listener = listen_on_text(where);
  ASSERT_TRUE(listener.has_value()) << listener.error().message();
  EXPECT_EQ(listener->last_endpoint(), where);
  EXPECT_EQ(listener->unlink_path(), "");
  EXPECT_TRUE(can_connect(where.substr(6)));
  const auto second = listen_on_text(where);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), of_errno(EADDRINUSE));
  listener->close();
  EXPECT_TRUE(listen_on_text(where).has_value());
}

TEST(ipc_listener, wildcard_makes_a_fresh_path_and_removes_its_folder) {
  std::string one_folder;
  {
    const auto one = listen_on_text("ipc://*");
    const auto other = listen_on_text("ipc://*");
    ASSERT_TRUE(one.has_value()) << one.error().message();
    ASSERT_TRUE(other.has_value());
    EXPECT_NE(one->last_endpoint(), other->last_endpoint());
    EXPECT_TRUE(can_connect(one->last_endpoint().substr(6)));
    one_folder = folder_of(one->unlink_path());
    EXPECT_TRUE(exists(one_folder));
  }
  EXPECT_FALSE(exists(one_folder));
}

TEST(ipc_listener, wildcard_is_made_in_tmpdir_which_must_leave_room) {
  const temporary_folder folder;
  const char* before = ::getenv("TMPDIR");
  const std::string saved = before != nullptr ? before : "";
  ::setenv("TMPDIR", folder.file("").c_str(), 1);
  const auto made = listen_on_text("ipc://*");
  ::setenv("TMPDIR", ("/tmp/" + std::string(90, 'x')).c_str(), 1);
  const auto too_long = listen_on_text("ipc://*");
  before != nullptr ? ::setenv("TMPDIR", saved.c_str(), 1) : ::unsetenv("TMPDIR");
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_TRUE(made->unlink_path().starts_with(folder.file("")));
  ASSERT_FALSE(too_long.has_value());
  EXPECT_EQ(too_long.error().code(), of_errno(ENAMETOOLONG));
  EXPECT_TRUE(contains(too_long.error().detail(), "TMPDIR"));
}

TEST(ipc_listener, live_socket_is_never_stolen) {
  const temporary_folder folder;
  const auto first = listen_on_text(folder.ipc("s"));
  ASSERT_TRUE(first.has_value());
  const auto second = listen_on_text(folder.ipc("s"));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), of_errno(EADDRINUSE));
  EXPECT_TRUE(contains(second.error().detail(), "listens"));
  EXPECT_TRUE(second.error().message().starts_with("bind " + folder.ipc("s"))) << second.error().message();
  EXPECT_TRUE(can_connect(folder.file("s")));
}

TEST(ipc_listener, live_socket_with_a_full_backlog_is_not_stolen) {
  const temporary_folder folder;
  stream_options options;
  options.backlog = 0;
  const auto first = listen_on_text(folder.ipc("s"), options);
  ASSERT_TRUE(first.has_value());
  std::vector<unique_fd> waiting;
  const socket_address at = socket_address::local(folder.file("s"));
  do {
    waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  } while (::connect(waiting.back().fd(), at.data(), at.size()) == 0 && waiting.size() < 100);
  ASSERT_EQ(errno, EAGAIN);
  const auto second = listen_on_text(folder.ipc("s"));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), of_errno(EADDRINUSE));
}

TEST(ipc_listener, datagram_socket_of_somebody_is_not_stolen) {
  const temporary_folder folder;
  const unique_fd datagram(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const socket_address at = socket_address::local(folder.file("s"));
  ASSERT_EQ(::bind(datagram.fd(), at.data(), at.size()), 0);
  EXPECT_EQ(listen_on_text(folder.ipc("s")).error().code(), of_errno(EADDRINUSE));
  EXPECT_TRUE(exists(folder.file("s")));
}

TEST(ipc_listener, stale_socket_is_replaced) {
  const temporary_folder folder;
  leave_stale_socket(folder.file("s"));
  ASSERT_TRUE(exists(folder.file("s")));
  const auto listener = listen_on_text(folder.ipc("s"));
  ASSERT_TRUE(listener.has_value()) << listener.error().message();
  EXPECT_TRUE(can_connect(folder.file("s")));
}

TEST(ipc_listener, what_is_not_a_socket_is_left_alone) {
  const temporary_folder folder;
  std::ofstream(folder.file("s")) << "precious";
  ASSERT_EQ(::symlink("nowhere", folder.file("link").c_str()), 0);
  for (const char* name : {"s", "link"}) {
    const auto refused = listen_on_text(folder.ipc(name));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), of_errno(EADDRINUSE));
    EXPECT_TRUE(contains(refused.error().detail(), "not a socket"));
    EXPECT_TRUE(exists(folder.file(name)));
  }
  std::string content;
  std::ifstream(folder.file("s")) >> content;
  EXPECT_EQ(content, "precious");
}

TEST(ipc_listener, missing_folder_is_named) {
  const temporary_folder folder;
  const auto refused = listen_on_text(folder.ipc("none/s"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), of_errno(ENOENT));
  EXPECT_TRUE(contains(refused.error().detail(), folder.file("none") + " does not exist"));
}

TEST(ipc_listener, removes_only_its_own_file) {
  const temporary_folder folder;
  const std::string path = folder.file("s");
  auto first = listen_on_text("ipc://" + path);
  ASSERT_TRUE(first.has_value());
  ASSERT_EQ(::unlink(path.c_str()), 0);
  const auto second = listen_on_text("ipc://" + path);
  ASSERT_TRUE(second.has_value());
  first->close();
  EXPECT_TRUE(can_connect(path));
}

TEST(ipc_listener, successor_of_a_closed_descriptor_keeps_its_file) {
  const temporary_folder folder;
  const std::string path = folder.file("s");
  auto first = listen_on_text("ipc://" + path);
  ASSERT_TRUE(first.has_value());
  ::close(first->release_fd());  // as an acceptor that is gone before the listener
  const auto second = listen_on_text("ipc://" + path);
  ASSERT_TRUE(second.has_value()) << second.error().message();
  first->close();
  EXPECT_TRUE(can_connect(path));
}

TEST(ipc_listener, file_with_another_mode_is_still_its_own) {
  const temporary_folder folder;
  const std::string path = folder.file("s");
  auto listener = listen_on_text("ipc://" + path);
  ASSERT_TRUE(listener.has_value());
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  listener->close();
  EXPECT_FALSE(exists(path));
}

TEST(ipc_listener, relative_path_is_removed_after_a_change_of_folder) {
  const temporary_folder folder;
  const std::string before = std::filesystem::current_path().string();
  std::filesystem::current_path(folder.file(""));
  auto listener = listen_on_text("ipc://relative");
  std::filesystem::current_path(before);
  ASSERT_TRUE(listener.has_value()) << listener.error().message();
  EXPECT_EQ(listener->last_endpoint(), "ipc://relative");
  EXPECT_TRUE(can_connect(folder.file("relative")));
  listener->close();
  EXPECT_FALSE(exists(folder.file("relative")));
}

TEST(ipc_listener, forked_child_does_not_remove_the_file) {
  const temporary_folder folder;
  auto listener = listen_on_text(folder.ipc("s"));
  ASSERT_TRUE(listener.has_value());
  const pid_t child = ::fork();
  if (child == 0) {
    listener->close();
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(can_connect(folder.file("s")));
}

TEST(ipc_listener, stranger_who_locks_the_folder_delays_but_does_not_hang) {
  const temporary_folder folder;
  const unique_fd locked(::open(folder.file("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(locked.fd(), LOCK_EX), 0);
  EXPECT_TRUE(listen_on_text(folder.ipc("fresh")).has_value());
  leave_stale_socket(folder.file("stale"));
  const auto refused = listen_on_text(folder.ipc("stale"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), of_errno(EADDRINUSE));
  EXPECT_TRUE(contains(refused.error().detail(), "locked"));
}

void race_of_threads(const std::string& where) {
  constexpr int count = 200;
  std::vector<result<listening_socket>> results;
  results.reserve(count);
  for (int i = 0; i < count; ++i) results.emplace_back(errc::internal);
  std::barrier start(count);
  std::vector<std::thread> threads;
  for (result<listening_socket>& mine : results) {
    threads.emplace_back([&mine, &start, &where] {
      start.arrive_and_wait();
      mine = listen_on_text(where);
    });
  }
  for (std::thread& each : threads) each.join();
  int winners = 0;
  for (const result<listening_socket>& each : results) {
    if (each) {
      ++winners;
    } else {
      EXPECT_EQ(each.error().code(), of_errno(EADDRINUSE)) << each.error().message();
    }
  }
  EXPECT_EQ(winners, 1);
  EXPECT_TRUE(exists(where.substr(6)));
}

TEST(ipc_listener, of_200_threads_that_race_one_wins) {
  const temporary_folder folder;
  race_of_threads(folder.ipc("fresh"));
  leave_stale_socket(folder.file("stale"));
  race_of_threads(folder.ipc("stale"));
}

/// Each child waits for the start, binds, reports, and holds what it has until the end.
int winners_among_processes(const std::string& where, int count) {
  std::array<int, 2> start{};
  std::array<int, 2> report{};
  std::array<int, 2> finish{};
  if (::pipe(start.data()) != 0 || ::pipe(report.data()) != 0 || ::pipe(finish.data()) != 0) return -1;
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(start[1]);
      ::close(finish[1]);
      char byte = 0;
      if (::read(start[0], &byte, 1) != 0) ::_exit(1);
      const auto mine = listen_on_text(where);
      const char verdict = mine ? 'w' : mine.error().code() == of_errno(EADDRINUSE) ? 'l' : '?';
      if (::write(report[1], &verdict, 1) != 1 || ::read(finish[0], &byte, 1) != 0) ::_exit(1);
      ::_exit(0);  // without cleaning up: the file stays, stale
    }
    if (child > 0) children.push_back(child);
  }
  ::close(start[0]);
  ::close(start[1]);
  ::close(report[1]);
  ::close(finish[0]);
  int winners = 0;
  char verdict = 0;
  for (std::size_t i = 0; i < children.size() && ::read(report[0], &verdict, 1) == 1; ++i) {
    winners += verdict == 'w' ? 1 : verdict == 'l' ? 0 : 1000;
  }
  ::close(finish[1]);
  ::close(report[0]);
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  return winners;
}

TEST(ipc_listener, of_50_processes_that_race_one_wins_and_its_stale_file_is_replaced_by_one) {
  const temporary_folder folder;
  EXPECT_EQ(winners_among_processes(folder.ipc("s"), 50), 1);
  ASSERT_TRUE(exists(folder.file("s")));
  EXPECT_FALSE(can_connect(folder.file("s")));
  EXPECT_EQ(winners_among_processes(folder.ipc("s"), 50), 1);
}

}  // namespace
}  // namespace monocoque::transport
