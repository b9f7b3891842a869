#pragma once

#include "crypto/box.hpp"
#include "zmtp/octets.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// Where things are in the commands of a CURVE handshake (RFC 26, section "Commands"), offsets from behind
/// the command's name, and how their nonces begin.
namespace monocoque::zmtp::curve {

inline constexpr std::size_t key_size = 32;
inline constexpr std::size_t number_size = 8;
inline constexpr std::size_t random_size = 16;  // of nonces that are drawn
inline constexpr std::size_t tag_size = crypto::tag_size;

/// HELLO: version 1.0, padding, C', a number, Box [64 zeros](C'->S).
namespace hello {
inline constexpr std::size_t client_at = 2 + 72;
inline constexpr std::size_t number_at = client_at + key_size;
inline constexpr std::size_t box_at = number_at + number_size;
inline constexpr std::size_t text_size = 64;
inline constexpr std::size_t size = box_at + tag_size + text_size;
}  // namespace hello

/// The cookie: what is random of its nonce, Box [C' + s'](t).
namespace cookie {
inline constexpr std::size_t box_at = random_size;
inline constexpr std::size_t text_size = 2 * key_size;
inline constexpr std::size_t size = box_at + tag_size + text_size;
}  // namespace cookie

/// WELCOME: what is random of its nonce, Box [S' + cookie](S->C').
namespace welcome {
inline constexpr std::size_t box_at = random_size;
inline constexpr std::size_t text_size = key_size + cookie::size;
inline constexpr std::size_t size = box_at + tag_size + text_size;
}  // namespace welcome

/// The vouch: what is random of its nonce, Box [C' + S](C->S').
namespace vouch {
inline constexpr std::size_t box_at = random_size;
inline constexpr std::size_t text_size = 2 * key_size;
inline constexpr std::size_t size = box_at + tag_size + text_size;
}  // namespace vouch

/// INITIATE: the cookie, a number, Box [C + vouch + metadata](C'->S').
namespace initiate {
inline constexpr std::size_t number_at = cookie::size;
inline constexpr std::size_t box_at = number_at + number_size;
inline constexpr std::size_t vouch_at = key_size;  // in the box, as the next
inline constexpr std::size_t metadata_at = vouch_at + vouch::size;
inline constexpr std::size_t min_size = box_at + tag_size + metadata_at;
}  // namespace initiate

/// READY: a number, Box [metadata](S'->C').
namespace ready {
inline constexpr std::size_t box_at = number_size;
inline constexpr std::size_t min_size = box_at + tag_size;
}  // namespace ready

/// What commands of a handshake have beside their metadata, at most.
inline constexpr std::size_t max_overhead = 16 + initiate::min_size;

inline constexpr std::string_view hello_prefix = "CurveZMQHELLO---";
inline constexpr std::string_view initiate_prefix = "CurveZMQINITIATE";
inline constexpr std::string_view ready_prefix = "CurveZMQREADY---";
inline constexpr std::string_view message_from_client = "CurveZMQMESSAGEC";
inline constexpr std::string_view message_from_server = "CurveZMQMESSAGES";
inline constexpr std::string_view cookie_prefix = "COOKIE--";
inline constexpr std::string_view welcome_prefix = "WELCOME-";
inline constexpr std::string_view vouch_prefix = "VOUCH---";

/// A prefix and what follows it, which fills the nonce.
[[nodiscard]] inline crypto::nonce nonce_of(std::string_view prefix, octets rest) noexcept {
  crypto::nonce made{};
  std::ranges::copy(as_octets(prefix), made.begin());
  std::ranges::copy(rest, made.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
  return made;
}
[[nodiscard]] inline std::array<std::byte, 16> prefix_of(std::string_view text) noexcept {
  std::array<std::byte, 16> made{};
  std::ranges::copy(as_octets(text), made.begin());
  return made;
}
[[nodiscard]] inline std::array<std::byte, random_size> draw() noexcept {
  std::array<std::byte, random_size> drawn{};
  crypto::fill_random(drawn);
  return drawn;
}

}  // namespace monocoque::zmtp::curve
