#include "demo/control.hpp"

#include "input.hpp"

#include <fmt/format.h>

#include <iterator>
#include <stop_token>
#include <unistd.h>

namespace tool::demo {
namespace {

using namespace std::chrono_literals;

constexpr int findings_written = 5;
constexpr std::size_t round_trips_a_line = 500;

}  // namespace

settings::settings(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::size_t middle = word.find('=');
    values_[word.substr(0, middle)] = middle == std::string::npos ? "" : word.substr(middle + 1);
  }
}

std::string settings::text(const std::string& key, std::string_view fallback) const {
  const auto found = values_.find(key);
  return found != values_.end() ? found->second : std::string(fallback);
}

std::uint32_t settings::number(const std::string& key) const {
  return static_cast<std::uint32_t>(std::stoul(text(key, "0")));
}

std::vector<std::string> settings::list(const std::string& key) const {
  const std::string value = text(key);
  return value.empty() ? std::vector<std::string>() : split(value, ',');
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

control::control() : reader_([this] { read_orders(); }) { reader_.detach(); }

void control::read_orders() {
  line_reader lines;
  while (const auto line = lines.next(std::stop_token())) {
    const std::size_t end = line->find(' ');
    const std::lock_guard lock(mutex_);
    orders_[line->substr(0, end)].push_back(end == std::string::npos ? "" : line->substr(end + 1));
    changed_.notify_all();
  }
  ::_exit(1);  // nobody is there any more to report to
}

std::string control::wait(const std::string& word) {
  for (;;) {
    if (auto order = wait_for(word, 1h)) return *order;
  }
}

std::optional<std::string> control::wait_for(const std::string& word, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  std::deque<std::string>& orders = orders_[word];
  if (!changed_.wait_for(lock, limit, [&orders] { return !orders.empty(); })) return std::nullopt;
  std::string order = std::move(orders.front());
  orders.pop_front();
  return order;
}

bool control::has(const std::string& word) {
  const std::lock_guard lock(mutex_);
  return !orders_[word].empty();
}

void control::report(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written < 0) ::_exit(1);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

void control::count(const std::string& what, std::uint64_t value) {
  report(fmt::format("count {} {}", what, value));
}

void control::round_trips(std::span<const std::uint32_t> microseconds) {
  while (!microseconds.empty()) {
    const auto part = microseconds.first(std::min(round_trips_a_line, microseconds.size()));
    report(fmt::format("rtt {}", fmt::join(part, " ")));
    microseconds = microseconds.subspan(part.size());
  }
}

void control::progress(std::uint64_t messages) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_progress_ < 100ms) return;
  last_progress_ = now;
  report(fmt::format("progress {}", messages));
}

void control::wrong(std::string_view kind, std::string_view detail) {
  if (++findings_ <= findings_written) report(fmt::format("wrong {}: {}", kind, detail));
}

void ledger::expect_next(std::uint32_t stream, std::uint32_t sequence) {
  std::uint32_t& next = next_[stream];
  if (sequence > next) {
    control_.wrong("lost or reordered",
                   fmt::format("stream {}: {} came where {} was due", stream, sequence, next));
  } else if (sequence < next) {
    control_.wrong("repeated or reordered",
                   fmt::format("stream {}: {} came where {} was due", stream, sequence, next));
  }
  if (sequence >= next) next = sequence + 1;
  ++counts_[stream];
  ++total_;
}

void ledger::expect_rising(std::uint64_t path, std::uint32_t sequence) {
  const auto [entry, first] = last_.try_emplace(path, sequence);
  if (!first && sequence <= entry->second) {
    control_.wrong("repeated or reordered", fmt::format("{} came after {}", sequence, entry->second));
  }
  entry->second = std::max(entry->second, sequence);
}

void ledger::expect_once(std::uint32_t stream, std::uint32_t sequence) {
  std::vector<bool>& seen = seen_[stream];
  if (seen.size() <= sequence) seen.resize(sequence + 1UL);
  if (seen[sequence]) control_.wrong("repeated", fmt::format("stream {}: {} came twice", stream, sequence));
  seen[sequence] = true;
  ++counts_[stream];
  ++total_;
}

void ledger::report_counts(const std::string& prefix) const {
  for (const auto& [stream, count] : counts_) control::count(fmt::format("{}:{}", prefix, stream), count);
}

}  // namespace tool::demo
