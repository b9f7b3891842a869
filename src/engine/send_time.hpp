#pragma once

#include <algorithm>
#include <chrono>

namespace monocoque::engine {

/// The last time that all peers of a fan-out were looked after, one after the other.
struct send_round {
  using clock = std::chrono::steady_clock;

  clock::time_point ended{};
  clock::duration cost{};  // of a round in which there was something to write

  void note(clock::time_point begun, clock::time_point now) noexcept {
    const clock::duration took = now - begun;
    cost = took > cost ? took : cost - (cost - took) / 64;
    ended = now;
  }
};

/// When something is sent, as far as threaded contexts ask: a message after a pause leaves at once. The clock
/// is read once, if at all, however many links ask.
class send_time {
 public:
  using clock = send_round::clock;
  /// So long without a write, and the next message is a first one that leaves at once.
  static constexpr clock::duration pause = std::chrono::microseconds(50);

  send_time() noexcept = default;
  /// To many peers. Writing to all of them takes longer than a pause, so the first must not seem to have had
  /// one when the last is done; and a burst is not to spend more than a fraction of its time on writes of
  /// what has hardly gathered.
  explicit send_time(const send_round& last) noexcept : last_(&last) {}

  [[nodiscard]] clock::time_point now() noexcept {
    if (now_ == clock::time_point{}) now_ = clock::now();
    return now_;
  }
  [[nodiscard]] bool after_pause(clock::time_point last_write) noexcept {
    if (last_ == nullptr) return now() - last_write >= pause;
    return now() - std::max(last_write, last_->ended) >= std::max(pause, 4 * last_->cost);
  }

 private:
  clock::time_point now_{};
  const send_round* last_ = nullptr;
};

}  // namespace monocoque::engine
