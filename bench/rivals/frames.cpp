#include "rivals/frames.hpp"

#include <algorithm>

namespace bench {

namespace {

constexpr std::size_t write_size = 128UL * 1024;
constexpr std::size_t read_size = 256UL * 1024;

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

frame_writer::frame_writer(std::span<const plain_socket> to, const traffic& what)
    : to_(to), sizes_(what), largest_(what.size + what.frames * longest_header) {
  buffer_.resize(std::max(write_size, largest_));
}

void frame_writer::put(std::uint64_t word) {
  if (buffer_.size() - used_ < largest_) flush();
  for (unsigned i = 0; i < sizes_.count(); ++i) {
    const std::size_t size = sizes_[i];
    std::byte* const payload = write_header(buffer_.data() + used_, size, i + 1 < sizes_.count());
    fill(payload, size, word);
    used_ = static_cast<std::size_t>(payload + size - buffer_.data());
  }
}

void frame_writer::flush() {
  for (const plain_socket& each : to_) each.send(std::span(buffer_).first(used_));
  used_ = 0;
}

frame_reader::frame_reader(std::size_t largest_frame)
    : buffer_(std::max(read_size, 2 * (largest_frame + longest_header))) {}

}  // namespace bench
