#pragma once

#include <monocoque/result.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace monocoque::io {

/// A thread for calls that block (name resolution), started by the first of them. Jobs run one after the
/// other. Any thread may submit.
///
/// Destruction never waits: jobs that have not begun are dropped, and one that is running is left to itself,
/// so a job owns what it uses (shared state, captured by value) and hands its result over in a way that copes
/// with nobody being there.
class worker {
 public:
  static constexpr std::size_t max_waiting = 1024;

  worker();
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Runs `job`, which must not throw, soon. Errors: would_block if `max_waiting` jobs wait already, what the
  /// system says if there can be no thread.
  [[nodiscard]] result<void> submit(std::function<void()> job);

 private:
  struct shared;
  static void run(const std::shared_ptr<shared>& state) noexcept;

  std::shared_ptr<shared> state_;
};

}  // namespace monocoque::io
