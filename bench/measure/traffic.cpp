#include "measure/traffic.hpp"

#include <algorithm>
#include <cstring>

namespace bench {

namespace {

/// Topic number `index`, as eight bytes that no message number of a run without topics begins with.
std::uint64_t topic_word(std::uint64_t index) { return (index << 8U) | std::uint64_t{'t'}; }

std::string topic_text(std::uint64_t index) {
  const std::uint64_t word = topic_word(index);
  std::string text(sizeof word, '\0');
  std::memcpy(text.data(), &word, sizeof word);
  return text;
}

/// Probe `index` of `count` lies here in the set.
std::uint64_t probe_place(const traffic& what, std::uint64_t index, std::uint64_t count) {
  return count < 2 ? 0 : index * (what.held - 1) / (count - 1);
}

std::uint64_t probe_count(const traffic& what) { return std::min(what.held, 1000U); }

}  // namespace

std::uint64_t published_word(const traffic& what, std::uint64_t number, bool everybody_is_there) {
  switch (what.topic_mode) {
    case topics::all: return number;
    case topics::tenth: return topic_word(number % 10);
    case topics::own: return topic_word(number % what.subscribers);
    case topics::one_of_set:
      if (!everybody_is_there) {
        const std::uint64_t count = probe_count(what);
        return topic_word(probe_place(what, number % count, count));
      }
      return topic_word(((number * 0x9E3779B97F4A7C15U) >> 32U) % what.held);
  }
  return number;
}

std::vector<std::string> topics_of(const traffic& what, unsigned index) {
  switch (what.topic_mode) {
    case topics::all: return {""};
    case topics::tenth: return {topic_text(0)};
    case topics::own: return {topic_text(index)};
    case topics::one_of_set: break;
  }
  std::vector<std::string> held;
  held.reserve(what.held);
  for (unsigned i = 0; i < what.held; ++i) held.push_back(topic_text(i));
  return held;
}

std::vector<std::uint64_t> probes_of(const traffic& what) {
  std::vector<std::uint64_t> probes;
  if (what.topic_mode != topics::one_of_set) return probes;
  const std::uint64_t count = probe_count(what);
  for (std::uint64_t i = 0; i < count; ++i) probes.push_back(topic_word(probe_place(what, i, count)));
  return probes;
}

}  // namespace bench
