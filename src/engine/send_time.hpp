#pragma once

#include <algorithm>
#include <chrono>

namespace monocoque::engine {

/// The last time that something was written to the peers of a message that was published, and what it took.
struct send_round {
  using clock = std::chrono::steady_clock;

  clock::time_point ended{};
  clock::duration cost{};

  void note(clock::time_point begun, clock::time_point now) noexcept {
    const clock::duration took = std::min<clock::duration>(now - begun, longest);
    cost = took > cost ? took : cost - (cost - took) / 8;
    ended = now;
  }
  /// A burst spends a fifth of its time on writes of what has hardly gathered, at most.
  [[nodiscard]] bool rested(clock::time_point now) const noexcept { return now - ended >= 4 * cost; }

 private:
  static constexpr std::chrono::milliseconds longest{2};  // beyond, the thread was put aside
};

/// When something is sent, as far as threaded contexts ask: a message after a pause leaves at once. The clock
/// is read once, if at all, however many links ask.
class send_time {
 public:
  using clock = send_round::clock;
  /// So long without a write, and the next message is a first one that leaves at once.
  static constexpr clock::duration pause = std::chrono::microseconds(50);

  send_time() noexcept = default;
  /// To one or many of many peers. Writing to all of them takes longer than a pause, so that a link must not
  /// seem to have had one because the others took that long.
  explicit send_time(const send_round& last) noexcept : last_(&last) {}

  [[nodiscard]] clock::time_point now() noexcept {
    if (now_ == clock::time_point{}) now_ = clock::now();
    return now_;
  }
  [[nodiscard]] bool after_pause(clock::time_point last_write) noexcept {
    return now() - last_write >= pause && (last_ == nullptr || last_->rested(now()));
  }
  void note_write() noexcept { written_ = true; }
  [[nodiscard]] bool written() const noexcept { return written_; }

 private:
  clock::time_point now_{};
  const send_round* last_ = nullptr;
  bool written_ = false;
};

}  // namespace monocoque::engine
