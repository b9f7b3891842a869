#include "tests/simulation/ledger.hpp"

#include "tests/simulation/host.hpp"

#include <algorithm>
#include <iterator>

namespace monocoque::simulation {

bool ledger::take(std::uint32_t receiver, const message& got, std::size_t first, std::string_view topic) {
  const std::optional<label> found = recognise(got, first, topic);
  const std::string who = "receiver " + std::to_string(receiver) + ": ";
  if (!found) {
    world_.complain(who + "a message of " + std::to_string(got.byte_count()) + " bytes that nobody sent");
    return false;
  }
  world_.note("received", receiver, (std::uint64_t{found->sender} << 32) + found->number);
  if (const auto [place, is_new] = receivers_.try_emplace(*found, receiver); !is_new) {
    world_.complain(who + to_text(*found) + " for the second time, first at " +
                    std::to_string(place->second));
    return false;
  }
  note_order(receiver, *found, got.peer() != nullptr ? host::connection_of(got.peer()->address) : 0);
  return true;
}

void ledger::note_order(std::uint32_t receiver, label what, std::uint64_t connection) {
  auto& all = ranges_[{what.sender, receiver}];
  const auto [place, is_first] = all.try_emplace(connection, range{what.number, what.number});
  const auto next = std::next(place);
  const bool after_earlier = place == all.begin() || std::prev(place)->second.last < what.number;
  const bool before_later = next == all.end() || what.number < next->second.first;
  const bool in_turn = is_first || place->second.last < what.number;
  place->second.last = std::max(place->second.last, what.number);
  if (after_earlier && before_later && in_turn) return;
  disorder_.try_emplace(what.sender, "receiver " + std::to_string(receiver) + ": " + to_text(what) +
                                         " out of order, on connection " + std::to_string(connection));
}

void ledger::check_order(std::uint32_t sender) {
  const auto found = disorder_.find(sender);
  if (found != disorder_.end()) world_.complain(found->second);
}

std::size_t ledger::received(std::uint32_t sender) const {
  const auto from = receivers_.lower_bound({sender, 0});
  const auto to = receivers_.upper_bound({sender, UINT32_MAX});
  return static_cast<std::size_t>(std::distance(from, to));
}

std::size_t ledger::taken_bytes(std::uint32_t sender, std::uint32_t receiver) const {
  std::size_t sum = 0;
  const auto to = receivers_.upper_bound({sender, UINT32_MAX});
  for (auto each = receivers_.lower_bound({sender, 0}); each != to; ++each) {
    if (each->second == receiver) sum += wire_size(each->first);
  }
  return sum;
}

std::size_t ledger::settle(std::uint32_t sender, std::uint32_t end, const world::loss& by_network,
                           std::uint64_t dropped) {
  std::vector<std::size_t> missing;
  std::size_t longest = 0;
  std::string list;
  for (std::uint32_t number = 0; number < end; ++number) {
    longest = std::max(longest, wire_size({sender, number}));
    if (has({sender, number})) continue;
    missing.push_back(wire_size({sender, number}));
    list += " " + std::to_string(number);
  }
  // Each was handed to the system whole, on a connection that broke before the peer had read all of it; only
  // the first on each may have been read in part.
  std::ranges::sort(missing);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i + dropped < missing.size(); ++i) bytes += missing[i];
  if (bytes > by_network.bytes + by_network.connections * longest) {
    world_.complain("of sender " + std::to_string(sender) + " these are missing:" + list + "; " +
                    std::to_string(dropped) + " were dropped, " + std::to_string(by_network.bytes) +
                    " bytes lost on " + std::to_string(by_network.connections) + " connections");
  }
  return missing.size();
}

}  // namespace monocoque::simulation
