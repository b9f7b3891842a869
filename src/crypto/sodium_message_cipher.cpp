#include "crypto/message_cipher.hpp"
#include "crypto/openssl_poly1305.hpp"
#include "crypto/raw.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <sodium.h>

namespace monocoque::crypto {
namespace {

/// The key stream of one message begins with the key of its tag; the text is encrypted with what follows.
constexpr std::size_t tag_key_size = crypto_onetimeauth_KEYBYTES;
static_assert(message_cipher::scratch_size == tag_key_size);
static_assert(crypto_onetimeauth_BYTES == tag_size);
constexpr std::size_t block_size = 64;
/// With AVX2 libsodium makes the key stream of so many blocks at once, and what is left of it block by block:
/// eight blocks take less time than two of these.
constexpr unsigned run_blocks = 8;
constexpr std::size_t run_size = run_blocks * block_size;
/// A text begins to be decrypted in memory of its own, in the same call that makes the key of its tag.
constexpr std::size_t max_begin = run_size - tag_key_size;
/// From so many bytes on OpenSSL's tags take less time than libsodium's.
constexpr std::size_t long_text = 256;

using short_nonce = std::array<unsigned char, crypto_stream_salsa20_NONCEBYTES>;

/// RFC 26: in network order.
short_nonce nonce_of(std::uint64_t number) noexcept {
  short_nonce made{};
  for (std::size_t i = made.size(); i-- > 0; number >>= 8U) made[i] = static_cast<unsigned char>(number);
  return made;
}

/// crypto_stream_salsa20_xor_ic, in the form that takes the least time.
void stream_xor(unsigned char* into, const unsigned char* from, std::size_t size, const short_nonce& number,
                std::uint64_t block, const unsigned char* key) noexcept {
  static const bool makes_runs = sodium_runtime_has_avx2() != 0;
  const std::size_t rest = size % run_size;
  if (!makes_runs || rest <= block_size) {
    crypto_stream_salsa20_xor_ic(into, from, size, number.data(), block, key);
    return;
  }
  const std::size_t whole = size - rest;
  if (whole > 0) crypto_stream_salsa20_xor_ic(into, from, whole, number.data(), block, key);
  std::array<unsigned char, run_size> run;  // NOLINT: of what is not written here nothing is used
  std::memcpy(run.data(), from + whole, rest);
  crypto_stream_salsa20_xor_ic(run.data(), run.data(), run_size, number.data(), block + whole / block_size,
                               key);
  std::memcpy(into + whole, run.data(), rest);
}

using tag_bytes = std::array<std::byte, tag_size>;

tag_bytes tag_of(std::span<const std::byte> text, poly1305_key key) noexcept {
  tag_bytes made{};
  if (text.size() < long_text || !openssl_poly1305(made, text, key))
    crypto_onetimeauth(raw(made.data()), raw(text.data()), text.size(), raw(key.data()));
  return made;
}

}  // namespace

message_cipher::message_cipher(const box_key& key, std::span<const std::byte, prefix_size> prefix) noexcept {
  crypto_core_hsalsa20(subkey_.raw(), raw(prefix.data()), key.bytes().raw(), nullptr);
}

void message_cipher::seal(std::byte* text, std::byte first, std::span<const std::byte> rest,
                          std::uint64_t number, std::byte* tag) const noexcept {
  const short_nonce counted = nonce_of(number);
  const std::size_t begin = std::min(rest.size(), max_begin - 1);
  std::byte* const scratch = text - scratch_size;
  std::memset(scratch, 0, scratch_size);
  text[0] = first;
  if (begin > 0) std::memcpy(text + 1, rest.data(), begin);
  stream_xor(raw(scratch), raw(scratch), scratch_size + 1 + begin, counted, 0, subkey_.raw());
  if (begin < rest.size()) {
    stream_xor(raw(text) + 1 + begin, raw(rest.data()) + begin, rest.size() - begin, counted, run_blocks,
               subkey_.raw());
  }
  const tag_bytes made = tag_of({text, 1 + rest.size()}, poly1305_key(scratch, tag_key_size));
  std::memcpy(tag, made.data(), tag_size);
}

bool message_cipher::open(std::byte* into, std::byte* text, std::size_t size, std::uint64_t number,
                          const std::byte* tag) const noexcept {
  const short_nonce counted = nonce_of(number);
  const std::size_t begin = std::min(size, max_begin);
  std::byte* const scratch = text - scratch_size;
  std::memset(scratch, 0, scratch_size);
  std::array<std::byte, tag_key_size + max_begin> opened;  // NOLINT: written below, as far as it is read
  stream_xor(raw(opened.data()), raw(scratch), scratch_size + begin, counted, 0, subkey_.raw());
  const tag_bytes expected = tag_of({text, size}, std::span(opened).first<tag_key_size>());
  if (crypto_verify_16(raw(expected.data()), raw(tag)) != 0) return false;
  if (const std::size_t rest = size - begin; rest > 0) {
    stream_xor(raw(text) + begin, raw(text) + begin, rest, counted, run_blocks, subkey_.raw());
    if (into != text) std::memmove(into + begin, text + begin, rest);
  }
  std::memcpy(into, opened.data() + tag_key_size, begin);
  return true;
}

}  // namespace monocoque::crypto
