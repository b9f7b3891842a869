#include "crypto/openssl_poly1305.hpp"

namespace monocoque::crypto {

bool openssl_poly1305(std::span<std::byte, tag_size> /*tag*/, std::span<const std::byte> /*text*/,
                      poly1305_key /*key*/) noexcept {
  return false;
}

}  // namespace monocoque::crypto
