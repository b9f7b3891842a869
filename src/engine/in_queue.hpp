#pragma once

#include "base/ring.hpp"
#include "base/wire.hpp"
#include "io/permits.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/detail/lanes.hpp>
#include <monocoque/message.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace monocoque::engine {

/// Messages that came from one peer and that the application has not taken yet: runs of whole messages in
/// canonical form, as the ZMTP connection found them in the receive slabs. They are decoded in place when
/// they are taken (D4). Guarded by the socket's monitor. Bounded by its owner, which stops reading when
/// `messages` or `byte_size` is at the limit.
class in_queue {
 public:
  /// Its permits are exhausted at `byte_limit`. `of_all`, if not null: what it shares with others.
  explicit in_queue(std::size_t byte_limit = SIZE_MAX, io::permits* of_all = nullptr) noexcept
      : bytes_(byte_limit), of_all_(of_all) {}

  /// The same from now on, for what is here too.
  void set_limits(std::size_t byte_limit, io::permits* of_all) noexcept;

  /// Adds `count` whole messages. Throws std::bad_alloc: then they are gone.
  void push(bytes run, std::uint32_t count);
  /// Keeps only the newest message of all (ZMQ_CONFLATE); returns how many were dropped.
  std::uint64_t keep_newest();
  /// Puts what `older` holds in front of what is here.
  void push_front_all(in_queue& older);

  [[nodiscard]] bool empty() const noexcept { return messages_ == 0; }
  [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }
  [[nodiscard]] std::size_t byte_size() const noexcept { return bytes_.held(); }
  [[nodiscard]] const io::permits& byte_permits() const noexcept { return bytes_; }

  /// The first message, whole, in canonical form. Not on an empty queue. Valid until `pop`.
  [[nodiscard]] std::span<const std::byte> front() const noexcept {
    const std::span<const std::byte> rest(cursor_, run_end_);
    return rest.first(base::wire::message_size(rest));
  }
  /// Takes the first message away, of which `front` showed `size` bytes.
  void pop(std::size_t size) noexcept {
    --messages_;
    release(size);
    cursor_ += size;
    if (++taken_ == runs_.front().count) next_run();
  }
  /// The messages of the first run, where they lie. Not on an empty queue.
  struct stretch {
    const std::byte* at;
    const std::byte* end;
    base::buffer* owner;  // of the memory
    std::uint32_t messages;
  };
  [[nodiscard]] stretch first_stretch() const noexcept {
    return {cursor_, run_end_, owner_, empty() ? 0 : runs_.front().count - taken_};
  }
  /// `count` of them, up to `end`, were decoded by somebody else and are taken.
  void commit(const std::byte* end, std::uint32_t count) noexcept {
    if (count == 0) return;
    messages_ -= count;
    release(static_cast<std::size_t>(end - cursor_));
    cursor_ = end;
    taken_ += count;
    if (taken_ == runs_.front().count) next_run();
  }
  /// Decodes the frames in `part` (a tail of `front()`) into a message that is empty before, behind a copy of
  /// `first`, if there is one. Payloads that do not fit inline share the receive memory, unless `copy` asks
  /// for memory of their own.
  void decode(std::span<const std::byte> part, bool copy, const bytes* first, message& into) const {
    detail::decode_message(part.data(), run_end_, copy ? nullptr : owner_, first, into);
  }
  /// `front`, `decode` and `pop` in one.
  void take(bool copy, const bytes* first, message& into) {
    const std::byte* const end =
        detail::decode_message(cursor_, run_end_, copy ? nullptr : owner_, first, into);
    pop(static_cast<std::size_t>(end - cursor_));
  }

 private:
  struct run_of {
    bytes data;
    std::uint32_t count;
  };

  /// An empty queue keeps memory for so many.
  static constexpr std::size_t max_kept_runs = 16;

  void release(std::size_t size) noexcept {
    bytes_.release(size);
    if (of_all_ != nullptr) of_all_->release(size);
  }
  void cut_taken() noexcept;
  void next_run() noexcept;
  void start_run() noexcept;

  base::ring<run_of> runs_;
  // Of the first run: its first message, its end and its memory (null if it lies in the run itself).
  const std::byte* cursor_ = nullptr;
  const std::byte* run_end_ = nullptr;
  base::buffer* owner_ = nullptr;
  std::uint32_t taken_ = 0;  // messages taken from the first run
  std::uint64_t messages_ = 0;
  io::permits bytes_;
  io::permits* of_all_;
};

}  // namespace monocoque::engine
