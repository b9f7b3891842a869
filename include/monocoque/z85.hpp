#pragma once

#include <monocoque/result.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

/// Z85 (RFC 32): binary data as printable text, five characters for four bytes. The text has no spaces,
/// quotes, commas, backslashes or control characters. Not for secrets of which not even a cache may know: the
/// tables are indexed with the data.

/// Throws monocoque::exception, errc::invalid_argument, unless the size is a multiple of 4.
[[nodiscard]] std::string z85_encode(std::span<const std::byte> data);
[[nodiscard]] result<std::string> z85_encode(as_result_tag, std::span<const std::byte> data);

/// Throws monocoque::exception, errc::invalid_argument, unless the size is a multiple of 5 and all of it is
/// Z85; the detail says what is not.
[[nodiscard]] std::vector<std::byte> z85_decode(std::string_view text);
[[nodiscard]] result<std::vector<std::byte>> z85_decode(as_result_tag, std::string_view text);

}  // namespace monocoque

#pragma GCC visibility pop
