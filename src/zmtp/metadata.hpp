#pragma once

#include "zmtp/octets.hpp"

#include <monocoque/result.hpp>

#include <string_view>
#include <vector>

/// The property lists of RFC 37 (section "The NULL Security Mechanism"): a name of 1 to 255 characters with
/// its length in one octet, a value with its length in four.
namespace monocoque::zmtp {

inline constexpr std::string_view socket_type_property = "Socket-Type";
inline constexpr std::string_view identity_property = "Identity";
inline constexpr std::size_t max_property_name = 255;
inline constexpr std::size_t max_property_value = 0x7fffffff;

/// A property of a peer; points into the input.
struct property {
  std::string_view name;
  octets value;
};

/// Names are compared without regard to the case of ASCII letters.
[[nodiscard]] bool same_property(std::string_view one, std::string_view other) noexcept;

/// All properties in the order sent. Fails with errc::bad_metadata where the list is cut off, has an empty
/// name or a name twice.
[[nodiscard]] result<std::vector<property>> parse_metadata(octets in);

/// Appends one property. The name must have 1 to 255 characters, the value at most max_property_value bytes.
void append_property(std::vector<std::byte>& out, std::string_view name, octets value);

}  // namespace monocoque::zmtp
