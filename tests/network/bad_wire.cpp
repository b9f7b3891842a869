#include "tests/network/bad_wire.hpp"

#include "transport/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <poll.h>
#include <random>
#include <span>
#include <stdexcept>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace monocoque::test {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t largest_packet = 65'536;
constexpr std::size_t most_packets = 1000;
constexpr std::chrono::milliseconds longest_sleep{1000};

struct packet {
  clock::time_point due;
  std::vector<char> content;
};

/// The packets from one host to the other.
struct direction {
  int from, to;
  bool cut = false;
  std::deque<packet> under_way{};  ///< as they are due
  clock::time_point line_free_at{};
};

}  // namespace

class bad_wire::impl {
 public:
  impl(int first, int second, std::uint32_t seed)
      : random_(seed),
        ways_{direction{second, first}, direction{first, second}},
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_) throw std::runtime_error("bad_wire: eventfd");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~impl() {
    thread_.request_stop();
    wake();
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  void set(const conditions& now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
  }
  void carry(carries what) {
    const std::lock_guard lock(mutex_);
    ways_[0].cut = what == carries::nothing || what == carries::to_second;
    ways_[1].cut = what == carries::nothing || what == carries::to_first;
    for (direction& way : ways_) {
      if (way.cut) way.under_way.clear();
    }
  }

 private:
  void wake() const { static_cast<void>(::eventfd_write(wake_.fd(), 1)); }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      wait();
      const std::lock_guard lock(mutex_);
      for (direction& way : ways_) {
        take(way);
        deliver(way);
      }
    }
  }

  clock::time_point next_delivery() {
    clock::time_point next = clock::now() + longest_sleep;
    const std::lock_guard lock(mutex_);
    for (const direction& way : ways_) {
      if (!way.under_way.empty()) next = std::min(next, way.under_way.front().due);
    }
    return next;
  }

  void wait() {
    std::array<pollfd, 3> watched{
        {{wake_.fd(), POLLIN, 0}, {ways_[0].from, POLLIN, 0}, {ways_[1].from, POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_delivery() - clock::now());
    ::poll(watched.data(), watched.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  }

  void take(direction& way) {
    for (;;) {
      const ssize_t size = ::read(way.from, buffer_.data(), buffer_.size());
      if (size <= 0) return;
      const std::span content = std::span(buffer_).first(static_cast<std::size_t>(size));
      const bool lost = std::uniform_real_distribution(0.0, 1.0)(random_) < now_.loss;
      if (way.cut || lost || way.under_way.size() >= most_packets) continue;
      send_on_its_way(way, content);
    }
  }

  void send_on_its_way(direction& way, std::span<const char> content) {
    const auto now = clock::now();
    way.line_free_at = std::max(way.line_free_at, now);
    if (now_.bytes_per_second > 0)
      way.line_free_at += std::chrono::microseconds(content.size() * 1'000'000 / now_.bytes_per_second);
    std::uniform_int_distribution<std::chrono::milliseconds::rep> late(0, now_.jitter.count());
    clock::time_point due = way.line_free_at + now_.delay + std::chrono::milliseconds(late(random_));
    if (now_.keeps_order && !way.under_way.empty()) due = std::max(due, way.under_way.back().due);
    const auto behind =
        std::ranges::upper_bound(way.under_way, due, {}, [](const packet& each) { return each.due; });
    way.under_way.insert(behind, {due, {content.begin(), content.end()}});
  }

  static void deliver(direction& way) {
    const auto now = clock::now();
    while (!way.under_way.empty() && way.under_way.front().due <= now) {
      const std::vector<char>& content = way.under_way.front().content;
      // What the host does not take is lost, as on any wire.
      static_cast<void>(::write(way.to, content.data(), content.size()));
      way.under_way.pop_front();
    }
  }

  std::mutex mutex_;  // guards what changes of the next three
  conditions now_;
  std::mt19937 random_;
  std::array<direction, 2> ways_;  // to the first, to the second
  const transport::unique_fd wake_;
  std::array<char, largest_packet> buffer_{};
  std::jthread thread_;
};

bad_wire::bad_wire(int first, int second, std::uint32_t seed)
    : impl_(std::make_unique<impl>(first, second, seed)) {}
bad_wire::~bad_wire() = default;

void bad_wire::set(const conditions& now) { impl_->set(now); }
void bad_wire::carry(carries what) { impl_->carry(what); }

}  // namespace monocoque::test
