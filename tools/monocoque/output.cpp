#include "output.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tool {
namespace {

constexpr std::size_t flush_at_bytes = 64UL * 1024;

void write_line(std::string line) noexcept {
  line += '\n';
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

output::output(message_format format, std::string separator)
    : format_(format), separator_(std::move(separator)) {}

output::~output() {
  try {
    flush();
  } catch (...) {  // Nobody is left to be told.
    buffer_.clear();
  }
}

void output::print(const monocoque::message& message) {
  append_formatted(buffer_, message, format_, separator_);
  if (buffer_.size() >= flush_at_bytes) flush();
}

void output::flush() {
  std::string pending = std::exchange(buffer_, {});
  std::string_view left = pending;
  while (!left.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw output_gone();
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "standard output");
    }
  }
  pending.clear();
  buffer_ = std::move(pending);  // its capacity
}

void complain(std::string_view text) noexcept { write_line("monocoque: " + std::string(text)); }
void note(std::string_view text) noexcept { write_line(std::string(text)); }

}  // namespace tool
