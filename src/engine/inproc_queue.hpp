#pragma once

#include "base/short_mutex.hpp"

#include <monocoque/message.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace monocoque::engine {

enum class inproc_kind : std::uint8_t {
  plain,      ///< a message
  delimited,  ///< a message with an empty frame in front that is not stored (REQ, REP)
  subscribe,  ///< its first frame is a topic that the sender subscribes to ...
  cancel,     ///< ... or no longer does
};

struct inproc_entry {
  message what;
  inproc_kind kind;
};

/// One direction of an inproc connection: message objects in chunks, from one socket to another, not encoded.
///
/// One thread at a time sends, under the monitor of its socket, and one receives, under that of the other;
/// they share no lock. In steady state a message is moved in and out and nothing is allocated: the receiver
/// hands chunks that it is done with back. Messages are bounded by the limit: whoever sends asks `full` after
/// each, and sends no more until it is told. Subscriptions are not held to it, as nobody may lose them.
///
/// Whoever finds nothing to do raises a flag: the receiver `hungry_`, the sender `starving_`. Who then
/// changes the other's lot takes the flag down and owes it a call, once. Both raise their flag first and then
/// look once more, sequentially consistent like the other's two steps, so that one of them sees the other. (A
/// message taken is looked at so only every quarter of the limit, at the end of each half where these count,
/// as the sender may have found it full just before, and when the receiver rests.)
class inproc_queue {
 public:
  static constexpr std::size_t chunk_size = 64;
  /// So many chunks are kept for reuse: as many as default high-water marks fill.
  static constexpr std::uint32_t max_kept_chunks = 34;
  static constexpr std::uint64_t unlimited = UINT64_MAX;

  inproc_queue() noexcept = default;
  ~inproc_queue();
  inproc_queue(const inproc_queue&) = delete;
  inproc_queue& operator=(const inproc_queue&) = delete;

