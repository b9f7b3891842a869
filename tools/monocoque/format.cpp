#include "format.hpp"

#include <fmt/format.h>

#include <iterator>

namespace tool {
namespace {

bool continues(std::string_view text, std::size_t index) noexcept {
  return index < text.size() && (static_cast<unsigned char>(text[index]) & 0xc0U) == 0x80U;
}

// C0 and DEL, and C1 in its two-byte UTF-8 form: what a terminal might obey.
bool is_control(std::string_view character) noexcept {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return character.size() == 2 && first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

void append_text(std::string& out, std::string_view frame) {
  while (!frame.empty()) {
    const std::size_t length = utf8_length(frame);
    if (length > 0 && !is_control(frame.substr(0, length))) {
      out.append(frame.substr(0, length));
      frame.remove_prefix(length);
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(frame[0]));
      frame.remove_prefix(1);
    }
  }
}

void append_hex(std::string& out, std::string_view frame) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char letter : frame) {
    const auto byte = static_cast<unsigned char>(letter);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_json(std::string& out, std::string_view frame) {
  if (!is_utf8(frame)) {
    out += "{\"hex\": \"";
    append_hex(out, frame);
    out += "\"}";
    return;
  }
  out += '"';
  for (const char letter : frame) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(letter));
    } else {
      out += letter;
    }
  }
  out += '"';
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !continues(text, 1)) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (first < 0xe0) return 2;
  if (!continues(text, 2)) return 0;
  if (first < 0xf0) {
    const bool overlong = first == 0xe0 && second < 0xa0;
    const bool surrogate = first == 0xed && second >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  const bool out_of_range = (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
  return out_of_range || !continues(text, 3) ? 0 : 4;
}

void append_formatted(std::string& out, const monocoque::message& message, message_format format,
                      std::string_view separator) {
  if (format == message_format::json) out += '[';
  for (std::size_t index = 0; index < message.size(); ++index) {
    const std::string_view frame = message[index].view();
    switch (format) {
      case message_format::text:
        if (index > 0) out += separator;
        append_text(out, frame);
        break;
      case message_format::hex:
        if (index > 0) out += ' ';
        append_hex(out, frame);
        break;
      case message_format::json:
        if (index > 0) out += ", ";
        append_json(out, frame);
        break;
      case message_format::raw: out += frame; break;
    }
  }
  if (format == message_format::json) out += ']';
  if (format != message_format::raw) out += '\n';
}

}  // namespace tool
