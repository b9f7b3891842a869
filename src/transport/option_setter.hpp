#pragma once

#include <monocoque/result.hpp>

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace monocoque::transport {

/// Sets options of a socket of the system's, one after the other, and keeps the first refusal.
class option_setter {
 public:
  explicit option_setter(int fd) noexcept : fd_(fd) {}

  void set(int level, int option, int value, const char* name) {
    if (!outcome_) return;
    if (setsockopt(fd_, level, option, &value, sizeof value) == 0) return;
    outcome_ = error::from_errno(errno).with_detail(std::string(name) + " to " + std::to_string(value));
  }
  /// Of a structure.
  template <class Value>
  void set_whole(int level, int option, const Value& value, const char* name) {
    if (!outcome_ || setsockopt(fd_, level, option, &value, sizeof value) == 0) return;
    outcome_ = error::from_errno(errno).with_detail(name);
  }
  void set_unless_negative(int level, int option, int value, const char* name) {
    if (value >= 0) set(level, option, value, name);
  }
  void set(int level, int option, const std::string& value, const char* name) {
    if (!outcome_ || value.empty()) return;
    if (setsockopt(fd_, level, option, value.data(), static_cast<socklen_t>(value.size())) == 0) return;
    outcome_ = error::from_errno(errno).with_detail(std::string(name) + " to \"" + value + '"');
  }
  [[nodiscard]] result<void> outcome() && { return std::move(outcome_); }

 private:
  int fd_;
  result<void> outcome_;
};

}  // namespace monocoque::transport
