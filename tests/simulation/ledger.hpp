#pragma once

#include "tests/simulation/labelled.hpp"
#include "tests/simulation/world.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque::simulation {

/// Who has received what, in which order: complains to the world of what may never happen, whatever the
/// network does.
class ledger {
 public:
  explicit ledger(world& in) : world_(in) {}

  /// `receiver` got `got`, whose labelled frames begin at `first`. False if it was complained of. What comes
  /// in the wrong order is only noted.
  bool take(std::uint32_t receiver, const message& got, std::size_t first = 0, std::string_view topic = {});
  /// `sender` has sent its messages below `end`. What is missing must be explained by bytes that the network
  /// lost, or by messages that were dropped and counted. Answers how many are missing.
  std::size_t settle(std::uint32_t sender, std::uint32_t end, const world::loss& by_network,
                     std::uint64_t dropped);
  /// Complains if what came from `sender` was not in order: on each connection, and later connections after
  /// earlier ones, though a receiver may still take what is left of an earlier one in between.
  void check_order(std::uint32_t sender);
  [[nodiscard]] std::size_t received(std::uint32_t sender) const;
  /// The bytes of what `receiver` took of that, about.
  [[nodiscard]] std::size_t taken_bytes(std::uint32_t sender, std::uint32_t receiver) const;
  [[nodiscard]] bool has(label what) const { return receivers_.contains(what); }

 private:
  world& world_;
  std::map<label, std::uint32_t> receivers_;
  struct range {
    std::uint32_t first;
    std::uint32_t last;
  };
  void note_order(std::uint32_t receiver, label what, std::uint64_t connection);

  std::map<std::pair<std::uint32_t, std::uint32_t>, std::map<std::uint64_t, range>> ranges_;
  std::map<std::uint32_t, std::string> disorder_;  // of a sender, the first there was
};

}  // namespace monocoque::simulation
