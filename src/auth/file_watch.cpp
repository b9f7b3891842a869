#include "auth/file_watch.hpp"

#include "io/held_descriptor.hpp"
#include "io/signals.hpp"

#include <monocoque/error.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace monocoque::auth {
namespace {

constexpr std::uint32_t events = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM |
                                 IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr int reads_at_once = 64;

std::string reason_of(int why) {
  // What the system says of these would send people looking for the wrong thing.
  if (why == EMFILE)
    return "no more open files or inotify instances (fs.inotify.max_user_instances) are allowed";
  if (why == ENOSPC) return "no more inotify watches (fs.inotify.max_user_watches) are allowed";
  return error::from_errno(why).message();
}

}  // namespace

/// What the thread works with. It keeps it alive itself, for the file_watch may go in a call of `changed`.
class file_watch::watcher {
 public:
  watcher(std::string folder, std::function<void()> changed, watch_pace pace)
      : folder_(std::move(folder)), changed_(std::move(changed)), pace_(pace) {
    if (end_.fd() < 0) throw exception(error::from_errno(errno, "watch").with_endpoint(folder_));
    arm();
  }

  void run() {
    while (wait()) {
      arm();  // first, so that what happens while they look is an event again
      changed_();
    }
  }
  void end() noexcept { static_cast<void>(::eventfd_write(end_.fd(), 1)); }

  [[nodiscard]] bool is_watched() const noexcept { return failure_.load() == 0; }
  [[nodiscard]] bool is_forked() const noexcept { return ::getpid() != process_; }
  [[nodiscard]] std::string problem() const {
    const int why = failure_.load();
    if (why == 0 || why == ENOENT || why == ENOTDIR) return {};
    return folder_ + ": is looked at now and then only, for it cannot be watched: " + reason_of(why);
  }

 private:
  enum class woken : std::uint8_t { by_event, by_time, by_end };

  woken sleep(std::chrono::milliseconds longest) const noexcept;
  bool wait() const noexcept;
  void drain() const noexcept;
  void arm() noexcept;
  /// inotify's number for the folder; or -1, and errno.
  int add() noexcept;

  const std::string folder_;
  const std::function<void()> changed_;
  const watch_pace pace_;
  const pid_t process_ = ::getpid();
  const io::held_descriptor end_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::optional<io::held_descriptor> inotify_;
  int number_ = -1;              // of the watch within inotify_
  std::atomic<int> failure_{0};  // errno, if it cannot be watched
};

file_watch::watcher::woken file_watch::watcher::sleep(std::chrono::milliseconds longest) const noexcept {
  // poll() passes over descriptors that are negative.
  std::array<pollfd, 2> awaited{{{end_.fd(), POLLIN, 0}, {inotify_ ? inotify_->fd() : -1, POLLIN, 0}}};
  const int ready = ::poll(awaited.data(), awaited.size(), static_cast<int>(longest.count()));
  if (awaited[0].revents != 0) return woken::by_end;
  return ready > 0 ? woken::by_event : woken::by_time;
}

/// Until it is time to call `changed`. False: it is over.
bool file_watch::watcher::wait() const noexcept {
  woken why = sleep(is_watched() ? pace_.look : pace_.look_unwatched);
  const auto latest = std::chrono::steady_clock::now() + pace_.longest_burst;
  while (why == woken::by_event) {
    drain();
    why = sleep(pace_.quiet);
    if (std::chrono::steady_clock::now() >= latest) break;
  }
  return why != woken::by_end;
}

/// What happened does not matter: whoever is called looks at all of it.
void file_watch::watcher::drain() const noexcept {
  alignas(inotify_event) std::array<std::byte, 4096> ignored;  // NOLINT: it is written only
  for (int reads = 0; reads < reads_at_once; ++reads) {
    if (::read(inotify_->fd(), ignored.data(), ignored.size()) <= 0) return;
  }
}

int file_watch::watcher::add() noexcept {
  if (!inotify_) {
    const int made = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (made < 0) return -1;
    inotify_.emplace(made);
  }
  return ::inotify_add_watch(inotify_->fd(), folder_.c_str(), events);
}

/// Watches what the path leads to now: the same folder again, with the same number, or another one.
void file_watch::watcher::arm() noexcept {
  const int number = add();
  const int failure = number < 0 ? errno : 0;
  if (number_ >= 0 && number_ != number) ::inotify_rm_watch(inotify_->fd(), number_);
  number_ = number;
  failure_.store(failure);
}

file_watch::file_watch(std::string folder, std::function<void()> changed, watch_pace pace)
    : watcher_(std::make_shared<watcher>(std::move(folder), std::move(changed), pace)) {
  try {
    const io::signals_blocked guard;
    std::promise<void> over;
    over_ = over.get_future();
    std::thread thread([kept = watcher_, over = std::move(over)]() mutable {
      kept->run();
      kept.reset();
      over.set_value();
    });
    thread_ = thread.get_id();
    thread.detach();  // or a child process would have to join a thread that it does not have
  } catch (const std::system_error& failure) {
    throw exception(error(failure.code()).with_doing("start a thread"));
  }
}

file_watch::~file_watch() {
  if (is_forked()) return;  // the thread and the descriptors are those of the parent
  watcher_->end();
  if (thread_ != std::this_thread::get_id()) over_.wait();
}

bool file_watch::is_watched() const noexcept { return watcher_->is_watched(); }
std::string file_watch::problem() const { return watcher_->problem(); }
bool file_watch::is_forked() const noexcept { return watcher_->is_forked(); }

}  // namespace monocoque::auth
