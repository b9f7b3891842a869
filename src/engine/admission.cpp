#include "engine/admission.hpp"

#include <algorithm>
#include <cstdint>
#include <ratio>
#include <utility>

namespace monocoque::engine {
namespace {

/// Without the port, which every connection of one host has its own of. An ipc address has none.
std::string_view host_of(std::string_view address) noexcept {
  return address.starts_with("tcp://") ? address.substr(0, address.rfind(':')) : address;
}

error over(std::string detail) { return error(errc::limit_reached).with_detail(std::move(detail)); }

/// As many handshakes may begin at once as the rate has in so long.
constexpr std::chrono::seconds burst{2};

}  // namespace

void admission::change_limits(const socket_options& limits) noexcept {
  most_ = limits.max_connections;
  most_per_address_ = limits.max_connections_per_address;
  most_handshakes_ = limits.max_handshakes;
  most_handshakes_per_address_ = limits.max_handshakes_per_address;
  rate_ = limits.handshake_rate_per_address;
  const auto rate = static_cast<std::int64_t>(std::min<std::size_t>(rate_, std::nano::den));
  pause_ = std::chrono::nanoseconds(rate == 0 ? 0 : std::nano::den / rate);
  if (most_per_address_ != 0 || most_handshakes_per_address_ != 0 || rate_ != 0) by_each_address_ = true;
}

result<void> admission::enter(std::string_view peer_address, time_point now) {
  if (most_ != 0 && connections_ >= most_)
    return over("max_connections of " + std::to_string(most_) + " are there");
  if (by_each_address_) {
    if (by_address_.size() >= sweep_at_) sweep(now);
    if (auto entered = enter_address(by_address_[std::string(host_of(peer_address))], now); !entered)
      return entered;
  }
  ++connections_;
  ++handshakes_;
  return {};
}

result<void> admission::enter_address(counts& its, time_point now) const {
  if (most_per_address_ != 0 && its.connections >= most_per_address_)
    return over("max_connections_per_address of " + std::to_string(most_per_address_) + " are there");
  if (most_handshakes_per_address_ != 0 && its.handshakes >= most_handshakes_per_address_) {
    return over("max_handshakes_per_address of " + std::to_string(most_handshakes_per_address_) +
                " are under way");
  }
  if (rate_ != 0) {
    const time_point from = std::max(its.paid_until, now);
    if (from + pause_ > now + std::max<std::chrono::nanoseconds>(burst, pause_))
      return over("handshake_rate_per_address of " + std::to_string(rate_) + " a second is reached");
    its.paid_until = from + pause_;
  }
  ++its.connections;
  ++its.handshakes;
  return {};
}

/// Forgets the addresses of which there is nothing to be known any more.
void admission::sweep(time_point now) {
  std::erase_if(by_address_, [now](const auto& each) {
    return each.second.connections == 0 && each.second.paid_until <= now;
  });
  sweep_at_ = std::max(fewest_swept, 2 * by_address_.size());
}

bool admission::handshake_over(std::string_view peer_address) noexcept {
  const bool exhausted = handshakes_exhausted();
  --handshakes_;
  const auto its = by_address_.find(host_of(peer_address));
  if (its != by_address_.end() && its->second.handshakes != 0) --its->second.handshakes;
  return exhausted && !handshakes_exhausted();
}

void admission::leave(std::string_view peer_address) noexcept {
  --connections_;
  const auto its = by_address_.find(host_of(peer_address));
  if (its == by_address_.end() || its->second.connections == 0) return;
  if (--its->second.connections == 0 && rate_ == 0) by_address_.erase(its);
}

}  // namespace monocoque::engine
