#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tool::demo {

/// The `KEY=VALUE` arguments of a peer process.
class settings {
 public:
  explicit settings(const std::vector<std::string>& words);
  /// The value, or `fallback`.
  [[nodiscard]] std::string text(const std::string& key, std::string_view fallback = {}) const;
  [[nodiscard]] std::uint32_t number(const std::string& key) const;
  /// The parts of the value between commas; none for an empty one.
  [[nodiscard]] std::vector<std::string> list(const std::string& key) const;

 private:
  std::map<std::string, std::string> values_;
};

std::vector<std::string> split(std::string_view text, char separator);

/// A peer process's link to the process that started it: orders ("go", "connect ENDPOINT...") come as lines
/// on standard input, reports leave as lines on standard output. The end of the input ends the process.
/// `report` and what is built on it belong to one thread; the rest may be called from any.
class control {
 public:
  control();
  control(const control&) = delete;
  control& operator=(const control&) = delete;

  /// Waits for the order `word` and takes it; what came after the word.
  std::string wait(const std::string& word);
  /// The same within `limit`.
  std::optional<std::string> wait_for(const std::string& word, std::chrono::milliseconds limit);
  /// True from when the order has come until it is taken.
  [[nodiscard]] bool has(const std::string& word);

  static void report(std::string_view line);
  static void count(const std::string& what, std::uint64_t value);
  static void round_trips(std::span<const std::uint32_t> microseconds);
  /// At most ten times a second.
  void progress(std::uint64_t messages);
  /// "lost", "altered", ...: a finding. Only the first few are written out.
  void wrong(std::string_view kind, std::string_view detail);

 private:
  void read_orders();

  std::mutex mutex_;  // guards orders_
  std::condition_variable changed_;
  std::map<std::string, std::deque<std::string>> orders_;
  std::chrono::steady_clock::time_point last_progress_{};
  int findings_ = 0;
  std::thread reader_;  // detached by `_exit`: it waits for input to the end
};

/// Whether sequence numbers come as they should. One a receiver.
class ledger {
 public:
  explicit ledger(control& to) : control_(to) {}
  /// Each number is the one before plus one: lossless and in order.
  void expect_next(std::uint32_t stream, std::uint32_t sequence);
  /// Numbers rise: those missing went to others.
  void expect_rising(std::uint64_t path, std::uint32_t sequence);
  /// No number comes twice, in whatever order.
  void expect_once(std::uint32_t stream, std::uint32_t sequence);
  /// "count PREFIX:STREAM NUMBER" for each stream of expect_next and expect_once.
  void report_counts(const std::string& prefix) const;
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

 private:
  control& control_;
  std::map<std::uint32_t, std::uint32_t> next_;
  std::map<std::uint64_t, std::uint32_t> last_;
  std::map<std::uint32_t, std::vector<bool>> seen_;
  std::map<std::uint32_t, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace tool::demo
