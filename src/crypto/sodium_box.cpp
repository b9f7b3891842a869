#include "crypto/box.hpp"
#include "crypto/raw.hpp"

#include <sodium.h>

namespace monocoque::crypto {
namespace {

error unavailable() { return error(errc::not_supported).with_detail("libsodium finds no random numbers"); }

}  // namespace

static_assert(curve_public_key::size == crypto_box_PUBLICKEYBYTES);
static_assert(curve_secret_key::size == crypto_box_SECRETKEYBYTES);
static_assert(tag_size == crypto_secretbox_MACBYTES && nonce_size == crypto_secretbox_NONCEBYTES);
static_assert(crypto_box_BEFORENMBYTES == crypto_secretbox_KEYBYTES);

bool is_available() noexcept {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

void fill_random(std::span<std::byte> data) noexcept {
  if (!data.empty()) randombytes_buf(data.data(), data.size());  // which may not be given a null pointer
}

result<curve_keypair> generate_keypair() {
  if (!is_available()) return unavailable();
  secret<curve_secret_key::size> own;
  fill_random(own.span());
  const curve_secret_key key(own.span());
  auto theirs = public_key_of(key);
  if (!theirs) return std::move(theirs).error();
  return curve_keypair{*theirs, key};
}

result<curve_public_key> public_key_of(const curve_secret_key& key) {
  if (!is_available()) return unavailable();
  std::array<std::byte, curve_public_key::size> found{};
  crypto_scalarmult_base(raw(found.data()), raw(key.data().data()));
  return curve_public_key(found);
}

bool box_key::agree(const curve_public_key& theirs, const curve_secret_key& own) noexcept {
  return crypto_box_beforenm(key_.raw(), raw(theirs.data().data()), raw(own.data().data())) == 0;
}

void box_key::seal(std::span<std::byte> box, std::span<const std::byte> text,
                   const nonce& number) const noexcept {
  crypto_secretbox_easy(raw(box.data()), raw(text.data()), text.size(), raw(number.data()), key_.raw());
}

bool box_key::open(std::span<std::byte> text, std::span<const std::byte> box,
                   const nonce& number) const noexcept {
  return crypto_secretbox_open_easy(raw(text.data()), raw(box.data()), box.size(), raw(number.data()),
                                    key_.raw()) == 0;
}

}  // namespace monocoque::crypto
