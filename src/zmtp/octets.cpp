#include "zmtp/octets.hpp"

namespace monocoque::zmtp {

std::string printable(std::string_view text) {
  std::string shown(text.substr(0, 255));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return shown;
}

std::string hex(std::uint8_t octet) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {'0', 'x', digits[octet >> 4], digits[octet & 15]};
}

}  // namespace monocoque::zmtp
