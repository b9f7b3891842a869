#pragma once

#include "crypto/box.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <sodium.h>
#include <utility>
#include <vector>

namespace monocoque::crypto::testing {

/// For tests that must know every secret: while it is there, the n-th draw of random octets anywhere in this
/// program is filled with the n-th of these values, draws after the last with zeros. One at a time, one
/// thread.
class scripted_random {
 public:
  explicit scripted_random(std::vector<std::uint8_t> fills) {
    static_cast<void>(is_available());  // which may draw some itself
    script() = {std::move(fills), 0};
    randombytes_set_implementation(&scripted());
  }
  ~scripted_random() { randombytes_set_implementation(&randombytes_sysrandom_implementation); }
  scripted_random(const scripted_random&) = delete;
  scripted_random& operator=(const scripted_random&) = delete;

 private:
  struct progress {
    std::vector<std::uint8_t> fills;
    std::size_t drawn = 0;
  };
  static progress& script() {
    static progress kept;
    return kept;
  }
  static const char* name() { return "scripted"; }
  static std::uint32_t number() { return 0; }
  static void fill(void* data, std::size_t size) {
    progress& at = script();
    std::memset(data, at.drawn < at.fills.size() ? at.fills[at.drawn] : 0, size);
    ++at.drawn;
  }
  static randombytes_implementation& scripted() {
    static randombytes_implementation made{name, number, nullptr, nullptr, fill, nullptr};
    return made;
  }
};

}  // namespace monocoque::crypto::testing
