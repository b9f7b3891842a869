#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// A counter that one thread writes and the parent reads: a plain add, no locked instruction.
class counter {
 public:
  void add(std::uint64_t more) { value_.store(value() + more, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one process of a cell tells the parent. Lies in shared memory, zeroed at first.
struct process_board {
  static constexpr std::size_t max_threads = 16;
  struct alignas(64) thread_slot {
    counter allocations;
  };

  alignas(64) counter messages;  ///< received, or round trips done
  counter wrong;                 ///< received with a wrong size or torn content
  counter ready;                 ///< subscribers that have got something
  alignas(64) std::array<thread_slot, max_threads> threads{};
  alignas(64) std::atomic<bool> released{false};  ///< set by the parent: the process may begin
  std::atomic<bool> failed{false};
  std::array<char, 256> reason{};

  void fail(std::string_view why);
};

/// The shared memory of one cell: the processes' boards, the endpoint that one of them bound, latencies.
/// Made by the parent before it forks; lives until the cell is over.
struct board {
  static constexpr std::size_t max_processes = 8;
  static constexpr std::size_t max_samples = std::size_t{1} << 20U;

  std::array<process_board, max_processes> processes{};
  std::atomic<bool> bound{false};
  std::atomic<bool> subscribed{false};  ///< every subscription has reached the publisher
  std::array<char, 256> endpoint{};
  std::array<std::uint32_t, max_samples> nanoseconds{};  ///< round trip i is at i % max_samples

  void announce(std::string_view where);
};

/// Maps a board that forked processes share; unmaps it at the end.
class shared_board {
 public:
  shared_board();
  ~shared_board();
  shared_board(const shared_board&) = delete;
  shared_board& operator=(const shared_board&) = delete;
  [[nodiscard]] board& operator*() const { return *board_; }
  [[nodiscard]] board* operator->() const { return board_; }

 private:
  board* board_;
};

}  // namespace bench
