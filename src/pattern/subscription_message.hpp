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

}  // namespace monocoque::pattern