  // -- the sending side
  /// Adds an entry. True: the receiver is to be told.
  [[nodiscard]] bool push(inproc_kind kind, message&& what) {
    if (newest_) return replace(kind, std::move(what));
    new (next_place()) inproc_entry{std::move(what), kind};
    return publish();
  }
  /// A message of one frame, copied.
  [[nodiscard]] bool push(std::span<const std::byte> payload) {
    // What may throw comes before a place is taken.
    if (newest_ || payload.size() > bytes::inline_capacity) return push(inproc_kind::plain, message(payload));
    new (next_place()) inproc_entry{message(payload), inproc_kind::plain};
    return publish();
  }
  /// The same, of `size` bytes that `fill` writes.
  template <class Fill>
  [[nodiscard]] bool push(std::size_t size, const Fill& fill) {
    return push(inproc_kind::plain, message(bytes::make(size, fill)));
  }
  /// True if no message may be added; the sender is told when the queue is half empty.
  [[nodiscard]] bool full() noexcept {
    const std::uint64_t end = tail_.load(std::memory_order_relaxed);
    const std::uint64_t limit = limit_.load(std::memory_order_relaxed);
    return end - known_head_ >= limit && full_indeed(end, limit);
  }
  [[nodiscard]] bool half_empty() noexcept;
  /// How many are there; for the sender alone.
  [[nodiscard]] std::uint64_t count() const noexcept {
    return tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_acquire);
  }
  /// Entries that were ever added; for the sender alone.
  [[nodiscard]] std::uint64_t added() const noexcept {
    return tail_.load(std::memory_order_relaxed) + newest_added_;
  }
  void set_limit(std::uint64_t messages) noexcept;
  /// To whoever sends, a message that was taken is gone once half the limit has, counted from the first on:
  /// so libzmq has it. Before any is sent.
  void count_in_halves() noexcept {
    counts_in_halves_ = true;
    set_limit(limit_.load(std::memory_order_relaxed));
  }
  /// From now on a message replaces the one before (ZMQ_CONFLATE).
  void keep_newest_only();
  /// Messages that were replaced since this was last asked.
  [[nodiscard]] std::uint64_t take_replaced() noexcept { return std::exchange(replaced_, 0); }

  // -- the receiving side
  /// The first entry, until `pop`; null if there is none.
  [[nodiscard]] inproc_entry* front() noexcept {
    const std::uint64_t begin = head_.load(std::memory_order_relaxed);
    if (begin == known_tail_) {
      look_again();
      if (begin == known_tail_) return front_of_newest();
    }
    if (front_ == nullptr || begin - front_base_ == chunk_size) enter_chunk();
    return front_->place(begin - front_base_);
  }
  /// Entries that were ever taken, and that wait; for the receiver alone.
  [[nodiscard]] std::uint64_t taken() const noexcept {
    return head_.load(std::memory_order_relaxed) + newest_taken_count_;
  }
  [[nodiscard]] std::uint64_t waiting() const noexcept {
    return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_relaxed);
  }
  /// Destroys the first entry. True: the sender is to be told.
  [[nodiscard]] bool pop() noexcept {
    if (has_taken_) return pop_newest();
    const std::uint64_t begin = head_.load(std::memory_order_relaxed);
    front_->place(begin - front_base_)->~inproc_entry();
    const bool look_well =
        ((begin + 1) & look_mask_.load(std::memory_order_relaxed)) == 0 || ends_a_half(begin + 1);
    head_.store(begin + 1, look_well ? std::memory_order_seq_cst : std::memory_order_release);
    return starving_.load(std::memory_order_seq_cst) && sender_may_go_on();
  }
  /// ZMQ_CONFLATE: drops all but the last entry; returns how many were dropped since this was last asked.
  std::uint64_t drop_older() noexcept;
  /// To be called when `front` has nothing: has the sender tell when it has something. False if there is
  /// something after all.
  [[nodiscard]] bool rest() noexcept;
  /// True: the sender waits and is to be told. For the receiver, after `rest`.
  [[nodiscard]] bool sender_may_go_on() noexcept;

 private:
  static constexpr std::uint64_t not_counted = UINT64_MAX;
  struct chunk {
    alignas(inproc_entry) std::byte storage[chunk_size * sizeof(inproc_entry)];
    chunk* next = nullptr;
    [[nodiscard]] inproc_entry* place(std::size_t index) noexcept {
      return std::launder(reinterpret_cast<inproc_entry*>(storage + index * sizeof(inproc_entry)));
    }
  };
  /// ZMQ_CONFLATE: a place for one message instead of the chunks.
  struct newest {
    base::short_mutex mutex;
    message what;
    inproc_kind kind = inproc_kind::plain;
    bool there = false;
  };

  void* next_place() {
    const std::size_t index = tail_.load(std::memory_order_relaxed) % chunk_size;
    if (index == 0) begin_chunk();
    return back_->storage + index * sizeof(inproc_entry);
  }
  [[nodiscard]] bool publish() noexcept {
    tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
    return receiver_waits();
  }
  [[nodiscard]] bool receiver_waits() noexcept {
    return hungry_.load(std::memory_order_seq_cst) && hungry_.exchange(false, std::memory_order_acq_rel);
  }
  void begin_chunk();
  bool replace(inproc_kind kind, message&& what);
  [[nodiscard]] bool full_indeed(std::uint64_t end, std::uint64_t limit) noexcept;
  [[nodiscard]] std::uint64_t gone_of(std::uint64_t head, std::uint64_t limit) const noexcept;
  /// For the receiver, with each number once.
  [[nodiscard]] bool ends_a_half(std::uint64_t taken) noexcept {
    const std::uint64_t half = half_.load(std::memory_order_relaxed);
    if (half != known_half_) {
      known_half_ = half;
      next_half_ = (taken + half - 1) / half * half;
    }
    if (taken < next_half_) return false;
    next_half_ += half;
    return true;
  }
  void enter_chunk() noexcept;
  void hand_back(chunk* used) noexcept;
  void look_again() noexcept;
  [[nodiscard]] inproc_entry* front_of_newest() noexcept;
  bool pop_newest() noexcept;

  // The sender's.
  alignas(64) std::atomic<std::uint64_t> tail_{0};  // entries ever added
  bool counts_in_halves_ = false;
  std::uint64_t known_head_ = 0;
  chunk* back_ = nullptr;
  chunk* spare_ = nullptr;
  std::uint64_t replaced_ = 0;
  std::uint64_t newest_added_ = 0;
  std::unique_ptr<newest> newest_;

  // The receiver's.
  alignas(64) std::atomic<std::uint64_t> head_{0};  // entries ever taken
  std::uint64_t known_tail_ = 0;
  std::uint64_t known_half_ = not_counted;
  std::uint64_t next_half_ = UINT64_MAX;
  chunk* front_ = nullptr;
  std::uint64_t front_base_ = 0;   // number of the first entry in it
  std::uint32_t short_looks_ = 0;  // looks in a row, without a rest, that found little
  std::uint64_t superseded_ = 0;
  std::uint64_t newest_taken_count_ = 0;
  bool has_taken_ = false;
  inproc_entry taken_{message(), inproc_kind::plain};  // out of `newest_`

  // Changed rarely.
  alignas(64) std::atomic<bool> hungry_{false};
  std::atomic<bool> starving_{false};
  std::atomic<std::uint64_t> limit_{unlimited};
  std::atomic<std::uint64_t> look_mask_{unlimited};  // pops between two looks that count for sure, less one
  std::atomic<std::uint64_t> half_{not_counted};     // of the limit, if it counts in halves
  std::atomic<newest*> shown_newest_{nullptr};
  chunk* first_ = nullptr;  // written before the first entry is published

  // Once a chunk.
  alignas(64) std::atomic<chunk*> returned_{nullptr};
  std::atomic<std::uint32_t> chunks_{0};
};

}  // namespace monocoque::engine
