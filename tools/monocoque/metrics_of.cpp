#include "metrics_of.hpp"

#include "output.hpp"

#include <monocoque/prometheus.hpp>

#include <cstddef>

namespace tool {
namespace {

/// With more peers than this only their sockets are shown.
constexpr std::size_t most_peers_shown = 1000;

std::string metrics_text(const monocoque::context& context) {
  const monocoque::context_stats stats = context.stats();
  std::size_t peers = 0;
  for (const monocoque::socket_stats& each : stats.sockets) peers += each.peers.size();
  using enum monocoque::peer_samples;
  return monocoque::to_prometheus(stats, peers <= most_peers_shown ? yes : no);
}

}  // namespace

metrics_of::metrics_of(monocoque::context& context, const std::optional<std::string>& address) {
  if (!address) return;
  server_.emplace(*address, [&context] { return metrics_text(context); });
  note("metrics at " + server_->url());
}

}  // namespace tool
