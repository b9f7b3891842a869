// `soak --minutes N`: episodes of everything at random, each from a seed of its own, while memory and
// descriptors are watched. It ends with status 0 if every property held and nothing grew, else 1 with the
// seed that shows it.

#include "tests/soak/program/episode.hpp"
#include "tests/soak/program/footprint.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <random>
#include <string>

namespace {

using namespace monocoque::test;
using clock_type = std::chrono::steady_clock;

struct order {
  double minutes = 1;
  std::uint32_t seed = std::random_device{}();
  bool only_this_seed = false;
};

std::string in_words(const footprint& now) {
  return std::to_string(now.heap_bytes / 1024) + " KB of heap, " + std::to_string(now.descriptors) +
         " descriptors, " + std::to_string(now.threads) + " threads";
}

/// One episode. False, with the reason on stderr, if a property did not hold.
bool holds(std::uint32_t seed, tally& sum) {
  try {
    sum += run_episode(seed);
    return true;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "soak: %s\nsoak: again with: --seed %u --only\n", failure.what(), seed);
    return false;
  }
}

int soak(const order& what) {
  tally sum;
  if (what.only_this_seed) return holds(what.seed, sum) ? 0 : 1;
  std::printf("soak: %.1f minutes from seed %u\n", what.minutes, what.seed);
  std::minstd_rand seeds(what.seed);
  const auto start = clock_type::now();
  const auto length = std::chrono::duration_cast<clock_type::duration>(
      std::chrono::duration<double, std::ratio<60>>(what.minutes));
  // What a thread, the allocator or a library keeps for later is there after the first tenth.
  footprint settled{};
  bool is_settled = false;
  auto next_report = start;
  for (;;) {
    const auto now = clock_type::now();
    if (!is_settled && now - start >= length / 10) {
      settled = footprint::now();
      is_settled = true;
    }
    if (now - start >= length) break;
    if (now >= next_report) {
      std::printf("soak: %6.1f s, %llu episodes, %llu messages, %llu disruptions, %s\n",
                  std::chrono::duration<double>(now - start).count(),
                  static_cast<unsigned long long>(sum.episodes),
                  static_cast<unsigned long long>(sum.messages),
                  static_cast<unsigned long long>(sum.disruptions), in_words(footprint::now()).c_str());
      std::fflush(stdout);
      next_report = now + length / 20;
    }
    if (!holds(static_cast<std::uint32_t>(seeds()), sum)) return 1;
  }
  const footprint end = footprint::now();
  std::printf("soak: after a tenth: %s; at the end: %s\n", in_words(settled).c_str(), in_words(end).c_str());
  if (end.descriptors > settled.descriptors || end.threads > settled.threads ||
      end.heap_bytes > settled.heap_bytes + footprint::allowance) {
    std::fprintf(stderr, "soak: something was left behind\n");
    return 1;
  }
  std::printf("soak: nothing lost against a promise, repeated, reordered or altered; nothing grew\n");
  return 0;
}

}  // namespace

int main(int count, char** words) {
  order what;
  CLI::App app("Every pattern at random, with peers that come and go; memory and descriptors must stay flat.",
               "soak");
  app.add_option("--minutes", what.minutes, "How long (default 1)")->check(CLI::PositiveNumber);
  app.add_option("--seed", what.seed, "What it begins with (default: another each time)");
  app.add_flag("--only", what.only_this_seed, "Just the episode of --seed");
  CLI11_PARSE(app, count, words);
  return soak(what);
}
