#include "auth/network.hpp"

#include "base/printable.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstddef>
#include <utility>

namespace monocoque::auth {
namespace {

constexpr std::string_view tcp_prefix = "tcp://";
constexpr unsigned all_bits = 128;
constexpr address_octets mapped_ipv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t ipv4_begin = 12;
constexpr unsigned mapped_bits = ipv4_begin * 8;

bool is_mapped(const address_octets& octets) noexcept {
  return std::equal(octets.begin(), octets.begin() + ipv4_begin, mapped_ipv4.begin());
}

std::optional<address_octets> parse_octets(std::string_view digits) noexcept {
  char terminated[INET6_ADDRSTRLEN + 1] = {};  // inet_pton wants a terminator
  if (digits.size() >= sizeof terminated || digits.find('\0') != std::string_view::npos) return std::nullopt;
  digits.copy(terminated, digits.size());
  address_octets octets = mapped_ipv4;
  if (::inet_pton(AF_INET, terminated, octets.data() + ipv4_begin) == 1) return octets;
  if (::inet_pton(AF_INET6, terminated, octets.data()) == 1) return octets;
  return std::nullopt;
}

std::optional<ip_address> parse_bare(std::string_view text) noexcept {
  const std::size_t percent = text.find('%');
  const auto octets = parse_octets(text.substr(0, percent));
  if (!octets) return std::nullopt;
  if (percent == std::string_view::npos) return ip_address{*octets};
  const std::string_view zone = text.substr(percent + 1);
  if (zone.empty() || is_mapped(*octets)) return std::nullopt;
  return ip_address{*octets, zone};
}

bool same_bits(const address_octets& one, const address_octets& other, unsigned count) noexcept {
  const std::size_t whole = count / 8;
  if (!std::equal(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(whole), other.begin())) return false;
  const unsigned rest = count % 8;
  return rest == 0 || (one[whole] ^ other[whole]) >> (8U - rest) == 0;
}

address_octets cut(address_octets octets, unsigned prefix) noexcept {
  for (unsigned bit = prefix; bit < all_bits; ++bit)
    octets[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  return octets;
}

std::string text_of(const address_octets& octets, bool is_ipv4) {
  char digits[INET6_ADDRSTRLEN] = {};
  const void* from = is_ipv4 ? octets.data() + ipv4_begin : octets.data();
  ::inet_ntop(is_ipv4 ? AF_INET : AF_INET6, from, digits, sizeof digits);
  return digits;
}

error refuse(std::string_view text, std::string_view why) {
  std::string detail = "\"";
  base::append_printable(detail, text);
  return error(errc::invalid_argument).with_detail(detail.append("\" ").append(why));
}

std::optional<unsigned> parse_number(std::string_view digits) noexcept {
  unsigned value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view host_of(std::string_view endpoint) noexcept {
  if (!endpoint.starts_with(tcp_prefix)) return {};
  const std::string_view place = endpoint.substr(tcp_prefix.size());
  if (!place.starts_with('[')) return place.substr(0, place.rfind(':'));
  const std::size_t closing = place.find(']');
  return closing == std::string_view::npos ? std::string_view() : place.substr(1, closing - 1);
}

std::optional<ip_address> parse_address(std::string_view text) noexcept {
  return parse_bare(text.starts_with(tcp_prefix) ? host_of(text) : text);
}

bool network::contains(const ip_address& address) const noexcept {
  return is_mapped(address.octets) == is_ipv4 && same_bits(octets, address.octets, prefix) &&
         (zone.empty() || zone == address.zone);
}

result<network> parse_network(std::string_view text, spare_bits behind) {
  const std::size_t slash = text.find('/');
  const auto address = parse_bare(text.substr(0, slash));
  if (!address) return refuse(text, "is no IP address and no network");
  network made{address->octets, all_bits, is_mapped(address->octets), std::string(address->zone)};
  // Interfaces are named in the addresses of peers, so a number would match none of them.
  if (!made.zone.empty() && parse_number(made.zone))
    return refuse(text, "has to name the interface, not its number");
  if (slash == std::string_view::npos) return made;
  // "::ffff:10.0.0.0/104" is written as IPv6 but is of IPv4.
  const bool dotted = text.substr(0, slash).find(':') == std::string_view::npos;
  const unsigned longest = dotted ? all_bits - mapped_bits : all_bits;
  const auto given = parse_number(text.substr(slash + 1));
  if (!given || *given > longest)
    return refuse(text, "has no prefix of 0 to " + std::to_string(longest) + " bits behind the slash");
  made.prefix = dotted ? mapped_bits + *given : *given;
  const address_octets begin = cut(made.octets, made.prefix);
  if (behind == spare_bits::refuse && begin != made.octets) {
    return refuse(text, "has bits behind its prefix: the network is " + text_of(begin, dotted) + "/" +
                            std::to_string(*given));
  }
  return made;
}

}  // namespace monocoque::auth
