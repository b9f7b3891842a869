#pragma once

#include "zmtp/octets.hpp"

#include <monocoque/result.hpp>
#include <monocoque/socket_type.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace monocoque::zmtp {

/// How a peer speaks.
enum class dialect : std::uint8_t {
  v1_unversioned,  ///< ZMTP 1.0: no greeting, the first frame is the identity
  v1,              ///< a signature and revision 0, then as ZMTP 1.0
  v2,              ///< ZMTP 2.0 (revision 1 or 2)
  v3_0,
  v3_1,  ///< and everything newer
};

/// What we say about ourselves in a greeting.
struct greeting_terms {
  std::string_view mechanism;  ///< at most 20 characters; must outlive the exchange
  bool as_server = false;
  monocoque::socket_type socket_type = socket_type::pair;
  std::size_t routing_id_size = 0;
};

/// The exchange of greetings, octet by octet (RFC 37, sections "Version Negotiation" and "Backwards
/// Interoperability"). Each side sends no more than the other is known to understand: a signature that reads
/// as the head of an identity frame to a ZMTP 1.0 peer, then the version once the peer has shown a signature,
/// then the rest in the form of the older of both versions. Two peers that do this never wait for each other.
///
/// Owned by one connection. Holds 64 octets.
class greeting_exchange {
 public:
  static constexpr std::size_t signature_size = 10;
  static constexpr std::size_t v2_size = 12;
  static constexpr std::size_t v3_size = 64;

  explicit greeting_exchange(greeting_terms own) noexcept : own_(own) {}

  /// What is sent before anything was received.
  void start(std::vector<std::byte>& out) const;
  /// Takes octets until the peer's greeting is complete; returns how many. Appends what is to be sent next.
  [[nodiscard]] result<std::size_t> receive(octets in, std::vector<std::byte>& out);

  [[nodiscard]] bool done() const noexcept { return dialect_.has_value(); }
  /// What has come so far. From a v1_unversioned peer it is the head of its identity frame.
  [[nodiscard]] octets received() const noexcept { return octets(received_).first(fill_); }

  // When done:
  [[nodiscard]] zmtp::dialect dialect() const noexcept { return *dialect_; }
  /// For v1 and v2: what the peer said it is; none for a value that stands for no socket type.
  [[nodiscard]] std::optional<socket_type> peer_socket_type() const noexcept;
  /// For v3: fails if the peer's mechanism is not ours, or both sides are to be its server.
  [[nodiscard]] result<void> check_mechanism() const;

 private:
  [[nodiscard]] result<void> react(std::vector<std::byte>& out);
  [[nodiscard]] result<void> finish_unversioned();
  void send_rest(std::vector<std::byte>& out) const;

  greeting_terms own_;
  std::array<std::byte, v3_size> received_{};
  std::size_t fill_ = 0;
  std::optional<zmtp::dialect> dialect_;
};

}  // namespace monocoque::zmtp
