#include "base/printable.hpp"

namespace monocoque::base {
namespace {

constexpr std::size_t longest_shown = 64;

}  // namespace

void append_printable(std::string& line, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char each : text.substr(0, longest_shown)) {
    const auto octet = static_cast<unsigned char>(each);
    if (octet >= 0x20 && octet < 0x7f && octet != '\\') {
      line.push_back(each);
    } else {
      line.append("\\x").push_back(digits[octet >> 4U]);
      line.push_back(digits[octet & 0xfU]);
    }
  }
  if (text.size() > longest_shown) line.append("...");
}

std::string printable(std::span<const std::byte> octets) {
  std::string shown = "\"";
  append_printable(shown, {reinterpret_cast<const char*>(octets.data()), octets.size()});
  return shown + '"';
}

}  // namespace monocoque::base
