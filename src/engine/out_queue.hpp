#pragma once

#include "base/buffer.hpp"
#include "base/ring.hpp"
#include "base/short_frame.hpp"
#include "base/slab.hpp"
#include "base/wire.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/detail/lanes.hpp>
#include <monocoque/detail/payload.hpp>
#include <monocoque/frame_view.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <sys/uio.h>

namespace monocoque::engine {

/// Outgoing messages of one peer, encoded in canonical form (base/wire.hpp) into segments as they are
/// appended, so that what crosses to the I/O side is bytes, not messages (design D4). Small payloads are
/// copied into the open segment, large ones are referred to and gathered by the write.
///
/// Guarded by the socket's monitor. While a write is under way its memory (what `gather` pointed to) stays as
/// it is: appending only touches bytes behind it. A message stays here until all of it has been written, so
/// that after a lost connection `rewind` makes the next write start with the first message that was not
/// written whole.
///
/// Appending throws std::bad_alloc and has then done nothing: no part of a message is ever queued.
class out_queue {
 public:
  /// Payloads from this size on are gathered instead of copied.
  static constexpr std::size_t gather_threshold = detail::send_lane::worth_sharing;

  explicit out_queue(std::shared_ptr<base::slab_pool> pool) noexcept : pool_(std::move(pool)) {}
  ~out_queue();
  out_queue(const out_queue&) = delete;
  out_queue& operator=(const out_queue&) = delete;

  /// Appends one message: the whole frames in `prefix` (canonical form, MORE set), then `frames` (at least
  /// one).
  void append(std::span<const std::byte> prefix, std::span<const bytes> frames);
  /// The common case, kept short: one message of one small frame, behind what is there already. False, with
  /// nothing done, if it is not that case.
  bool append_small(const bytes& frame) noexcept {
    const std::size_t size = frame.size();
    if (tail_ == nullptr || size > base::wire::max_short_payload || room_ < base::short_frame_room)
      return false;
    base::put_short_frame(tail_end_, frame, 0);
    extend_tail(2 + size);
    ++messages_;
    return true;
  }
  /// One message whose payload is the caller's and is copied; at least one frame.
  void append(std::span<const frame_view> frames);
  void append(std::span<const std::byte> payload);
  /// The same, with a payload that `fill` writes. False, with nothing done, if no segment is large enough.
  bool append_in_place(std::size_t size, const detail::payload_writer& fill);
  /// The free room of the open segment, for messages that are encoded there by somebody else; empty if a new
  /// one must begin elsewhere.
  [[nodiscard]] std::span<std::byte> open_room() const noexcept {
    return tail_ != nullptr ? std::span(tail_end_, room_) : std::span<std::byte>();
  }
  /// They reach up to `end`.
  void commit(const std::byte* end, std::uint64_t messages) noexcept {
    extend_tail(static_cast<std::size_t>(end - tail_end_));
    messages_ += messages;
  }

  /// Appends all that is here to `other` too, which is of another peer: by reference, or a copy of what is so
  /// little that it would be a piece of a write on its own. False, with nothing done, if there is no memory.
  [[nodiscard]] bool share_with(out_queue& other) const noexcept;
  /// Lets go of all that is here, of which nothing was written, and goes on in the same segment.
  void start_anew() noexcept;
  /// Gives the segment back if there is nothing in it that anybody refers to.
  void release_unshared() noexcept;

  /// Fills `pieces` with what comes next, from the first byte that is not written yet; returns how many.
  [[nodiscard]] std::size_t gather(std::span<iovec> pieces);
  /// The same, but not beyond the end of the message that is half way out: for something that is to go in
  /// after it.
  [[nodiscard]] std::size_t gather_first_message(std::span<iovec> pieces);
  /// Of what the last gather answered only the first `size` bytes are being written. They end with a whole
  /// message, and so many messages end in them; or `whole_messages` is 0.
  void narrow(std::size_t size, std::uint64_t whole_messages) noexcept {
    gathered_bytes_ = written_ + size;
    gathered_messages_ = whole_messages;
  }
  /// `size` more bytes have been written.
  void written(std::size_t size);
  /// The connection is gone: what it had of an unfinished message does not count.
  void rewind() noexcept { written_ = 0; }
  /// Drops every message of which nothing has been given to a write yet; returns how many. With a write under
  /// way
  /// (`in_flight`) what `gather` returned last stays.
  std::uint64_t drop_unsent(bool in_flight);

