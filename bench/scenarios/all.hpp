#pragma once

#include "scenarios/scenario.hpp"

#include <memory>

namespace bench {

std::unique_ptr<scenario> make_throughput();   ///< PUSH to PULL by size
std::unique_ptr<scenario> make_shapes();       ///< other flows, frames and numbers of ends
std::unique_ptr<scenario> make_cost();         ///< what a stream uses
std::unique_ptr<scenario> make_round_trip();   ///< latencies
std::unique_ptr<scenario> make_fan_out();      ///< PUB to SUB
std::unique_ptr<scenario> make_connections();  ///< thousands of peers

/// One measured stream: starts the processes, waits until all receive, lets them warm up, measures. The
/// senders come first in the window's usage.
window stream(rival& who, const traffic& what, milliseconds duration, bool count_system_calls);

}  // namespace bench
