#include "input.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tool {

line_reader::line_reader() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

line_reader::~line_reader() { ::close(wake_); }

std::optional<std::string> line_reader::next(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { (void)eventfd_write(wake_, 1); });
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(start_, end - start_);
      start_ = searched_ = end + 1;
      return line;
    }
    buffer_.erase(0, start_);
    start_ = 0;
    searched_ = buffer_.size();
    if (ended_ || !fill(stop)) break;
  }
  if (stop.stop_requested() || buffer_.empty()) return std::nullopt;
  searched_ = 0;
  return std::exchange(buffer_, {});  // the last line may lack its end
}

// False at the end of the input, or when the token fired.
bool line_reader::fill(const std::stop_token& stop) {
  std::array<char, 64UL * 1024> chunk;
  for (;;) {
    std::array<pollfd, 2> watched{{{STDIN_FILENO, POLLIN, 0}, {wake_, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "standard input");
    }
    if (stop.stop_requested()) return false;
    if (watched[0].revents == 0) continue;
    const ssize_t count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (count > 0) {
      buffer_.append(chunk.data(), static_cast<std::size_t>(count));
      return true;
    }
    if (count == 0) {
      ended_ = true;
      return false;
    }
    if (errno != EINTR && errno != EAGAIN) {
      throw std::system_error(errno, std::generic_category(), "standard input");
    }
  }
}

input::input(std::vector<std::string> words, std::string separator)
    : words_(std::move(words)), separator_(std::move(separator)), from_words_(!words_.empty()) {}

std::optional<monocoque::message> input::next(const std::stop_token& stop) {
  if (from_words_) {
    if (!words_left()) return std::nullopt;
    return split_frames(words_[next_word_++], separator_);
  }
  const std::optional<std::string> line = lines_.next(stop);
  if (!line) return std::nullopt;
  return split_frames(*line, separator_);
}

monocoque::message split_frames(std::string_view text, std::string_view separator) {
  if (separator.empty()) return monocoque::message(text);
  std::size_t end = text.find(separator);
  monocoque::message made(text.substr(0, end));
  while (end != std::string_view::npos) {
    text.remove_prefix(end + separator.size());
    end = text.find(separator);
    made.push_back(text.substr(0, end));
  }
  return made;
}

}  // namespace tool
