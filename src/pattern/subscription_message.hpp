#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace monocoque::pattern {

/// A subscription or cancellation in message form (RFC 23): a 1 or a 0, then the topic.
struct subscription_request {
  std::span<const std::byte> topic;
  bool add = false;
};

[[nodiscard]] constexpr std::optional<subscription_request> parse_subscription(
    std::span<const std::byte> frame) noexcept {
  if (frame.empty() || frame.front() > std::byte{1}) return std::nullopt;
  return subscription_request{frame.subspan(1), frame.front() == std::byte{1}};
}

/// Whether frames behind the first are to be looked at.
[[nodiscard]] constexpr bool may_hold_subscriptions(std::span<const std::byte> first,
                                                    bool only_first_subscribe) noexcept {
  return !only_first_subscribe || parse_subscription(first).has_value();
}

}  // namespace monocoque::pattern
