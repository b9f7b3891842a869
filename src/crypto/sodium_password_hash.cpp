#include "crypto/box.hpp"
#include "crypto/password_hash.hpp"

#include <array>
#include <sodium.h>

namespace monocoque::crypto {
namespace {

/// libsodium takes no null pointer, which is what an empty view may have.
const char* raw(std::string_view password) noexcept { return password.empty() ? "" : password.data(); }

}  // namespace

result<std::string> hash_password(std::string_view password, hash_cost cost) {
  if (!is_available()) return error(errc::not_supported).with_detail("libsodium finds no random numbers");
  const bool interactive = cost == hash_cost::interactive;
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const int failed = crypto_pwhash_str_alg(
      text.data(), raw(password), password.size(),
      interactive ? crypto_pwhash_OPSLIMIT_INTERACTIVE : crypto_pwhash_OPSLIMIT_MODERATE,
      interactive ? crypto_pwhash_MEMLIMIT_INTERACTIVE : crypto_pwhash_MEMLIMIT_MODERATE,
      crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return error::from_errno(ENOMEM, "hash a password");
  return std::string(text.data());
}

bool verify_password(const std::string& hash, std::string_view password) noexcept {
  return is_available() && crypto_pwhash_str_verify(hash.c_str(), raw(password), password.size()) == 0;
}

bool is_password_hash(const std::string& text) noexcept {
  return text.starts_with(crypto_pwhash_argon2id_STRPREFIX) && text.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_needs_rehash(text.c_str(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != -1;
}

}  // namespace monocoque::crypto
