#pragma once

#include <monocoque/stats.hpp>

#include <string>

#pragma GCC visibility push(default)

namespace monocoque {

/// Whether peers are to have samples of their own: a line each for some fifteen figures.
enum class peer_samples : bool { no, yes };

/// Writes them in Prometheus' text format (version 0.0.4): every family with its HELP and TYPE line, names
/// that end in their unit, escaped label values. What peers chose themselves and is not UTF-8 shows as
/// U+FFFD. The media type is prometheus_media_type.
[[nodiscard]] std::string to_prometheus(const context_stats& stats, peer_samples peers = peer_samples::yes);
inline constexpr const char* prometheus_media_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace monocoque

#pragma GCC visibility pop
