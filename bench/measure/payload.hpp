#pragma once

#include "measure/board.hpp"
#include "measure/traffic.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <unordered_set>

namespace bench {

// How every sender makes its payload and every receiver checks it, alike for all rivals.

/// The byte that fills message `word`.
inline unsigned char filler(std::uint64_t word) { return static_cast<unsigned char>(word); }

/// Writes `word` at both ends of a payload that is already filled.
inline void stamp(void* payload, std::size_t size, std::uint64_t word) {
  char* const begin = static_cast<char*>(payload);
  if (size >= sizeof word) {  // copies of fixed size, which are no calls
    std::memcpy(begin + size - sizeof word, &word, sizeof word);
    std::memcpy(begin, &word, sizeof word);
    return;
  }
  const std::size_t part = std::min(size, sizeof word);
  std::memcpy(begin + size - part, &word, part);
  std::memcpy(begin, &word, part);
}

/// Makes a payload afresh.
inline void fill(void* payload, std::size_t size, std::uint64_t word) {
  std::memset(payload, filler(word), size);
  stamp(payload, size, word);
}

/// The sample that is checked of each frame: its first and last eight bytes are the same.
inline bool intact(const void* payload, std::size_t size) {
  if (size < 2 * sizeof(std::uint64_t)) return true;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::memcpy(&first, payload, sizeof first);
  std::memcpy(&last, static_cast<const char*>(payload) + size - sizeof last, sizeof last);
  return (first ^ last) == 0;
}

/// The sizes of the frames that share a message's bytes; the last takes the rest. Worked out once a stream: a
/// division for each frame would cost as much as sending it.
class frame_sizes {
 public:
  explicit frame_sizes(const traffic& what)
      : frames_(what.frames), each_(what.size / frames_), last_(what.size - each_ * (frames_ - 1)) {}
  [[nodiscard]] unsigned count() const { return frames_; }
  [[nodiscard]] std::size_t operator[](unsigned index) const { return index + 1 < frames_ ? each_ : last_; }

 private:
  unsigned frames_;
  std::size_t each_;
  std::size_t last_;
};

/// Counts what a receiver gets: frames one by one, then the end of their message.
class tally {
 public:
  tally(process_board& mine, const traffic& what) : mine_(mine), expected_(what.size) {
    for (const std::uint64_t word : probes_of(what)) awaited_.insert(word);
  }

  void frame(const void* data, std::size_t size) {
    if (!ready_) [[unlikely]] {
      note_arrival(data, size);
    }
    size_ += size;
    good_ = good_ && intact(data, size);
  }
  void message_done() {
    if (size_ != expected_ || !good_) mine_.wrong.add(1);
    mine_.messages.add(1);
    size_ = 0;
    good_ = true;
  }

 private:
  void note_arrival(const void* data, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, data, std::min(size, sizeof word));
    awaited_.erase(word);
    ready_ = awaited_.empty();
    if (ready_) mine_.ready.add(1);
  }

  process_board& mine_;
  std::unordered_set<std::uint64_t> awaited_;  // probes that have not come yet
  std::size_t expected_;
  std::size_t size_ = 0;
  bool good_ = true;
  bool ready_ = false;
};

}  // namespace bench
