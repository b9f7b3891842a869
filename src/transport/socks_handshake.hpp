#pragma once

#include "transport/endpoint.hpp"

#include <monocoque/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace monocoque::transport {

/// Who we are to a proxy (RFC 1929), up to 255 bytes each. No name: nothing is said.
struct socks_credentials {
  std::string_view username{};
  std::string_view password{};
};
inline constexpr std::size_t longest_socks_text = 255;

/// "HOST:PORT", or "SOURCE;HOST:PORT", as the tcp endpoint that it is to connect to.
[[nodiscard]] result<endpoint> proxy_endpoint(std::string_view proxy);

/// The client's side of SOCKS 5 (RFC 1928): the words that make a proxy connect to a target. Bytes in, bytes
/// out; no I/O. What belongs to the target comes right behind the proxy's last word, so exactly `wanted`
/// bytes are to be read, which also bounds what a proxy can have us do. Wipes what it was told of passwords.
class socks_handshake {
 public:
  /// `target` has a host of up to 255 bytes, which the proxy looks up if it is a name. The credentials' text
  /// must stay until the end.
  socks_handshake(const tcp_host& target, socks_credentials who);
  ~socks_handshake() { forget_output(); }
  socks_handshake(const socks_handshake&) = delete;
  socks_handshake& operator=(const socks_handshake&) = delete;

  /// To be sent, before anything else is read.
  [[nodiscard]] std::span<const std::byte> output() const noexcept {
    return std::span(output_).subspan(sent_, output_size_ - sent_);
  }
  void consume_output(std::size_t size) noexcept;

  /// So many bytes have to come before there is something to do. 0: it is done.
  [[nodiscard]] std::size_t wanted() const noexcept { return needed_ - input_size_; }
  [[nodiscard]] bool is_done() const noexcept { return needed_ == 0; }
  /// At least one byte of those, at most all. An error, the system's that fits best, is the end: the proxy
  /// refuses, or says what nobody can understand.
  [[nodiscard]] result<void> take(std::span<const std::byte> from_proxy);

 private:
  enum class word : std::uint8_t { method, status, verdict, kind_of_address, address };
  static constexpr std::size_t longest_output = 3 + 2 * longest_socks_text;  // credentials
  static constexpr std::size_t longest_input = longest_socks_text + sizeof(std::uint16_t);

  [[nodiscard]] result<void> understand();
  [[nodiscard]] result<void> on_method(std::uint8_t version, std::uint8_t method);
  [[nodiscard]] result<void> on_address(std::uint8_t kind, std::uint8_t first);
  void expect(word next, std::size_t size) noexcept;
  void say(std::span<const std::uint8_t> words) noexcept;
  void say(std::string_view text) noexcept;
  void say_credentials() noexcept;
  void say_request();
  void forget_output() noexcept;

  const tcp_host target_;
  const socks_credentials who_;
  word next_ = word::method;
  std::size_t needed_ = 0;
  std::size_t input_size_ = 0;
  std::size_t output_size_ = 0;
  std::size_t sent_ = 0;
  std::array<std::byte, longest_input> input_{};
  std::array<std::byte, longest_output> output_{};
};

}  // namespace monocoque::transport
