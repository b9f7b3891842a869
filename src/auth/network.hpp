#pragma once

#include <monocoque/result.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// IP addresses and networks as text says them. Nothing is looked up.
namespace monocoque::auth {

/// 16 octets whichever the family: IPv4 is mapped into IPv6, which is also how IPv6 sockets show it.
using address_octets = std::array<std::uint8_t, 16>;

/// An address, and where it is of one link only ("fe80::1%eth0") the interface. Views the text it is of.
struct ip_address {
  address_octets octets{};
  std::string_view zone{};
};

/// Of "10.1.2.3", "2001:db8::1", "fe80::1%eth0" or a tcp endpoint with one, such as
/// "tcp://[2001:db8::1]:4711". Nothing for what is no address. Allocates nothing.
[[nodiscard]] std::optional<ip_address> parse_address(std::string_view text) noexcept;

/// The host in an endpoint of tcp: "10.1.2.3" of "tcp://10.1.2.3:4711", "::1" of "tcp://[::1]:4711". Empty
/// for any other.
[[nodiscard]] std::string_view host_of(std::string_view endpoint) noexcept;

/// A network, or one address.
struct network {
  address_octets octets{};
  unsigned prefix = 0;  ///< bits of `octets` that count
  bool is_ipv4 = false;
  std::string zone{};  ///< an interface that addresses must be of; empty: any

  [[nodiscard]] bool contains(const ip_address& address) const noexcept;
};

/// What is done about bits behind a network's prefix, which may be a slip in either.
enum class spare_bits : unsigned char { refuse, ignore };

/// Of "10.0.0.0/8", "2001:db8::/32", "fe80::%eth0/64" or an address. Refuses, errc::invalid_argument with the
/// text and the reason, what is none.
[[nodiscard]] result<network> parse_network(std::string_view text, spare_bits behind = spare_bits::refuse);

}  // namespace monocoque::auth
