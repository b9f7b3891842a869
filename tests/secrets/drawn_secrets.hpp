#pragma once

#include "crypto/box.hpp"
#include "tests/secrets/watched_memory.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <random>
#include <sodium.h>
#include <span>
#include <vector>

namespace monocoque::test {

/// While it lives, the random numbers of this program are the same each time for the same seed, and whatever
/// is drawn that has the size of a key is watched for.
class drawn_secrets {
 public:
  explicit drawn_secrets(std::uint64_t seed) {
    static_cast<void>(crypto::is_available());
    numbers().seed(seed);
    keys_drawn().clear();
    randombytes_set_implementation(&known);
  }
  ~drawn_secrets() { randombytes_set_implementation(&randombytes_sysrandom_implementation); }
  drawn_secrets(const drawn_secrets&) = delete;
  drawn_secrets& operator=(const drawn_secrets&) = delete;

  using key = crypto::secret<32>;
  /// In the order in which they were drawn.
  [[nodiscard]] const std::vector<key>& keys() const noexcept { return keys_drawn(); }

 private:
  static std::mt19937_64& numbers() {
    static std::mt19937_64 used;
    return used;
  }
  static std::vector<key>& keys_drawn() {
    static std::vector<key> drawn = [] {
      std::vector<key> empty;
      empty.reserve(1024);  // so that it never moves
      return empty;
    }();
    return drawn;
  }
  static const char* name() { return "known"; }
  static void fill(void* const data, const std::size_t size) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    const std::span bytes(static_cast<std::byte*>(data), size);
    for (std::byte& each : bytes) each = static_cast<std::byte>(numbers()());
    if (size != key().span().size()) return;
    watch_for(bytes, "a key that was drawn");
    if (keys_drawn().size() < keys_drawn().capacity())
      std::ranges::copy(bytes, keys_drawn().emplace_back().span().begin());
  }
  static std::uint32_t draw() {
    std::uint32_t drawn = 0;
    fill(&drawn, sizeof drawn);
    return drawn;
  }
  inline static randombytes_implementation known{&name, &draw, nullptr, nullptr, &fill, nullptr};
};

}  // namespace monocoque::test
