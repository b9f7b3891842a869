#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

/// Hearing of changes to files.
namespace monocoque::auth {

/// How patient a file_watch is. Tests are less so.
struct watch_pace {
  std::chrono::milliseconds quiet{100};  ///< without an event, until what happened counts as complete
  std::chrono::milliseconds longest_burst{1000};   ///< of events, before it counts as complete all the same
  std::chrono::milliseconds look{5000};            ///< between calls in any case
  std::chrono::milliseconds look_unwatched{1000};  ///< the same where inotify does not help
};

/// Tells of changes in a folder, with inotify and a thread of its own.
///
/// `changed` is called on that thread when something has happened in the folder, and nothing more for a
/// moment, so that a file is not read while an editor writes it. It is called every few seconds in any case,
/// for what inotify does not tell: another folder in the place of the watched one, links that lead to
/// somewhere else now, what another machine did on a network file system. So it is to find out itself whether
/// anything has changed. While the folder is missing, or cannot be watched (`problem`), it is called once a
/// second; then it is tried again to watch it.
///
/// Thread-safe but for construction and destruction.
class file_watch {
 public:
  /// `changed` may not throw. Throws monocoque::exception if there can be no thread or no descriptor at all.
  /// What happens after the constructor began is not missed.
  file_watch(std::string folder, std::function<void()> changed, watch_pace pace = {});
  /// Waits for a call of `changed` that is under way, unless it is from there.
  ~file_watch();
  file_watch(const file_watch&) = delete;
  file_watch& operator=(const file_watch&) = delete;

  /// True if inotify watches the folder, as of the last call.
  [[nodiscard]] bool is_watched() const noexcept;
  /// Why inotify cannot be had: `FOLDER: why`. Empty if it can, or the folder is missing.
  [[nodiscard]] std::string problem() const;
  /// True in a child process: the thread stayed with the parent, so nothing is heard of any more.
  [[nodiscard]] bool is_forked() const noexcept;

 private:
  class watcher;

  std::shared_ptr<watcher> watcher_;
  std::thread::id thread_;
  std::future<void> over_;  // the thread, with all it had
};

}  // namespace monocoque::auth
