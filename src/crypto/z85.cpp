#include <monocoque/z85.hpp>

#include "crypto/secret.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace monocoque {
namespace {

constexpr std::string_view alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
constexpr std::uint8_t no_digit = 0xff;

constexpr auto digits = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

error refuse(std::string detail) { return error(errc::invalid_argument).with_detail(std::move(detail)); }

/// Fills `data`, for whose size there are characters.
result<void> decode(std::string_view text, std::span<std::byte> data) {
  for (std::size_t in = 0, out = 0; in < text.size(); in += 5, out += 4) {
    std::uint64_t group = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const std::uint8_t digit = digits[static_cast<unsigned char>(text[in + i])];
      if (digit == no_digit) return refuse("character " + std::to_string(in + i + 1) + " is no Z85");
      group = group * 85 + digit;
    }
    if (group > UINT32_MAX) {
      return refuse("characters " + std::to_string(in + 1) + " to " + std::to_string(in + 5) +
                    " stand for more than 4 bytes");
    }
    for (std::size_t i = 4; i-- > 0; group >>= 8U) data[out + i] = static_cast<std::byte>(group & 0xffU);
  }
  return {};
}

}  // namespace

result<std::string> z85_encode(as_result_tag, std::span<const std::byte> data) {
  if (data.size() % 4 != 0)
    return refuse("Z85 is of multiples of 4 bytes, not of " + std::to_string(data.size()));
  std::string text(data.size() / 4 * 5, '\0');
  for (std::size_t in = 0, out = 0; in < data.size(); in += 4, out += 5) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) group = group << 8U | std::to_integer<std::uint32_t>(data[in + i]);
    for (std::size_t i = 5; i-- > 0; group /= 85) text[out + i] = alphabet[group % 85];
  }
  return text;
}

result<std::vector<std::byte>> z85_decode(as_result_tag, std::string_view text) {
  if (text.size() % 5 != 0)
    return refuse("Z85 is of multiples of 5 characters, not of " + std::to_string(text.size()));
  std::vector<std::byte> data(text.size() / 5 * 4);
  if (auto decoded = decode(text, data); !decoded) {
    crypto::wipe(data);  // what went well of a key is most of it
    return std::move(decoded).error();
  }
  return data;
}

std::string z85_encode(std::span<const std::byte> data) { return z85_encode(as_result, data).value(); }
std::vector<std::byte> z85_decode(std::string_view text) { return z85_decode(as_result, text).value(); }

}  // namespace monocoque
