#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace monocoque::test {

/// A SOCKS 5 proxy on the loopback interface, which serves one connection at a time. What it says is told in
/// advance, byte by byte if need be.
class socks_proxy {
 public:
  struct manners {
    std::string username{};  ///< whom it lets in; empty: everybody
    std::string password{};
    std::uint8_t verdict = 0;   ///< the code that answers requests
    bool byte_by_byte = false;  ///< how it answers
    bool is_silent = false;     ///< it takes everything and never answers
    std::string instead{};      ///< of all answers, these bytes
  };
  explicit socks_proxy(manners own);
  ~socks_proxy();
  socks_proxy(const socks_proxy&) = delete;
  socks_proxy& operator=(const socks_proxy&) = delete;

  /// For the option socks_proxy.
  [[nodiscard]] const std::string& place() const noexcept { return place_; }
  /// The hosts it was asked to connect to, in the form they were asked for: "name example.com", "ipv4",
  /// "ipv6".
  [[nodiscard]] std::vector<std::string> asked() const;

 private:
  void serve(const std::stop_token& stop);
  void serve_one(int client);
  bool answer(int client, std::string_view words) const;
  bool let_in(int client);
  int connect_for(int client);
  void relay(int client, int target) const;

  const manners manners_;
  int listening_ = -1;
  int stop_pipe_[2] = {-1, -1};
  std::string place_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::jthread thread_;
};

}  // namespace monocoque::test