  struct shortened {
    std::uint64_t dropped;
    std::uint64_t droppable;  ///< what is left of the kind
  };
  /// Drops the oldest messages of which nothing has been given to a write yet, until no more than so many of
  /// them are left and no more than so many bytes are unwritten, but never the last. Throws std::bad_alloc,
  /// with nothing done, as does `drop_unsent`.
  shortened drop_oldest(bool in_flight, std::uint64_t keep_messages, std::size_t keep_bytes);

  [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }
  /// True if the next byte to be written starts a message, so that a command may go in between.
  [[nodiscard]] bool at_boundary() const noexcept { return written_ == 0; }
  /// Messages not completely written yet.
  [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }
  /// Bytes not written yet.
  [[nodiscard]] std::size_t unwritten_bytes() const noexcept { return bytes_ - written_; }

 private:
  // A piece of the byte stream. A frame's header is never split between chunks; its payload is whole in the
  // same chunk or is the next chunk.
  struct chunk {
    base::buffer* owner;
    const std::byte* data;
    std::size_t size;
  };

  /// An empty queue keeps memory for so many.
  static constexpr std::size_t max_kept_chunks = 64;
  /// What is shared and smaller is copied, if it does not follow what is referred to already.
  static constexpr std::size_t share_threshold = 1024;
  /// Slabs that are shared belong to others as well, so a queue may hold on to more memory than it has bytes:
  /// to this many slabs, and one for each 8 KB it has.
  static constexpr std::size_t free_shares = 8;

  template <class Frame>
  bool append_short(std::span<const std::byte> prefix, std::span<const Frame> frames);
  void append_frame(std::span<const std::byte> payload, const bytes* owner, bool more);
  template <class Steps>
  void append_all(Steps append_frames);
  void cut_to(std::size_t size) noexcept;
  [[nodiscard]] bool fits_a_segment(std::size_t size) const noexcept;
  std::byte* reserve(std::size_t size);
  void extend(std::size_t size);
  void extend_tail(std::size_t size) noexcept {
    tail_->size += size;
    tail_end_ += size;
    room_ -= size;
    bytes_ += size;
  }
  void refer_to(const chunk& piece);
  [[nodiscard]] bool may_share(std::size_t size) const noexcept;
  void add_chunk(base::buffer* owner, const std::byte* data, std::size_t size);
  void drop_front(std::size_t size) noexcept;
  void release_whole_messages();
  std::uint64_t move_started(out_queue& to, std::size_t at_least);
  void put_in_front(out_queue& started);
  [[nodiscard]] std::size_t first_message_size() const;
  void clear() noexcept;

  std::shared_ptr<base::slab_pool> pool_;
  base::ring<chunk> chunks_;
  base::slab* segment_ = nullptr;  // the open segment; chunks hold references of their own
  std::byte* tail_end_ = nullptr;  // where the open segment's free room starts
  std::size_t room_ = 0;           // bytes in it
  chunk* tail_ = nullptr;          // the last chunk, if it ends there
  std::size_t bytes_ = 0;          // in chunks_, the written part of the first message included
  std::size_t written_ = 0;        // of the first message
  std::uint64_t messages_ = 0;
  std::size_t gathered_bytes_ = 0;       // from the front of chunks_ to the end of the last gather
  std::uint64_t gathered_messages_ = 0;  // in them, if the gather ended with a whole message; 0: not known
};

}  // namespace monocoque::engine
