#pragma once

#include "base/wire.hpp"
#include "crypto/sodium_test_support.hpp"
#include "fuzz/security_fuzz.hpp"
#include "zmtp/mechanism/handmade_curve_test_support.hpp"

#include <cstdint>
#include <string>

/// What the fuzzers of CURVE share: keys that are the same each time, and a peer that has them, so that the
/// fuzzer gets as far as it likes.
namespace monocoque::fuzz {

using zmtp::testing::number_text;

struct known_keys {
  curve_keypair server = curve_keypair::generate();
  curve_keypair client = curve_keypair::generate();

  /// The same each time.
  static const known_keys& instance() {
    static const known_keys made = [] {
      crypto::testing::known_random random(1);
      const crypto::testing::scoped_random drawn(random);
      return known_keys();
    }();
    return made;
  }
};

/// What a peer has said in boxes that are right, and so must be delivered, in that order and nothing else.
class sealed_frames {
 public:
  void note(std::string_view payload, std::uint8_t flags) {
    if (flags > 1) return;  // commands, and what is none
    std::byte header[base::wire::max_header_size];
    const std::size_t size = base::wire::put_header(header, payload.size(), flags);
    all_ += zmtp::as_text(zmtp::octets(header, size));
    all_ += payload;
  }
  [[nodiscard]] bool begins_with(const std::string& delivered) const { return all_.starts_with(delivered); }

 private:
  std::string all_;
};

/// The next message of the peer's as the fuzzer wants it: right, or in the wrong place, or spoilt. `peer`:
/// one of those that are written by hand.
template <class Peer>
std::string next_message(steps& left, Peer& peer, sealed_frames& right) {
  const std::uint8_t how = left.octet();
  const auto flags = static_cast<std::uint8_t>(how & 0x10 ? left.octet() : how & 1);
  std::string payload(left.counted());
  if ((how & 2) != 0) payload.resize(payload.size() * 97, '.');
  if ((how & 4) != 0) {
    const std::string meant = peer.message(payload, flags);
    std::string said = meant;
    static_cast<void>(left.spoil(said));
    // Whether it comes as a message or a command makes no difference.
    const char kind = static_cast<char>(said[0] & ~base::wire::flag_command);
    if (kind == meant[0] && said.substr(1) == meant.substr(1)) right.note(payload, flags);
    return said;
  }
  if ((how & 8) != 0) peer.next_number += left.octet();
  right.note(payload, flags);
  return peer.message(payload, flags);
}

}  // namespace monocoque::fuzz
