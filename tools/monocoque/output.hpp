#pragma once

#include "format.hpp"

#include <exception>
#include <string>

namespace tool {

/// Whoever read our standard output has gone: an ordinary end.
class output_gone : public std::exception {};

/// Messages on standard output. Buffered: call `flush` before waiting for anything. One thread at a time.
/// Throws output_gone, or std::system_error if writing fails otherwise.
class output {
 public:
  output(message_format format, std::string separator);
  ~output();
  output(const output&) = delete;
  output& operator=(const output&) = delete;

  void print(const monocoque::message& message);
  void flush();

 private:
  message_format format_;
  std::string separator_;
  std::string buffer_;
};

/// Writes one line, whole, to standard error: "monocoque: TEXT". Never fails.
void complain(std::string_view text) noexcept;
/// The same without the name in front.
void note(std::string_view text) noexcept;

}  // namespace tool
