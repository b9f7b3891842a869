#pragma once

#include "transport/unique_fd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace monocoque::test {

/// A machine of the test's own: a network namespace with a loopback and one interface, whose packets come out
/// of `wire()` and go in there, and an /etc/hosts of its own. It has no name in the system, so nothing of it
/// is left however the process ends. Needs root and /dev/net/tun. Failures throw.
///
/// What a thread opens belongs to the host that it is in, and so do threads that it starts.
class host {
 public:
  /// `address` of a network of 256, such as "10.7.0.1".
  explicit host(const std::string& address);
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// Why there can be none here; nothing if there can.
  [[nodiscard]] static std::optional<std::string> obstacle();

  /// The old address is gone at once, with whatever is under way to it.
  void change_address(const std::string& address) const;
  /// From now on `name` has these addresses here, in this order; names that were known before are forgotten.
  void know(const std::string& name, const std::vector<std::string>& addresses) const;

  /// A packet of IP for each read and each write; does not block.
  [[nodiscard]] int wire() const noexcept { return wire_.fd(); }

 private:
  friend class stay;

  void furnish(const std::string& address);

  transport::unique_fd network_, mounts_, wire_;
};

/// The calling thread is in a host for as long as this lives.
class stay {
 public:
  explicit stay(const host& in);
  ~stay();
  stay(const stay&) = delete;
  stay& operator=(const stay&) = delete;

 private:
  transport::unique_fd network_before_, mounts_before_;
};

}  // namespace monocoque::test
