#pragma once

#include <monocoque/curve_keys.hpp>
#include <monocoque/message.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace monocoque::zmtp {

/// Who a peer claims to be, and what it has shown for it, for somebody to decide whether it is let in. Wiped
/// when it is gone.
struct claim {
  std::string username{};         ///< PLAIN
  std::string password{};         ///< PLAIN
  curve_public_key public_key{};  ///< CURVE: it has proven to own this key
  peer_info peer{};               ///< as far as it has described itself

  claim() = default;
  claim(claim&&) noexcept = default;
  claim& operator=(claim&&) noexcept = default;
  claim(const claim&) = delete;
  claim& operator=(const claim&) = delete;
  ~claim();
};

/// What was decided (RFC 27, "status code").
struct verdict {
  std::uint16_t status = 200;  ///< 200: let in; 300: not now, 400: never, 500: nobody can tell
  std::string user_id{};       ///< of one who is let in
  std::map<std::string, std::string> metadata{};  ///< the same: joins what the peer says
  std::string reason{};                           ///< otherwise, for our side alone
};

}  // namespace monocoque::zmtp
