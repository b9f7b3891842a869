#pragma once

#include <monocoque/event.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace tool {

/// Shows events as they come, but those that may come thousands of times a second (full queues, drops) at
/// most once a second, added up for each peer. Belongs to one thread; what it holds at its end is shown then.
class event_digest {
 public:
  explicit event_digest(std::function<void(const monocoque::event&)> show) : show_(std::move(show)) {}
  ~event_digest() { show_held(); }
  event_digest(const event_digest&) = delete;
  event_digest& operator=(const event_digest&) = delete;

  void add(const monocoque::event& happened);
  /// After so long `show_held` is to be called.
  [[nodiscard]] std::chrono::milliseconds wait_time() const;
  void show_held();

 private:
  using clock = std::chrono::steady_clock;

  std::function<void(const monocoque::event&)> show_;
  std::map<std::string, monocoque::event> held_;
  clock::time_point shown_at_{};  // last, of those that come often
};

}  // namespace tool
