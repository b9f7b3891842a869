#include "io/permits.hpp"

#include <cassert>

namespace monocoque::io {

bool permits::try_acquire(std::size_t size) noexcept {
  if (!fits(size)) {
    refused_ = true;
    refused_size_ = size;
    return false;
  }
  held_ += size;
  refused_ = false;
  return true;
}

bool permits::release(std::size_t size) noexcept {
  assert(size <= held_);
  held_ -= size;
  if (!refused_ || !fits(refused_size_)) return false;
  refused_ = false;
  return true;
}

}  // namespace monocoque::io
