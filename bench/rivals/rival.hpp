#pragma once

#include "measure/board.hpp"
#include "measure/traffic.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What one process (or thread) of a cell is asked to do.
struct duty {
  const traffic& what;
  board& shared;
  process_board& mine;
  bool binds;  ///< it makes up the endpoint and announces it; the others connect to it

  [[nodiscard]] std::string endpoint_to_bind() const;
  [[nodiscard]] std::string endpoint() const { return shared.endpoint.data(); }
};

/// A way to move messages. Each role runs in a process of its own (`exchange`: both ends in one) until it is
/// killed, and throws if it cannot go on.
class rival {
 public:
  explicit rival(std::string name) : name_(std::move(name)) {}
  virtual ~rival() = default;
  rival(const rival&) = delete;
  rival& operator=(const rival&) = delete;

  /// As given to --rival, and in results.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] virtual bool plays(const traffic& what) const = 0;
  /// Nothing is sent: `send` does a sender's share of the work and counts it, `receive` a receiver's, each
  /// when nothing else runs. The slower of the two is what a stream could reach.
  [[nodiscard]] virtual bool works_alone() const { return false; }

  virtual void send(const duty& mine) = 0;
  virtual void receive(const duty& mine) = 0;
  virtual void ask(const duty& mine) = 0;
  virtual void answer(const duty& mine) = 0;
  virtual void publish(const duty& mine) = 0;
  virtual void subscribe(const duty& mine) = 0;
  /// Sender and receiver, or who asks and who answers, in one process, over inproc. The second one binds.
  virtual void exchange(const duty& sending, const duty& receiving) = 0;

 private:
  std::string name_;
};

/// All of them, in the order in which they are shown.
std::vector<std::unique_ptr<rival>> all_rivals();

// -- shared by the implementations

/// Gives each side of a round trip a core of its own, for the calling thread: two that spin on one core would
/// wait for the scheduler to take turns. Called when the library's own threads, which stay free, are there.
void pin_to_own_core(const duty& mine);

/// Records round trips: one reading of the clock each.
class stopwatch {
 public:
  stopwatch(board& shared, process_board& mine) : shared_(shared), mine_(mine) {}
  void lap() {
    const auto now = std::chrono::steady_clock::now();
    const auto took = static_cast<std::uint32_t>((now - last_).count());
    last_ = now;
    shared_.nanoseconds[mine_.messages.value() % board::max_samples] = took;
    mine_.messages.add(1);
  }

 private:
  board& shared_;
  process_board& mine_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Holds a background sender to a rate: it sends a millisecond's worth, then sleeps.
class pace {
 public:
  explicit pace(double rate) : burst_(static_cast<std::uint64_t>(rate / 1000)) {}
  /// When to go on, if a burst is over with message `number`; the clock's zero if not.
  [[nodiscard]] std::chrono::steady_clock::time_point rest_after(std::uint64_t number) {
    if (burst_ == 0 || (number + 1) % burst_ != 0) return {};
    next_ += std::chrono::milliseconds(1);
    return next_;
  }

 private:
  std::uint64_t burst_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now();
};

}  // namespace bench
