#pragma once

#include <cstddef>
#include <new>
#include <sanitizer/asan_interface.h>

namespace monocoque::base {

/// Memory for payloads that `bytes` would have in itself. It is zmq.h that asks for it, whose messages have
/// room for 33 bytes: most end on the thread that made them, so each thread keeps a few blocks of its own,
/// and no lock is fought for four times a message, as `block_cache`'s would be.
class small_blocks {
 public:
  static constexpr std::size_t size = 96;
  /// So many blocks a thread keeps; others come from and go to malloc. None once the thread is ending.
  static constexpr unsigned most_kept = 16;

  /// Null if there is no memory.
  [[nodiscard]] static void* take() noexcept {
    list& kept = mine;
    block* const found = kept.first;
    if (found == nullptr) return make();
    kept.first = found->next;
    ++kept.room;
    ASAN_UNPOISON_MEMORY_REGION(found, size);  // nothing in other builds
    return found;
  }
  /// Of any thread's.
  static void put_back(void* returned) noexcept {
    list& kept = mine;
    if (kept.room == 0) return put_back_without_room(returned);
    --kept.room;
    kept.first = new (returned) block{kept.first};
    ASAN_POISON_MEMORY_REGION(static_cast<std::byte*>(returned) + sizeof(block), size - sizeof(block));
  }

 private:
  struct block {
    block* next;
  };
  /// Without a destructor, so that it may be used until the very end of its thread.
  struct list {
    block* first = nullptr;
    unsigned room = 0;  // before the first block is given back, too, and after the end
    enum : unsigned char { unattended, attended, over } state = unattended;
  };
  struct keeper;

  [[nodiscard]] static void* make() noexcept;
  static void put_back_without_room(void* returned) noexcept;

  static constinit thread_local list mine;
};

}  // namespace monocoque::base
