#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace monocoque::test {

/// The other end of a TCP connection that says what the test wants it to. Failures and waits without end
/// throw.
class raw_peer {
 public:
  /// Connects to "tcp://127.0.0.1:port".
  explicit raw_peer(const std::string& endpoint);
  explicit raw_peer(int fd) noexcept : fd_(fd) {}
  ~raw_peer();
  raw_peer(raw_peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  raw_peer(const raw_peer&) = delete;
  raw_peer& operator=(const raw_peer&) = delete;

  void send(std::string_view data) const;
  void drip(std::string_view data) const;  ///< octet by octet, each in a packet of its own
  [[nodiscard]] std::string receive(std::size_t size) const;
  /// Everything until the other side closes (or resets).
  [[nodiscard]] std::string receive_until_closed() const;
  void half_close() const;
  void close();
  void reset();  ///< closes with a RST

  /// As the other side sees it: "tcp://127.0.0.1:40312".
  [[nodiscard]] std::string address() const;

 private:
  int fd_;
};

/// A listening TCP socket on a port of its own.
class raw_listener {
 public:
  raw_listener();
  ~raw_listener();
  raw_listener(const raw_listener&) = delete;
  raw_listener& operator=(const raw_listener&) = delete;

  [[nodiscard]] std::string endpoint() const;
  [[nodiscard]] raw_peer accept() const;

 private:
  int fd_;
};

/// ZMTP written by hand (RFC 37), right or wrong.
namespace speak {

[[nodiscard]] std::string greeting(int major = 3, int minor = 1, std::string_view mechanism = "NULL");
[[nodiscard]] std::string property(std::string_view name, std::string_view value);
[[nodiscard]] std::string command(std::string_view name, std::string_view data);
[[nodiscard]] std::string ready(std::string_view socket_type, std::string_view more_properties = {});
[[nodiscard]] std::string frame(std::string_view payload, bool more = false);
[[nodiscard]] std::string v1_frame(std::string_view payload, bool more = false);
[[nodiscard]] std::string u64(std::uint64_t value);

/// The size of what the other side says first: its greeting and, once it has heard ours, its READY.
inline constexpr std::size_t greeting_size = 64;

}  // namespace speak

/// Shakes hands as ZMTP 3.`minor`; what the other side says is read and dropped, up to the end of its READY.
void shake_hands(const raw_peer& peer, std::string_view socket_type, int minor = 1,
                 std::string_view more_properties = {});

}  // namespace monocoque::test
