// The program's allocators: those of C++ are replaced, and the linker has malloc, realloc and free come here
// (--wrap, in tests/CMakeLists.txt), as far as they are called by what is linked in.

#include "tests/secrets/watched_memory.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <mutex>
#include <new>

namespace monocoque::test {
namespace {

/// A half of a secret says as much as the whole.
constexpr std::size_t half = 16;
constexpr unsigned char mask = 0x5a;

struct masked_half {
  std::array<unsigned char, half> data;
  const char* what;
};
struct finding {
  const char* what;
  std::size_t block;
};

std::mutex mutex;  // guards all below; nothing is allocated with it
std::array<masked_half, 1024> halves;
std::size_t halves_known = 0;
std::array<bool, 256> begins_one;
std::array<finding, 64> findings;
std::size_t findings_made = 0;

/// All blocks in use, by a hash of their addresses.
constexpr std::size_t most_blocks = std::size_t{1} << 20;
constexpr std::uintptr_t gone = 1;
std::array<std::uintptr_t, most_blocks> blocks;

std::size_t place_of(std::uintptr_t block) noexcept { return (block >> 4) * 0x9e3779b97f4a7c15U >> 44; }

void note_block(void* memory) noexcept {
  const auto block = reinterpret_cast<std::uintptr_t>(memory);
  if (block == 0) return;
  const std::lock_guard lock(mutex);
  std::size_t at = place_of(block);
  while (blocks[at] > gone) at = (at + 1) % most_blocks;
  blocks[at] = block;
}

#if defined(__clang__)
#define MONOCOQUE_READS_ANYTHING __attribute__((no_sanitize("address")))
#else
#define MONOCOQUE_READS_ANYTHING
#endif

/// In what is kept to be used again, too, which AddressSanitizer is told that nobody may read.
MONOCOQUE_READS_ANYTHING const char* secret_in(const unsigned char* data, std::size_t size) noexcept {
  for (std::size_t at = 0; at + half <= size; ++at) {
    if (!begins_one[data[at]]) continue;
    for (std::size_t i = 0; i < halves_known; ++i) {
      const unsigned char* const wanted = halves[i].data.data();
      std::size_t same = 0;
      while (same < half && (data[at + same] ^ mask) == wanted[same]) ++same;
      if (same == half) return halves[i].what;
    }
  }
  return nullptr;
}

void look_through(void* memory) noexcept {
  const auto block = reinterpret_cast<std::uintptr_t>(memory);
  if (block == 0) return;
  const std::lock_guard lock(mutex);
  std::size_t at = place_of(block);
  while (blocks[at] != 0 && blocks[at] != block) at = (at + 1) % most_blocks;
  if (blocks[at] == block) blocks[at] = gone;
  if (halves_known == 0) return;
  const std::size_t size = malloc_usable_size(memory);
  const char* const what = secret_in(static_cast<const unsigned char*>(memory), size);
  if (what != nullptr && findings_made < findings.size()) findings[findings_made++] = {what, size};
}

std::vector<std::string> texts_of(std::span<const finding> all) {
  std::vector<std::string> texts;
  for (const finding& each : all)
    texts.push_back(each.what + (" in " + std::to_string(each.block) + " bytes"));
  return texts;
}

}  // namespace

void watch_for(std::span<const std::byte> secret, const char* what) noexcept {
  const std::lock_guard lock(mutex);
  for (std::size_t at = 0; at + half <= secret.size(); at += half) {
    masked_half& made = halves.at(halves_known++);
    for (std::size_t i = 0; i < half; ++i)
      made.data[i] = static_cast<unsigned char>(std::to_integer<unsigned>(secret[at + i]) ^ mask);
    made.what = what;
    begins_one[std::to_integer<std::size_t>(secret[at])] = true;
  }
}

void forget_secrets() noexcept {
  const std::lock_guard lock(mutex);
  halves_known = 0;
  begins_one = {};
  findings_made = 0;
}

std::vector<std::string> found_in_freed_memory() {
  std::array<finding, findings.size()> copy{};
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex);
    copy = findings;
    count = findings_made;
  }
  return texts_of(std::span(copy).first(count));
}

std::vector<std::string> found_in_used_memory() {
  std::array<finding, findings.size()> found{};
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex);
    for (const std::uintptr_t block : blocks) {
      if (block <= gone || count == found.size()) continue;
      const auto* const memory = reinterpret_cast<unsigned char*>(block);
      const std::size_t size = malloc_usable_size(reinterpret_cast<void*>(block));
      if (const char* const what = secret_in(memory, size)) found[count++] = {what, size};
    }
  }
  return texts_of(std::span(found).first(count));
}

}  // namespace monocoque::test

using monocoque::test::look_through;
using monocoque::test::note_block;

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
void* __real_malloc(std::size_t size);
void* __real_realloc(void* old, std::size_t size);
void __real_free(void* memory);
void* __wrap_malloc(std::size_t size);
void* __wrap_realloc(void* old, std::size_t size);
void __wrap_free(void* memory);
void* __wrap_malloc(std::size_t size) {
  void* const made = __real_malloc(size);
  note_block(made);
  return made;
}
void* __wrap_realloc(void* old, std::size_t size) {
  look_through(old);  // as if it were always moved
  void* const made = __real_realloc(old, size);
  note_block(made != nullptr ? made : old);
  return made;
}
void __wrap_free(void* memory) {
  look_through(memory);
  __real_free(memory);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
}

namespace {

void* noted_or_thrown(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  note_block(memory);
  return memory;
}
void give_back(void* memory) noexcept {
  look_through(memory);
  __real_free(memory);
}

}  // namespace

// The other forms (of arrays, without an exception) call these.
void* operator new(std::size_t size) { return noted_or_thrown(__real_malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return noted_or_thrown(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  give_back(memory);
}
