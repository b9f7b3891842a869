#include "crypto/message_cipher.hpp"

#include <array>
#include <cstring>
#include <sodium.h>

namespace monocoque::crypto {
namespace {

/// The key stream of one message begins with the key of its tag; the text is encrypted with what follows.
constexpr std::size_t tag_key_size = crypto_onetimeauth_KEYBYTES;
static_assert(message_cipher::scratch_size == tag_key_size);
static_assert(crypto_onetimeauth_BYTES == tag_size);
/// The key stream comes in blocks.
constexpr std::size_t block_size = 64;
/// Up to this size it pays to decrypt into memory of its own: one call then makes all of the key stream.
constexpr std::size_t max_short = 4 * block_size - tag_key_size;

using short_nonce = std::array<unsigned char, crypto_stream_salsa20_NONCEBYTES>;

/// RFC 26: in network order.
short_nonce nonce_of(std::uint64_t number) noexcept {
  short_nonce made{};
  for (std::size_t i = made.size(); i-- > 0; number >>= 8U) made[i] = static_cast<unsigned char>(number);
  return made;
}

unsigned char* raw(std::byte* data) noexcept { return reinterpret_cast<unsigned char*>(data); }
const unsigned char* raw(const std::byte* data) noexcept {
  return reinterpret_cast<const unsigned char*>(data);
}

}  // namespace

message_cipher::message_cipher(const box_key& key, std::span<const std::byte, prefix_size> prefix) noexcept {
  crypto_core_hsalsa20(subkey_.raw(), raw(prefix.data()), key.bytes().raw(), nullptr);
}

void message_cipher::seal(std::byte* text, std::size_t size, std::uint64_t number,
                          std::byte* tag) const noexcept {
  std::byte* const scratch = text - scratch_size;
  std::memset(scratch, 0, scratch_size);
  crypto_stream_salsa20_xor(raw(scratch), raw(scratch), scratch_size + size, nonce_of(number).data(),
                            subkey_.raw());
  std::array<std::byte, tag_size> made{};
  crypto_onetimeauth(raw(made.data()), raw(text), size, raw(scratch));
  std::memcpy(tag, made.data(), tag_size);
}

bool message_cipher::open(std::byte* into, std::byte* text, std::size_t size, std::uint64_t number,
                          const std::byte* tag) const noexcept {
  const short_nonce counted = nonce_of(number);
  if (size <= max_short) {
    std::byte* const scratch = text - scratch_size;
    std::memset(scratch, 0, scratch_size);
    std::array<unsigned char, tag_key_size + max_short>
        opened;  // NOLINT: written below, as far as it is read
    crypto_stream_salsa20_xor(opened.data(), raw(scratch), scratch_size + size, counted.data(),
                              subkey_.raw());
    if (crypto_onetimeauth_verify(raw(tag), raw(text), size, opened.data()) != 0) return false;
    std::memcpy(into, opened.data() + tag_key_size, size);
    return true;
  }
  std::array<unsigned char, block_size> first{};
  crypto_stream_salsa20(first.data(), first.size(), counted.data(), subkey_.raw());
  if (crypto_onetimeauth_verify(raw(tag), raw(text), size, first.data()) != 0) return false;
  constexpr std::size_t in_first = block_size - tag_key_size;
  for (std::size_t i = 0; i < in_first; ++i) text[i] ^= static_cast<std::byte>(first[tag_key_size + i]);
  crypto_stream_salsa20_xor_ic(raw(text) + in_first, raw(text) + in_first, size - in_first, counted.data(), 1,
                               subkey_.raw());
  if (into != text) std::memmove(into, text, size);
  return true;
}

}  // namespace monocoque::crypto
