#pragma once

#include <monocoque/detail/scheduler.hpp>
#include <monocoque/result.hpp>

#include <csignal>
#include <memory>
#include <span>
#include <vector>

namespace monocoque::io {

/// A descriptor to wait for, as poll(2) has it; `events` are poll_flags. Below 0: none.
struct polled_descriptor {
  int fd;
  short events;
  short revents;
};

/// A thread's wait, in poll(2), for descriptors and for a signal from another thread. Unlike other waits of
/// this library it ends when the thread has handled a POSIX signal, whatever SA_RESTART says, as those who
/// call libzmq expect. One thread uses it, but for `signal`.
class signal_poll {
 public:
  /// Errors: the system's (no descriptor left).
  [[nodiscard]] static result<std::unique_ptr<signal_poll>> make();
  ~signal_poll();
  signal_poll(const signal_poll&) = delete;
  signal_poll& operator=(const signal_poll&) = delete;

  /// The calling thread's own, made when it is first asked for, and anew in a child process.
  [[nodiscard]] static result<signal_poll*> of_this_thread();

  /// Waits until `until` for one of `watched` or a signal, which is consumed; fills in each `revents`, and
  /// answers how many of them are not 0. `mask`, if there is one, is the thread's signal mask meanwhile, as
  /// in ppoll(2). Errors: EINTR, and the system's (EINVAL: too many descriptors).
  [[nodiscard]] result<int> wait(std::span<polled_descriptor> watched, detail::time_point until,
                                 const ::sigset_t* mask = nullptr);
  /// Ends a wait, now or the next one. Any thread.
  void signal() noexcept;
  /// Forgets signals that nobody waits for.
  void consume() noexcept;
  /// Readable after a signal, for other ways of waiting. Stays this object's.
  [[nodiscard]] int fd() const noexcept { return signal_fd_; }

 private:
  explicit signal_poll(int signal_fd) noexcept;
  [[nodiscard]] bool is_parents() const noexcept;

  int signal_fd_;
  const unsigned made_in_;              // which process
  std::vector<polled_descriptor> all_;  // the signal's, and copies of those to be watched
};

}  // namespace monocoque::io
