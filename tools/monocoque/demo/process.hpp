#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace tool::demo {

/// A child process with pipes to its standard input and from its outputs, non-blocking to read. It leads a
/// process group of its own, so that Ctrl-C reaches the parent alone, and is killed when this object or the
/// parent ends.
class process {
 public:
  /// Throws std::system_error. A program that cannot be run ends with status 127.
  explicit process(const std::vector<std::string>& arguments);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] int reports() const noexcept { return reports_; }
  [[nodiscard]] int errors() const noexcept { return errors_; }
  /// False if the child does not listen any more.
  bool write(const std::string& text) noexcept;
  /// Closes the child's standard input.
  void close_input() noexcept;
  /// Waits for its end; 0 if it ended well, else its status or 128 + the signal that ended it. Once.
  int join() noexcept;
  void kill() noexcept;

 private:
  pid_t pid_ = -1;
  int orders_ = -1, reports_ = -1, errors_ = -1;
};

}  // namespace tool::demo
