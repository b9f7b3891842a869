#pragma once

#include <monocoque/message.hpp>

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// Lines of standard input without their line ends, waited for in a way that a stop token can end. One
/// thread.
class line_reader {
 public:
  line_reader();
  ~line_reader();
  line_reader(const line_reader&) = delete;
  line_reader& operator=(const line_reader&) = delete;

  /// None at the end of the input, or when `stop` fires. Throws std::system_error if reading fails.
  [[nodiscard]] std::optional<std::string> next(const std::stop_token& stop);

 private:
  bool fill(const std::stop_token& stop);

  int wake_ = -1;  // eventfd: the stop token fired
  std::string buffer_;
  std::size_t start_ = 0;     // of the next line in buffer_
  std::size_t searched_ = 0;  // no line end between start_ and this
  bool ended_ = false;
};

/// What a command has to send: its words, or without words the lines of standard input.
class input {
 public:
  /// An empty separator: one frame a message.
  input(std::vector<std::string> words, std::string separator);

  [[nodiscard]] bool from_words() const noexcept { return from_words_; }
  [[nodiscard]] bool words_left() const noexcept { return next_word_ < words_.size(); }
  /// The next message; none at the end, or when `stop` fires.
  [[nodiscard]] std::optional<monocoque::message> next(const std::stop_token& stop);

 private:
  std::vector<std::string> words_;
  std::string separator_;
  bool from_words_;
  std::size_t next_word_ = 0;
  line_reader lines_;
};

/// `text` split at each `separator` into frames; one frame if it is empty.
[[nodiscard]] monocoque::message split_frames(std::string_view text, std::string_view separator);

}  // namespace tool
