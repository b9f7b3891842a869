#pragma once

#include <stdexcept>

namespace tool {

/// What the process ends with. A signal that cuts a job short adds 128 + its number.
enum exit_status : int { exit_done = 0, exit_failed = 1, exit_usage = 2, exit_gave_up = 3 };

/// The time that `-t` allows for one wait is over: one line on standard error, exit status 3.
class gave_up : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Arguments that parse but make no sense together: one line on standard error, exit status 2.
class wrong_usage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace tool
