#include "crypto/box.hpp"
#include "crypto/message_cipher.hpp"
#include "crypto/password_hash.hpp"

/// In place of all that libsodium does, in a build without it: sockets with CURVE are refused, so nothing
/// here is ever asked to encrypt.
namespace monocoque::crypto {
namespace {

error not_built() {
  return error(errc::not_supported).with_detail("this library was built without libsodium");
}

}  // namespace

bool is_available() noexcept { return false; }
void fill_random(std::span<std::byte> data) noexcept { wipe(data); }
result<curve_keypair> generate_keypair() { return not_built(); }
result<curve_public_key> public_key_of(const curve_secret_key& /*key*/) { return not_built(); }

bool box_key::agree(const curve_public_key& /*theirs*/, const curve_secret_key& /*own*/) noexcept {
  return false;
}
void box_key::seal(std::span<std::byte> box, std::span<const std::byte> /*text*/,
                   const nonce& /*number*/) const noexcept {
  crypto::wipe(box);
}
bool box_key::open(std::span<std::byte> /*text*/, std::span<const std::byte> /*box*/,
                   const nonce& /*number*/) const noexcept {
  return false;
}

message_cipher::message_cipher(const box_key& /*key*/,
                               std::span<const std::byte, prefix_size> /*prefix*/) noexcept {}
void message_cipher::seal(std::byte* text, std::byte /*first*/, std::span<const std::byte> rest,
                          std::uint64_t /*number*/, std::byte* tag) const noexcept {
  wipe(text, 1 + rest.size());
  wipe(tag, tag_size);
}
bool message_cipher::open(std::byte* /*into*/, std::byte* /*text*/, std::size_t /*size*/,
                          std::uint64_t /*number*/, const std::byte* /*tag*/) const noexcept {
  return false;
}

result<std::string> hash_password(std::string_view /*password*/, hash_cost /*cost*/) { return not_built(); }
bool verify_password(const std::string& /*hash*/, std::string_view /*password*/) noexcept { return false; }
bool is_password_hash(const std::string& /*text*/) noexcept { return false; }

}  // namespace monocoque::crypto
