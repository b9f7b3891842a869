#pragma once

#include <monocoque/event.hpp>

#include <cstdint>

namespace monocoque::engine {

/// How many messages wait for one peer, and from it, as libzmq's pipe statistics tell it.
struct queue_lengths {
  event about;  ///< its endpoint and addresses
  std::uint64_t out;
  std::uint64_t in;
};

}  // namespace monocoque::engine
