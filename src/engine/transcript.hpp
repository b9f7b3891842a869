#pragma once

#include "base/slab.hpp"
#include "engine/write_list.hpp"
#include "zmtp/frame_form.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/uio.h>

namespace monocoque::engine {

/// What goes out next to a peer that does not take the canonical form (ZMTP 1.0, CURVE), rewritten from the
/// queue, where it stays in canonical form until all of this is out: after a lost connection it goes out
/// again, in the form of the next one. About a slab of it at a time, two of frames of more than 8 KB; a frame
/// that is larger has memory of its own. Owned by a link; guarded by the monitor.
class transcript {
 public:
  transcript() noexcept = default;
  ~transcript() { clear(); }
  transcript(const transcript&) = delete;
  transcript& operator=(const transcript&) = delete;

  /// Where it ends in the queue.
  struct extent {
    std::size_t bytes = 0;             ///< in canonical form
    std::uint64_t whole_messages = 0;  ///< that end in it, the last one with it; 0: none does
  };
  /// Writes it, with none there before: the whole frames in `pieces`, which are as out_queue::gather has
  /// them, as far as there is room; `one_message`: no further than to the end of the first. Throws
  /// std::bad_alloc, and has then written nothing.
  extent write(std::span<const iovec> pieces, bool one_message, zmtp::frame_form& form,
               base::slab_pool& pool);

  [[nodiscard]] bool empty() const noexcept { return memory_ == nullptr; }
  void add_to(write_list& list) const noexcept { list.add(data_ + sent_, size_ - sent_); }
  /// So many more bytes of it are out. How many of the queue that was, once all are; then it is empty.
  [[nodiscard]] std::size_t sent(std::size_t size) noexcept;
  void clear() noexcept;

 private:
  [[nodiscard]] bool make_room(std::size_t size, base::slab_pool& pool);

  base::buffer* memory_ = nullptr;
  std::byte* data_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::size_t sent_ = 0;
  std::size_t canonical_size_ = 0;
};

}  // namespace monocoque::engine
