#include "capi/error_numbers.hpp"
#include "crypto/secret.hpp"

#include <monocoque/curve_keys.hpp>
#include <monocoque/z85.hpp>

#include <zmq.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

using monocoque::as_result;
using monocoque::capi::fail;
using monocoque::capi::guard;

namespace {

constexpr std::size_t z85_group = 4;  // octets that make five characters

/// Stores the text with the zero that C wants, and wipes it: it may be a key's.
void store(char* dest, std::string text) noexcept {
  *std::ranges::copy(text, dest).out = '\0';
  monocoque::crypto::wipe(text);
}

}  // namespace

char* zmq_z85_encode(char* dest, const uint8_t* data, size_t size) {
  if (size % z85_group != 0) return fail<char*>(EINVAL, nullptr);
  if (dest == nullptr || (data == nullptr && size != 0)) return fail<char*>(EFAULT, nullptr);
  return guard<char*>(nullptr, [=] {
    auto text = monocoque::z85_encode(as_result, std::as_bytes(std::span(data, size)));
    if (!text) return fail<char*>(EINVAL, nullptr);
    store(dest, *std::move(text));
    return dest;
  });
}

uint8_t* zmq_z85_decode(uint8_t* dest, const char* string) {
  if (dest == nullptr || string == nullptr) return fail<uint8_t*>(EFAULT, nullptr);
  if (*string == '\0') return fail<uint8_t*>(EINVAL, nullptr);  // Z85 of nothing, but not for libzmq
  return guard<uint8_t*>(nullptr, [=] {
    auto data = monocoque::z85_decode(as_result, string);
    if (!data) return fail<uint8_t*>(EINVAL, nullptr);
    std::ranges::copy(*data, reinterpret_cast<std::byte*>(dest));
    monocoque::crypto::wipe(*data);
    return dest;
  });
}

int zmq_curve_keypair(char* z85_public_key, char* z85_secret_key) {
  if (!monocoque::has_curve()) return fail(ENOTSUP, -1);
  if (z85_public_key == nullptr || z85_secret_key == nullptr) return fail(EFAULT, -1);
  return guard(-1, [=] {
    const auto keys = monocoque::curve_keypair::generate();
    store(z85_public_key, keys.public_key.z85());
    store(z85_secret_key, keys.secret_key.z85());
    return 0;
  });
}

int zmq_curve_public(char* z85_public_key, const char* z85_secret_key) {
  if (!monocoque::has_curve()) return fail(ENOTSUP, -1);
  if (z85_public_key == nullptr || z85_secret_key == nullptr) return fail(EFAULT, -1);
  return guard(-1, [=] {
    const auto key = monocoque::curve_secret_key::from_z85(as_result, z85_secret_key);
    if (!key) return fail(EINVAL, -1);
    store(z85_public_key, key->public_key().z85());
    return 0;
  });
}
