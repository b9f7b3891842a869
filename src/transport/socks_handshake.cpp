#include "transport/socks_handshake.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <string>

namespace monocoque::transport {
namespace {

constexpr std::uint8_t version_5 = 5;
constexpr std::uint8_t version_of_credentials = 1;
constexpr std::uint8_t says_nothing = 0;
constexpr std::uint8_t says_name_and_password = 2;
constexpr std::uint8_t no_method = 0xff;
constexpr std::uint8_t command_connect = 1;
constexpr std::uint8_t reserved = 0;
constexpr std::uint8_t kind_ipv4 = 1;
constexpr std::uint8_t kind_name = 3;
constexpr std::uint8_t kind_ipv6 = 4;
constexpr std::uint8_t granted = 0;

/// RFC 1928, section 6, in its order.
constexpr std::array reasons{0,         ECONNABORTED, EACCES,      ENETUNREACH, EHOSTUNREACH, ECONNREFUSED,
                             ETIMEDOUT, EOPNOTSUPP,   EAFNOSUPPORT};

error failure(int errno_value, std::string why) {
  return error::from_errno(errno_value).with_detail("SOCKS proxy: " + std::move(why));
}
error nonsense() { return failure(EPROTO, "it does not speak SOCKS 5"); }

error refusal(std::uint8_t code) {
  return failure(code < reasons.size() ? reasons[code] : EPROTO, "refused, code " + std::to_string(code));
}

}  // namespace

result<endpoint> proxy_endpoint(std::string_view proxy) {
  return parse_endpoint("tcp://" + std::string(proxy), purpose::connect);
}

socks_handshake::socks_handshake(const tcp_host& target, socks_credentials who) : target_(target), who_(who) {
  const std::array<std::uint8_t, 4> both{version_5, 2, says_nothing, says_name_and_password};
  const std::array<std::uint8_t, 3> one{version_5, 1, says_nothing};
  say(who.username.empty() ? std::span<const std::uint8_t>(one) : std::span<const std::uint8_t>(both));
  expect(word::method, 2);
}

void socks_handshake::consume_output(std::size_t size) noexcept {
  sent_ += size;
  if (sent_ == output_size_) forget_output();
}

void socks_handshake::forget_output() noexcept {
  ::explicit_bzero(output_.data(), output_.size());
  output_size_ = sent_ = 0;
}

void socks_handshake::expect(word next, std::size_t size) noexcept {
  next_ = next;
  needed_ = size;
  input_size_ = 0;
}

void socks_handshake::say(std::span<const std::uint8_t> words) noexcept {
  std::ranges::copy(std::as_bytes(words), output_.begin() + static_cast<std::ptrdiff_t>(output_size_));
  output_size_ += words.size();
}

/// With its size, an octet, in front.
void socks_handshake::say(std::string_view text) noexcept {
  const std::array size{static_cast<std::uint8_t>(text.size())};
  say(size);
  say(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void socks_handshake::say_credentials() noexcept {
  const std::array version{version_of_credentials};
  say(version);
  say(who_.username);
  say(who_.password);
  expect(word::status, 2);
}

void socks_handshake::say_request() {
  const std::string& host = target_.host;
  const std::string without_zone = host.substr(0, host.find('%'));
  std::array<std::uint8_t, sizeof(in6_addr)> octets{};
  const auto say_kind = [this](std::uint8_t kind) {
    const std::array<std::uint8_t, 4> words{version_5, command_connect, reserved, kind};
    say(words);
  };
  if (::inet_pton(AF_INET, host.c_str(), octets.data()) == 1) {
    say_kind(kind_ipv4);
    say(std::span(octets).first(sizeof(in_addr)));
  } else if (::inet_pton(AF_INET6, without_zone.c_str(), octets.data()) == 1) {
    say_kind(kind_ipv6);
    say(octets);
  } else {
    say_kind(kind_name);
    say(std::string_view(host).substr(0, longest_socks_text));
  }
  const std::array<std::uint8_t, 2> port{static_cast<std::uint8_t>(target_.port >> 8U),
                                         static_cast<std::uint8_t>(target_.port)};
  say(port);
  expect(word::verdict, 2);
}

result<void> socks_handshake::take(std::span<const std::byte> from_proxy) {
  const std::size_t taken = std::min(from_proxy.size(), wanted());
  std::ranges::copy(from_proxy.first(taken), input_.begin() + static_cast<std::ptrdiff_t>(input_size_));
  input_size_ += taken;
  if (wanted() > 0 || is_done()) return {};
  return understand();
}

result<void> socks_handshake::understand() {
  const auto octet = [this](std::size_t index) { return std::to_integer<std::uint8_t>(input_[index]); };
  switch (next_) {
    case word::method: return on_method(octet(0), octet(1));
    case word::status:
      if (octet(0) != version_of_credentials) return nonsense();
      if (octet(1) != granted) return failure(EACCES, "it does not let us in with that name and password");
      say_request();
      return {};
    case word::verdict:
      if (octet(0) != version_5) return nonsense();
      if (octet(1) != granted) return refusal(octet(1));
      expect(word::kind_of_address, 3);
      return {};
    case word::kind_of_address: return on_address(octet(1), octet(2));
    case word::address: break;
  }
  needed_ = input_size_ = 0;
  return {};
}

result<void> socks_handshake::on_method(std::uint8_t version, std::uint8_t method) {
  if (version != version_5) return nonsense();
  if (method == says_nothing) {
    say_request();
  } else if (method == says_name_and_password && !who_.username.empty()) {
    say_credentials();
  } else if (method == no_method) {
    return failure(EACCES, who_.username.empty() ? "it wants to know who we are"
                                                 : "it takes neither nobody nor a name and password");
  } else {
    return nonsense();
  }
  return {};
}

/// From where the proxy connects: of no use here, but it has to be read. Its first octet is there.
result<void> socks_handshake::on_address(std::uint8_t kind, std::uint8_t first) {
  constexpr std::size_t port = sizeof(std::uint16_t);
  switch (kind) {
    case kind_ipv4: expect(word::address, sizeof(in_addr) - 1 + port); return {};
    case kind_ipv6: expect(word::address, sizeof(in6_addr) - 1 + port); return {};
    case kind_name: expect(word::address, first + port); return {};
    default: return nonsense();
  }
}

}  // namespace monocoque::transport
