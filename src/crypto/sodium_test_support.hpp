#pragma once

#include "crypto/box.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <sodium.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What tests and fuzzers of security need: random numbers that they know, and boxes made by libsodium alone,
/// without anything of this library.
namespace monocoque::crypto::testing {

/// Random numbers that are the same for the same seed, and all that were drawn.
class known_random {
 public:
  explicit known_random(std::uint64_t seed) : numbers_(seed) {}
  known_random(const known_random&) = delete;
  known_random& operator=(const known_random&) = delete;

  void fill(std::span<unsigned char> data) {
    for (unsigned char& each : data) each = static_cast<unsigned char>(numbers_());
    drawn_.emplace_back(data.begin(), data.end());
  }
  [[nodiscard]] const std::vector<std::string>& drawn() const noexcept { return drawn_; }

 private:
  std::mt19937_64 numbers_;
  std::vector<std::string> drawn_;
};

/// While it lives, the random numbers of this program are drawn there. They nest; for programs with one
/// thread.
class scoped_random {
 public:
  explicit scoped_random(known_random& from) : outer_(current()) {
    static_cast<void>(is_available());  // or it would choose the system's numbers later
    current() = &from;
    randombytes_set_implementation(&known);
  }
  ~scoped_random() {
    current() = outer_;
    if (outer_ == nullptr) randombytes_set_implementation(&randombytes_sysrandom_implementation);
  }
  scoped_random(const scoped_random&) = delete;
  scoped_random& operator=(const scoped_random&) = delete;

 private:
  static known_random*& current() noexcept {
    static known_random* used = nullptr;
    return used;
  }
  static const char* name() { return "known"; }
  static void fill(void* const data, const std::size_t size) {
    current()->fill({static_cast<unsigned char*>(data), size});
  }
  static std::uint32_t draw() {
    std::uint32_t drawn = 0;
    fill(&drawn, sizeof drawn);
    return drawn;
  }
  inline static randombytes_implementation known{&name, &draw, nullptr, nullptr, &fill, nullptr};

  known_random* outer_;
};

using raw_key = std::array<unsigned char, crypto_box_BEFORENMBYTES>;

inline const unsigned char* raw(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* raw(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// The key of a box between the owner of `own_secret` and that of `theirs`; of small order too: then it is
/// one that everybody knows.
inline raw_key shared_key(std::string_view theirs, std::string_view own_secret) {
  raw_key point{};
  if (crypto_scalarmult(point.data(), raw(own_secret), raw(theirs)) != 0) point.fill(0);
  raw_key made{};
  const std::array<unsigned char, 16> zeros{};
  crypto_core_hsalsa20(made.data(), zeros.data(), point.data(), nullptr);
  return made;
}

/// The tag, then what is encrypted. `number` has 24 bytes.
inline std::string box(const raw_key& key, std::string_view number, std::string_view text) {
  std::string made(crypto_secretbox_MACBYTES + text.size(), '\0');
  crypto_secretbox_easy(raw(made), raw(text), text.size(), raw(number), key.data());
  return made;
}
inline std::optional<std::string> unbox(const raw_key& key, std::string_view number, std::string_view box) {
  if (box.size() < crypto_secretbox_MACBYTES) return std::nullopt;
  std::string text(box.size() - crypto_secretbox_MACBYTES, '\0');
  if (crypto_secretbox_open_easy(raw(text), raw(box), box.size(), raw(number), key.data()) != 0)
    return std::nullopt;
  return text;
}

}  // namespace monocoque::crypto::testing
