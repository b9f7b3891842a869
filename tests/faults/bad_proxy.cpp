#include "tests/faults/bad_proxy.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <list>
#include <netinet/in.h>
#include <poll.h>
#include <random>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace monocoque::test {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t largest_piece = 8192;

int loopback_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::runtime_error("socket");
  return fd;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int port_of(const std::string& endpoint) {
  int port = 0;
  const std::size_t at = endpoint.rfind(':') + 1;
  std::from_chars(endpoint.data() + at, endpoint.data() + endpoint.size(), port);
  return port;
}

/// One way through a connection. Holds one piece at a time.
struct way {
  int from, to;
  std::array<char, largest_piece> piece{};
  std::size_t begin = 0, end = 0;
  clock::time_point not_before{};
  bool over = false;

  [[nodiscard]] bool empty() const { return begin == end; }
};

struct connection {
  std::array<way, 2> ways;
  std::uint64_t bytes_left;  ///< until something happens to it
  bool silent = false;       ///< nothing goes through any more; it ends at `end_at`
  bool garbled = false;
  clock::time_point end_at{};
};

}  // namespace

class bad_proxy::impl {
 public:
  impl(const std::string& target, const mischief& what)
      : target_port_(port_of(target)), what_(what), random_(what.seed), listener_(loopback_socket()) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("bad_proxy: listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~impl() {
    thread_ = {};
    for (const connection& each : connections_) close_both(each);
    ::close(listener_);
  }

  int port_ = 0;
  std::atomic<std::uint64_t> harm_ = 0;
  std::atomic<bool> good_ = false;

 private:
  using random_engine = std::minstd_rand;

  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      wait();
      accept_waiting();
      const bool good = good_;
      std::erase_if(connections_, [&](connection& each) {
        if (good && each.garbled) return ended(each, false);
        return !serve(each, good);
      });
    }
  }

  /// Until something is readable or writable, or a millisecond is over, which delays are made of.
  void wait() {
    polled_.clear();
    polled_.push_back({.fd = listener_, .events = POLLIN, .revents = 0});
    for (const connection& each : connections_) {
      for (const way& one : each.ways) {
        if (one.over || each.silent) continue;
        polled_.push_back(one.empty() ? pollfd{one.from, POLLIN, 0} : pollfd{one.to, POLLOUT, 0});
      }
    }
    ::poll(polled_.data(), polled_.size(), 1);
  }

  void accept_waiting() {
    for (;;) {
      const int from = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (from < 0) return;
      const int to = loopback_socket();
      const sockaddr_in address = loopback(target_port_);
      ::connect(to, reinterpret_cast<const sockaddr*>(&address), sizeof address);  // goes on by itself
      connections_.push_back({.ways = {way{from, to}, way{to, from}}, .bytes_left = new_life()});
    }
  }

  std::uint64_t new_life() { return 1 + draw(2 * what_.mean_life); }

  /// False when it is over.
  bool serve(connection& each, bool good) {
    if (each.silent) return clock::now() < each.end_at || !ended(each, true);
    for (way& one : each.ways) {
      if (!one.over && !move(each, one, good)) return !ended(each, false);
      if (!good && each.bytes_left == 0 && !survives(each)) return false;
    }
    return !(each.ways[0].over && each.ways[1].over) || !ended(each, false);
  }

  /// Reads a piece, or writes one. False if the connection has failed.
  bool move(connection& each, way& one, bool good) {
    if (one.empty()) {
      const std::size_t size = good ? largest_piece : 1 + draw(largest_piece);
      const ssize_t count = ::recv(one.from, one.piece.data(), size, 0);
      if (count < 0) return errno == EAGAIN || errno == ENOTCONN || errno == EINPROGRESS;
      if (count == 0) {
        one.over = true;
        ::shutdown(one.to, SHUT_WR);
        return true;
      }
      one.begin = 0;
      one.end = static_cast<std::size_t>(count);
      if (!good && what_.delays && draw(8) == 0) {
        one.not_before = clock::now() + std::chrono::milliseconds(1 + draw(3));
      }
    }
    if (!good && clock::now() < one.not_before) return true;
    std::size_t size = one.end - one.begin;
    if (!good && (what_.cuts || what_.resets || what_.garbles)) {
      size = static_cast<std::size_t>(std::min<std::uint64_t>(size, each.bytes_left));
    }
    const ssize_t count = ::send(one.to, one.piece.data() + one.begin, size, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == ENOTCONN || errno == EINPROGRESS;
    one.begin += static_cast<std::size_t>(count);
    each.bytes_left -= std::min(each.bytes_left, static_cast<std::uint64_t>(count));
    return true;
  }

  /// Its time has come: does one of the things that are allowed. False if it is over.
  bool survives(connection& each) {
    std::vector<int> choices;
    if (what_.cuts) choices.push_back(0);
    if (what_.resets) choices.insert(choices.end(), {1, 2});
    if (what_.garbles) choices.push_back(3);
    each.bytes_left = new_life();
    if (choices.empty()) return true;
    ++harm_;
    switch (choices[draw(static_cast<std::uint32_t>(choices.size()))]) {
      case 0: return !ended(each, false);
      case 1: return !ended(each, true);
      case 2:
        each.silent = true;
        each.end_at = clock::now() + std::chrono::milliseconds(5 + draw(20));
        return true;
      default:
        each.garbled = true;
        for (way& one : each.ways) {
          if (one.empty()) continue;
          const auto byte = static_cast<unsigned char>(one.piece[one.begin]);
          one.piece[one.begin] = static_cast<char>(byte ^ (1 + draw(255)));
        }
        return true;
    }
  }

  static void close_both(const connection& each) {
    ::close(each.ways[0].from);
    ::close(each.ways[0].to);
  }

  static bool ended(const connection& each, bool reset) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    for (const int fd : {each.ways[0].from, each.ways[0].to}) {
      if (reset) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    close_both(each);
    return true;
  }

  int target_port_;
  mischief what_;
  random_engine random_;
  int listener_;
  std::list<connection> connections_;
  std::vector<pollfd> polled_;
  std::jthread thread_;
};

bad_proxy::bad_proxy(const std::string& target, const mischief& what)
    : impl_(std::make_unique<impl>(target, what)) {}
bad_proxy::~bad_proxy() = default;

std::string bad_proxy::endpoint() const { return "tcp://127.0.0.1:" + std::to_string(impl_->port_); }
std::uint64_t bad_proxy::harm() const { return impl_->harm_; }
void bad_proxy::behave() { impl_->good_ = true; }

}  // namespace monocoque::test
