#include <monocoque/socket_type.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace monocoque {
namespace {

using enum socket_type;

constexpr std::array<std::string_view, socket_type_count> names{
    "PAIR",   "PUB",    "SUB",    "REQ",   "REP",  "DEALER", "ROUTER",  "PULL",  "PUSH", "XPUB",   "XSUB",
    "STREAM", "SERVER", "CLIENT", "RADIO", "DISH", "GATHER", "SCATTER", "DGRAM", "PEER", "CHANNEL"};

// Each unordered pair that may talk, once.
constexpr std::array<std::pair<socket_type, socket_type>, 17> legal_pairs{{{pair, pair},
                                                                           {pub, sub},
                                                                           {pub, xsub},
                                                                           {xpub, sub},
                                                                           {xpub, xsub},
                                                                           {req, rep},
                                                                           {req, router},
                                                                           {dealer, rep},
                                                                           {dealer, dealer},
                                                                           {dealer, router},
                                                                           {router, router},
                                                                           {push, pull},
                                                                           {client, server},
                                                                           {radio, dish},
                                                                           {scatter, gather},
                                                                           {peer, peer},
                                                                           {channel, channel}}};

}  // namespace

std::string_view name_of(socket_type type) noexcept {
  const auto index = static_cast<std::size_t>(type);
  return index < names.size() ? names[index] : std::string_view("?");
}

std::optional<socket_type> socket_type_from(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<socket_type>(found - names.begin());
}

bool compatible(socket_type one, socket_type other) noexcept {
  return std::ranges::any_of(legal_pairs, [&](const auto& legal) {
    return (legal.first == one && legal.second == other) || (legal.first == other && legal.second == one);
  });
}

}  // namespace monocoque
