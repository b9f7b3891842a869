#include "demo/payload.hpp"

#include <array>
#include <random>
#include <vector>

namespace tool::demo {
namespace {

using number = std::array<std::byte, 4>;

constexpr std::size_t label_bytes = 20;
constexpr std::size_t largest_frame = 65'536;
constexpr std::uint32_t large_every = 500;

number little_endian(std::uint32_t value) noexcept {
  return {std::byte(value), std::byte(value >> 8U), std::byte(value >> 16U), std::byte(value >> 24U)};
}

std::uint32_t from_little_endian(std::span<const std::byte> bytes) noexcept {
  std::uint32_t value = 0;
  for (std::size_t index = 4; index-- > 0;)
    value = value << 8U | std::to_integer<std::uint32_t>(bytes[index]);
  return value;
}

constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t index = 0; index < table.size(); ++index) {
    std::uint32_t value = index;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? 0xedb88320U ^ (value >> 1U) : value >> 1U;
    table[index] = value;
  }
  return table;
}();

std::uint32_t crc_of_frame(const monocoque::bytes& frame, std::uint32_t crc) noexcept {
  return crc32(frame.span(), crc32(little_endian(static_cast<std::uint32_t>(frame.size())), crc));
}

// The sizes of the frames after the label's; an engaged `in_place` is the size of a body in the label's own
// frame.
struct shape {
  std::size_t in_place = 0;
  std::vector<std::size_t> frames;
};

shape shape_of(std::uint32_t sequence) {
  if (sequence % large_every == large_every - 1) return {0, {largest_frame}};
  switch (sequence % 10) {
    case 1: return {255 - label_bytes, {}};
    case 2: return {256 - label_bytes, {}};
    case 3: return {0, {0}};
    case 4: return {0, {255, 256}};
    case 5: return {64, {}};
    case 6: return {1000, {}};
    case 7: return {0, {1, 0, 500}};
    case 8: return {100, {}};
    case 9: return {30, {}};
    default: return {};
  }
}

std::string_view random_bytes(std::uint32_t sequence, std::size_t size) {
  static const std::string block = [] {
    std::string made(2 * largest_frame, '\0');
    std::mt19937 random(20'010'203);
    for (char& letter : made) letter = static_cast<char>(random() & 0xffU);
    return made;
  }();
  return std::string_view(block).substr((sequence * 7919U) % largest_frame, size);
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc) noexcept {
  crc = ~crc;
  for (const std::byte byte : data) {
    crc = crc_table[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xffU] ^ (crc >> 8U);
  }
  return ~crc;
}

monocoque::message make_message(const label& what, std::optional<std::string_view> prefix) {
  const shape form = shape_of(what.sequence);
  std::vector<monocoque::bytes> frames;
  std::size_t body_bytes = form.in_place;
  for (const std::size_t size : form.frames) {
    frames.push_back(
        monocoque::bytes::copy(random_bytes(what.sequence + static_cast<std::uint32_t>(body_bytes), size)));
    body_bytes += size;
  }
  std::string head;
  for (const std::uint32_t value :
       {what.stream, what.sequence, what.kind, static_cast<std::uint32_t>(body_bytes)}) {
    const number bytes = little_endian(value);
    head.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  const std::string_view in_place = random_bytes(what.sequence, form.in_place);
  std::uint32_t crc = crc32(std::as_bytes(std::span(head)));
  crc = crc32(std::as_bytes(std::span(in_place)), crc);
  for (const monocoque::bytes& frame : frames) crc = crc_of_frame(frame, crc);
  if (prefix) crc = crc_of_frame(monocoque::bytes::copy(*prefix), crc);
  const number crc_bytes = little_endian(crc);
  head.append(reinterpret_cast<const char*>(crc_bytes.data()), crc_bytes.size());
  head.append(in_place);

  monocoque::message made;
  if (prefix) {
    made = monocoque::message(*prefix);
    made.push_back(monocoque::bytes::adopt(std::move(head)));
  } else {
    made = monocoque::message(std::move(head));
  }
  for (monocoque::bytes& frame : frames) made.push_back(std::move(frame));
  return made;
}

std::optional<label> check_message(const monocoque::message& message, std::size_t at) {
  if (message.size() <= at || message[at].size() < label_bytes) return std::nullopt;
  const std::span<const std::byte> head = message[at].span();
  std::size_t body_bytes = head.size() - label_bytes;
  std::uint32_t crc = crc32(head.subspan(label_bytes), crc32(head.first(16)));
  for (std::size_t index = at + 1; index < message.size(); ++index) {
    crc = crc_of_frame(message[index], crc);
    body_bytes += message[index].size();
  }
  for (std::size_t index = 0; index < at; ++index) crc = crc_of_frame(message[index], crc);
  if (crc != from_little_endian(head.subspan(16)) || body_bytes != from_little_endian(head.subspan(12))) {
    return std::nullopt;
  }
  return label{from_little_endian(head), from_little_endian(head.subspan(4)),
               from_little_endian(head.subspan(8))};
}

monocoque::message altered(const monocoque::message& message) {
  std::size_t target = message.size() - 1;
  while (target > 0 && message[target].empty()) --target;
  monocoque::message made;
  for (std::size_t index = 0; index < message.size(); ++index) {
    std::string frame = message[index].str();
    if (index == target && !frame.empty()) frame.back() = static_cast<char>(frame.back() ^ 1);
    if (index == 0) {
      made = monocoque::message(std::move(frame));
    } else {
      made.push_back(std::string_view(frame));
    }
  }
  return made;
}

}  // namespace tool::demo
