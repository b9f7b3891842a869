#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>

namespace monocoque::pattern::testing {

/// What a subscription_index has to do, as plainly as can be: the model for its tests and its fuzzer.
class naive_subscriptions {
 public:
  void add(const std::string& topic, std::uint32_t slot) { ++counts_[topic][slot]; }
  void remove(const std::string& topic, std::uint32_t slot, bool all = false) {
    if (!counts_.contains(topic) || !counts_[topic].contains(slot)) return;
    if (all || --counts_[topic][slot] == 0) counts_[topic].erase(slot);
    if (counts_[topic].empty()) counts_.erase(topic);
  }
  void remove_peer(std::uint32_t slot) {
    for (auto entry = counts_.begin(); entry != counts_.end();) {
      entry->second.erase(slot);
      entry = entry->second.empty() ? counts_.erase(entry) : std::next(entry);
    }
  }
  [[nodiscard]] std::set<std::uint32_t> match(const std::string& message) const {
    std::set<std::uint32_t> found;
    for (const auto& [topic, peers] : counts_) {
      if (!message.starts_with(topic)) continue;
      for (const auto& [slot, count] : peers) found.insert(slot);
    }
    return found;
  }
  [[nodiscard]] std::set<std::string> topics_of(std::uint32_t slot) const {
    std::set<std::string> found;
    for (const auto& [topic, peers] : counts_) {
      if (peers.contains(slot)) found.insert(topic);
    }
    return found;
  }
  [[nodiscard]] const std::map<std::string, std::map<std::uint32_t, int>>& counts() const { return counts_; }

 private:
  std::map<std::string, std::map<std::uint32_t, int>> counts_;
};

}  // namespace monocoque::pattern::testing
