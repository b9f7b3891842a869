#pragma once

#include "auth/network.hpp"
#include "transport/peer.hpp"

#include <monocoque/options.hpp>
#include <monocoque/result.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace monocoque::engine {

/// From where connections may come to a bound endpoint, by what the system says of them and before a byte of
/// theirs is looked at: the options tcp_accept_filters and ipc_accept_*. Pure; what it refuses is EACCES,
/// with the option's name.
class accept_filter {
 public:
  explicit accept_filter(const socket_options& options);

  /// Of tcp: "tcp://10.0.0.1:4711".
  [[nodiscard]] result<void> check_address(std::string_view peer_address) const;
  /// False if ipc connections may be of anybody.
  [[nodiscard]] bool asks_for_process() const noexcept {
    return !processes_.empty() || !users_.empty() || !groups_.empty();
  }
  [[nodiscard]] result<void> check_process(const transport::peer_credentials& process) const;

 private:
  std::vector<auth::network> networks_;
  std::vector<std::int32_t> processes_;
  std::vector<std::uint32_t> users_;
  std::vector<std::uint32_t> groups_;
};

}  // namespace monocoque::engine
