#include "auth/file_watch.hpp"

#include "auth/test_support.hpp"

#include <monocoque/error.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace monocoque::auth {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::contains;
using testing::descriptor_limit;
using testing::temporary_folder;
using testing::write_file;

/// Calls come because of events alone.
constexpr watch_pace patient{.quiet = 1ms, .look = 1h, .look_unwatched = 1h};
/// And otherwise all the time.
constexpr watch_pace restless{.quiet = 1ms, .look = 5ms, .look_unwatched = 5ms};

/// Counts calls and lets a test wait for them.
class calls {
 public:
  void operator()() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  /// Waits until `condition` holds; it is looked at after each call.
  template <class Condition>
  bool until(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, testing::patience, condition);
  }
  /// Waits for a call that comes after `act`.
  bool after(const std::function<void()>& act) {
    const int before = count();
    act();
    return until([&] { return count_ > before; });
  }
  /// Waits for two more: the second began after this was called.
  bool again() {
    const int before = count();
    return until([&] { return count_ >= before + 2; });
  }
  [[nodiscard]] int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

/// The inodes that inotify watches in this process.
std::vector<ino_t> watched_inodes() {
  std::vector<ino_t> found;
  for (const auto& each : fs::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream text(each.path());
    for (std::string line; std::getline(text, line);) {
      const std::size_t at = line.find("ino:");
      if (line.starts_with("inotify ") && at != std::string::npos)
        found.push_back(std::stoull(line.substr(at + 4), nullptr, 16));
    }
  }
  return found;
}

ino_t inode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

TEST(file_watch, hears_of_whatever_happens_to_files) {
  const temporary_folder folder;
  const temporary_folder elsewhere;
  const std::string path = folder.file("a");
  write_file(elsewhere.file("b"), "replaced");
  const std::vector<std::function<void()>> happenings{
      [&] { write_file(path, "made"); },
      [&] { std::ofstream(path) << "in place"; },
      [&] { fs::permissions(path, fs::perms{0600}); },
      [&] { fs::create_symlink("a", folder.file("link")); },
      [&] { fs::create_hard_link(path, folder.file("second")); },
      [&] { fs::rename(path, elsewhere.file("a")); },
      [&] { fs::rename(elsewhere.file("a"), path); },
      [&] { fs::rename(elsewhere.file("b"), path); },
      [&] { fs::remove(path); },
  };
  for (std::size_t i = 0; i < happenings.size(); ++i) {
    calls heard;  // anew each time, or it might hear of what happened before
    const file_watch watch(folder.path(), std::ref(heard), patient);
    EXPECT_TRUE(watch.is_watched());
    EXPECT_EQ(watch.problem(), "");
    EXPECT_TRUE(heard.after(happenings[i])) << i;
  }
}

TEST(file_watch, watches_the_folder_that_is_back_in_its_place) {
  const temporary_folder folder;
  const std::string path = folder.file("watched");
  fs::create_directory(path);
  calls heard;
  const file_watch watch(path, std::ref(heard), {.quiet = 1ms, .look = 1h, .look_unwatched = 5ms});
  ASSERT_TRUE(watch.is_watched());
  fs::remove(path);
  EXPECT_TRUE(heard.until([&] { return !watch.is_watched(); }));
  EXPECT_EQ(watch.problem(), "") << "that it is missing is for others to say";
  fs::create_directory(path);
  EXPECT_TRUE(heard.until([&] { return watch.is_watched(); }));
  EXPECT_TRUE(heard.after([&] { write_file(path + "/a", "made"); }));
}

TEST(file_watch, begins_to_watch_a_folder_that_was_missing) {
  const temporary_folder folder;
  const std::string path = folder.file("watched");
  calls heard;
  const file_watch watch(path, std::ref(heard), {.quiet = 1ms, .look = 1h, .look_unwatched = 5ms});
  EXPECT_FALSE(watch.is_watched());
  fs::create_directory(path);
  EXPECT_TRUE(heard.until([&] { return watch.is_watched(); }));
}

