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
// The same with CURVE.
std::unique_ptr<scenario> make_curve_throughput();
std::unique_ptr<scenario> make_curve_round_trip();
std::unique_ptr<scenario> make_curve_fan_out();

/// One measured stream: starts the processes, waits until all receive, lets them warm up, measures. The
/// senders come first in the window's usage.
window stream(rival& who, const traffic& what, milliseconds duration, bool count_system_calls);

/// What a rival that works alone does of either share, in half the time each.
figures work_alone(rival& who, const traffic& what, milliseconds duration);

/// Traffic with CURVE, each with keys of its own: of those sizes, over the transports that were asked for,
/// else over tcp. None over inproc, which has nothing to protect, nor without libsodium.
std::vector<traffic> encrypted(const settings& chosen, flow kind, const std::vector<std::size_t>& sizes);
/// As a label says it, behind all else: ", CURVE" or nothing.
std::string security_label(const traffic& what);

}  // namespace bench
