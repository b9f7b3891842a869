#include <monocoque/curve_keys.hpp>

#include "crypto/box.hpp"
#include "crypto/secret.hpp"

#include <monocoque/z85.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace monocoque {
namespace {

template <class Key>
result<Key> decode_key(std::string_view text) {
  if (text.size() != Key::z85_size) {
    return error(errc::invalid_argument)
        .with_detail("a key has 40 characters of Z85, not " + std::to_string(text.size()));
  }
  auto data = z85_decode(as_result, text);
  if (!data) return std::move(data).error();
  Key key{std::span<const std::byte, Key::size>(*data)};
  crypto::wipe(*data);
  return key;
}

}  // namespace

curve_public_key::curve_public_key(std::span<const std::byte, size> data) noexcept {
  std::ranges::copy(data, data_.begin());
}
result<curve_public_key> curve_public_key::from_z85(as_result_tag, std::string_view text) {
  return decode_key<curve_public_key>(text);
}
curve_public_key curve_public_key::from_z85(std::string_view text) {
  return from_z85(as_result, text).value();
}
std::string curve_public_key::z85() const { return z85_encode(data_); }

curve_secret_key::curve_secret_key(std::span<const std::byte, size> data) noexcept {
  std::ranges::copy(data, data_.begin());
}
curve_secret_key::~curve_secret_key() { crypto::wipe(data_); }
result<curve_secret_key> curve_secret_key::from_z85(as_result_tag, std::string_view text) {
  return decode_key<curve_secret_key>(text);
}
curve_secret_key curve_secret_key::from_z85(std::string_view text) {
  return from_z85(as_result, text).value();
}
std::string curve_secret_key::z85() const { return z85_encode(data_); }
curve_public_key curve_secret_key::public_key() const { return crypto::public_key_of(*this).value(); }

bool operator==(const curve_secret_key& left, const curve_secret_key& right) noexcept {
  return crypto::same(left.data_, right.data_);
}

bool has_curve() noexcept { return crypto::is_available(); }
curve_keypair curve_keypair::generate() { return crypto::generate_keypair().value(); }

}  // namespace monocoque