TEST(file_watch, watches_the_folder_that_was_moved_to_its_place) {
  const temporary_folder folder;
  fs::create_directory(folder.file("watched"));
  fs::create_directory(folder.file("other"));
  const ino_t other = inode_of(folder.file("other"));
  calls heard;
  const file_watch watch(folder.file("watched"), std::ref(heard), restless);
  fs::rename(folder.file("watched"), folder.file("before"));
  fs::rename(folder.file("other"), folder.file("watched"));
  EXPECT_TRUE(heard.again());
  EXPECT_EQ(watched_inodes(), std::vector{other});
}

TEST(file_watch, watches_the_folder_that_a_link_leads_to_now) {
  const temporary_folder folder;
  fs::create_directory(folder.file("one"));
  fs::create_directory(folder.file("other"));
  fs::create_directory_symlink("one", folder.file("current"));
  calls heard;
  const file_watch watch(folder.file("current"), std::ref(heard), restless);
  EXPECT_EQ(watched_inodes(), std::vector{inode_of(folder.file("one"))});
  fs::create_directory_symlink("other", folder.file("next"));
  fs::rename(folder.file("next"), folder.file("current"));
  EXPECT_TRUE(heard.again());
  EXPECT_EQ(watched_inodes(), std::vector{inode_of(folder.file("other"))});
}

TEST(file_watch, without_inotify_looks_now_and_then_and_says_so) {
  if (!descriptor_limit::can_be()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  const temporary_folder folder;
  std::optional<descriptor_limit> one_more(1);  // which the watch needs for its end
  calls heard;
  const file_watch watch(folder.path(), std::ref(heard), {.quiet = 1ms, .look = 1h, .look_unwatched = 5ms});
  EXPECT_FALSE(watch.is_watched());
  EXPECT_TRUE(heard.again());
  EXPECT_TRUE(watch.problem().starts_with(folder.path() + ": ")) << watch.problem();
  EXPECT_TRUE(contains(watch.problem(), "max_user_instances")) << watch.problem();
  one_more.reset();
  EXPECT_TRUE(heard.until([&] { return watch.is_watched(); }));
  EXPECT_EQ(watch.problem(), "");
}

TEST(file_watch, that_can_have_no_descriptor_at_all_is_refused) {
  if (!descriptor_limit::can_be()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  const descriptor_limit none(0);
  try {
    const file_watch watch("/tmp", [] {}, patient);
    ADD_FAILURE() << "it was made";
  } catch (const exception& refused) {
    EXPECT_EQ(refused.code(), std::errc::too_many_files_open);
    EXPECT_TRUE(contains(refused.what(), "/tmp")) << refused.what();
  }
}

TEST(file_watch, can_end_in_the_call_that_it_makes) {
  const temporary_folder folder;
  std::promise<void> made;
  std::promise<void> ended;
  std::optional<file_watch> watch;
  const auto end = [&, ready = made.get_future().share()] {
    ready.wait();
    watch.reset();
    ended.set_value();
  };
  watch.emplace(folder.path(), end, patient);
  made.set_value();
  write_file(folder.file("a"), "made");
  EXPECT_EQ(ended.get_future().wait_for(testing::patience), std::future_status::ready);
}

TEST(file_watch, waits_at_its_end_for_a_call_under_way) {
  const temporary_folder folder;
  std::promise<void> begun;
  std::atomic<bool> over{false};
  {
    bool first = true;
    const file_watch watch(
        folder.path(),
        [&] {
          if (std::exchange(first, false)) begun.set_value();
          for (int i = 0; i < 1000; ++i) std::this_thread::yield();
          over = true;
        },
        patient);
    write_file(folder.file("a"), "made");
    begun.get_future().wait();
  }
  EXPECT_TRUE(over);
  EXPECT_TRUE(watched_inodes().empty());
}

TEST(file_watch, is_not_ended_by_a_child_process) {
  const temporary_folder folder;
  calls heard;
  std::optional<file_watch> watch(std::in_place, folder.path(), std::ref(heard), patient);
  EXPECT_FALSE(watch->is_forked());
  const pid_t child = ::fork();
  if (child == 0) {
    const bool knows = watch->is_forked();
    watch.reset();
    ::_exit(knows ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(heard.after([&] { write_file(folder.file("a"), "made"); }));
}

}  // namespace
}  // namespace monocoque::auth
