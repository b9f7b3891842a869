#pragma once

#include "crypto/sodium_test_support.hpp"
#include "zmtp/connection_test_support.hpp"

#include <monocoque/security.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The two sides of CURVE once more, by hand from RFC 26 and with libsodium alone, to be wrong in any way.
namespace monocoque::zmtp::testing {

namespace raw = crypto::testing;

inline std::string text_of(const curve_public_key& key) { return text_of(octets(key.data())); }
inline std::string text_of(const curve_secret_key& key) { return text_of(octets(key.data())); }

inline std::string number_text(std::uint64_t number) {
  std::string text;
  for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xff);
  return text;
}

/// A frame of CURVE traffic that is sealed as one of our side's. `plain`: flags and payload.
inline std::string message_frame(const raw::raw_key& key, std::string_view prefix, std::uint64_t number,
                                 std::string_view plain, std::uint8_t flags = 0) {
  const std::string box = raw::box(key, std::string(prefix) + number_text(number), plain);
  return frame("\7MESSAGE" + number_text(number) + box, flags);
}

/// What a client says, with everything that it says about itself to be changed before.
struct handmade_client {
  explicit handmade_client(const curve_client& settings)
      : server(text_of(settings.server)),
        own_secret(text_of(settings.keys.secret_key)),
        shown_own(text_of(settings.keys.public_key)),
        vouched_server(server) {
    use_short_term(curve_keypair::generate());
  }
  void use_short_term(const curve_keypair& drawn) {
    short_secret = text_of(drawn.secret_key);
    shown_short = vouched_short = text_of(drawn.public_key);
  }

  [[nodiscard]] std::string hello() {
    const std::string number = number_text(next_number++);
    return command("HELLO", version + padding + shown_short + number +
                                raw::box(raw::shared_key(server, short_secret), "CurveZMQHELLO---" + number,
                                         std::string(64, '\0')));
  }
  /// What the server has answered, a whole frame. False if it cannot be opened.
  bool take_welcome(std::string_view frame) {
    if (frame.size() != 2 + 8 + 160) return false;
    const std::string_view random = frame.substr(10, 16);
    const auto text =
        raw::unbox(raw::shared_key(server, short_secret), "WELCOME-" + std::string(random), frame.substr(26));
    if (!text) return false;
    server_short = text->substr(0, 32);
    cookie = text->substr(32);
    return true;
  }
  [[nodiscard]] std::string initiate(std::string_view metadata) {
    const std::string random(16, 'v');
    const std::string vouch = raw::box(raw::shared_key(server_short, own_secret), "VOUCH---" + random,
                                       vouched_short + vouched_server);
    const std::string number = number_text(next_number++);
    const std::string text = shown_own + random + vouch + std::string(metadata);
    return command("INITIATE", cookie + number + raw::box(key(), "CurveZMQINITIATE" + number, text));
  }
  [[nodiscard]] std::string message(std::string_view payload, std::uint8_t flags = 0) {
    return message_frame(key(), "CurveZMQMESSAGEC", next_number++,
                         std::string(1, static_cast<char>(flags)) + std::string(payload));
  }
  [[nodiscard]] raw::raw_key key() const { return raw::shared_key(server_short, short_secret); }

  std::string version = "\1\0"s;
  std::string padding = std::string(72, '\0');
  std::string server;  // S
  std::string own_secret;
  std::string short_secret;
  std::string shown_own;    // C
  std::string shown_short;  // C'
  std::string vouched_short;
  std::string vouched_server;
  std::string server_short{};  // S'
  std::string cookie{};
  std::uint64_t next_number = 1;
};

/// What a server says. Its cookie holds nothing: it remembers.
struct handmade_server {
  explicit handmade_server(const curve_keypair& keys) : own_secret(text_of(keys.secret_key)) {
    const curve_keypair drawn = curve_keypair::generate();
    short_secret = text_of(drawn.secret_key);
    shown_short = text_of(drawn.public_key);
  }

  /// A whole frame.
  void take_hello(std::string_view frame) { client_short = frame.substr(2 + 6 + 74, 32); }
  [[nodiscard]] std::string welcome() const {
    const std::string random(16, 'w');
    return command("WELCOME", random + raw::box(raw::shared_key(client_short, own_secret),
                                                "WELCOME-" + random, shown_short + cookie));
  }
  [[nodiscard]] std::string ready(std::string_view metadata) {
    const std::string number = number_text(next_number++);
    return command("READY", number + raw::box(key(), "CurveZMQREADY---" + number, metadata));
  }
  [[nodiscard]] std::string message(std::string_view payload, std::uint8_t flags = 0) {
    return message_frame(key(), "CurveZMQMESSAGES", next_number++,
                         std::string(1, static_cast<char>(flags)) + std::string(payload));
  }
  [[nodiscard]] raw::raw_key key() const { return raw::shared_key(client_short, short_secret); }

  std::string own_secret;
  std::string short_secret{};
  std::string shown_short{};   // S'
  std::string client_short{};  // C'
  std::string cookie = std::string(96, 'c');
  std::uint64_t next_number = 1;
};

}  // namespace monocoque::zmtp::testing
