#pragma once

#include <monocoque/message.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace tool {

/// How a received message is printed.
enum class message_format : std::uint8_t {
  text,  ///< a line; frames joined by the separator; UTF-8 as it is, control characters and other bytes as
         ///< \xNN
  hex,   ///< a line; two digits a byte, frames joined by a space
  json,  ///< a line; an array with a string for each frame that is UTF-8, {"hex": "..."} for any other
  raw    ///< the bytes of all frames and nothing else
};

/// Appends `message` as it is to be printed, with the end of its line.
void append_formatted(std::string& out, const monocoque::message& message, message_format format,
                      std::string_view separator);

/// The bytes of the character that `text` starts with if that is well-formed UTF-8, or 0.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace tool
