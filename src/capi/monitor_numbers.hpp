#pragma once

#include <monocoque/event.hpp>

#include <cstdint>

namespace monocoque::capi {

/// The number of one of libzmq's events, and the value that goes with it.
struct monitor_numbers {
  std::uint64_t kind = 0;  ///< 0: libzmq has no event for it
  std::uint64_t value = 0;
};

[[nodiscard]] monitor_numbers numbers_of(const event& happened) noexcept;

}  // namespace monocoque::capi
