#include "rivals/frames.hpp"

#include <algorithm>

namespace bench {

namespace {

constexpr std::size_t write_size = 128UL * 1024;
constexpr std::size_t read_size = 256UL * 1024;

std::byte* write_plain(std::byte* at, std::size_t size, bool more, std::uint64_t word) {
  std::byte* const payload = write_header(at, size, more);
  fill(payload, size, word);
  return payload + size;
}

std::byte* write_sealed(std::byte* at, message_box& box, std::size_t size, bool more, std::uint64_t word) {
  fill(box.payload(), size, word);
  return box.seal(write_header(at, size + message_box::overhead, false), size, more);
}

}  // namespace

std::byte* write_header(std::byte* to, std::size_t size, bool more) {
  const std::byte flags = more ? more_flag : std::byte{0};
  if (size <= 255) {
    to[0] = flags;
    to[1] = static_cast<std::byte>(size);
    return to + 2;
  }
  to[0] = flags | long_flag;
  const std::uint64_t wire = __builtin_bswap64(size);
  std::memcpy(to + 1, &wire, sizeof wire);
  return to + longest_header;
}

frame_writer::frame_writer(std::span<const plain_socket> to, const duty& mine)
    : to_(to),
      sizes_(mine.what),
      largest_(mine.what.size + mine.what.frames * (longest_header + body_size(mine.what, 0))) {
  if (mine.what.curve) box_.emplace(box_of(mine));
  buffer_.resize(std::max(write_size, largest_));
}

void frame_writer::put(std::uint64_t word) {
  if (buffer_.size() - used_ < largest_) flush();
  for (unsigned i = 0; i < sizes_.count(); ++i) {
    const std::size_t size = sizes_[i];
    const bool more = i + 1 < sizes_.count();
    std::byte* const at = buffer_.data() + used_;
    std::byte* const end =
        box_ ? write_sealed(at, *box_, size, more, word) : write_plain(at, size, more, word);
    used_ = static_cast<std::size_t>(end - buffer_.data());
  }
}

void frame_writer::flush() {
  for (const plain_socket& each : to_) each.send(std::span(buffer_).first(used_));
  used_ = 0;
}

frame_reader::frame_reader(std::size_t largest_frame)
    : buffer_(std::max(read_size, 2 * (largest_frame + longest_header))) {}

}  // namespace bench
