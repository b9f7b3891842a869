#include <monocoque/routing_number.hpp>

#include <monocoque/message.hpp>

#include <array>

namespace monocoque {

std::uint32_t routing_id_of(const message& addressed) noexcept {
  const std::span<const std::byte> first = addressed.span(0);
  if (first.size() != sizeof(std::uint32_t)) return 0;
  std::uint32_t number = 0;
  for (const std::byte octet : first) number = number << 8 | std::to_integer<std::uint32_t>(octet);
  return number;
}

bytes routing_id_frame(std::uint32_t routing_id) noexcept {
  std::array<std::byte, sizeof routing_id> octets{};
  for (std::size_t i = octets.size(); i-- > 0; routing_id >>= 8) octets[i] = std::byte(routing_id & 0xff);
  return bytes::copy(octets);
}

}  // namespace monocoque
