#pragma once

#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace monocoque::test {

/// A process of faults_peer. Killed with SIGKILL when told to, or at the latest with the object.
class victim {
 public:
  /// `words`: library, role and the rest.
  explicit victim(const std::vector<std::string>& words);
  ~victim() { kill(); }
  victim(victim&& other) noexcept
      : process_(std::exchange(other.process_, -1)),
        input_(std::exchange(other.input_, -1)),
        output_(std::exchange(other.output_, -1)) {}
  victim& operator=(victim&& other) noexcept {
    std::swap(process_, other.process_);
    std::swap(input_, other.input_);
    std::swap(output_, other.output_);
    return *this;
  }

  /// Waits for the line that it says. Throws if it ends instead.
  void await_bound() const;
  void kill() noexcept;

 private:
  pid_t process_ = -1;
  int input_ = -1, output_ = -1;
};

}  // namespace monocoque::test
