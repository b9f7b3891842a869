#pragma once

#include <monocoque/key_file.hpp>
#include <monocoque/result.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

/// The text of key files: ZPL (RFC 4) as CZMQ writes it, and what pyzmq makes of it, whose metadata has no
/// quotes. Sections stand at the begin of a line, their values below them, indented: `name = "value"`, with
/// either kind of quotes or none. Comments begin with #; behind a value without quotes, which may contain
/// one, with a space and #. Sections other than `metadata` and `curve` are passed over.
namespace monocoque::auth {

enum class key_half : std::uint8_t { public_half, secret_half };

/// Reads a text that must have the half `wanted`, or be nothing but 40 characters of Z85, which are that
/// half. The public key is computed if only the secret one is there, and compared if both are (if CURVE is
/// built in). Refuses, errc::invalid_argument with the line, what makes no sense; what it says contains
/// nothing of the text but names.
[[nodiscard]] result<key_file> read_key_text(std::string_view text, key_half wanted);

/// The text of a file with both halves or with the public one alone, to be wiped by the caller. Refuses
/// metadata that cannot be written so: names that are none, values with control characters or with quotes of
/// both kinds.
[[nodiscard]] result<std::string> write_key_text(const curve_keypair& keys, key_half most_secret,
                                                 const std::map<std::string, std::string>& metadata);

}  // namespace monocoque::auth
