#pragma once

#include "io/permits.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/message.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

namespace monocoque::engine {

/// Messages that came from one peer and that the application has not taken yet: runs of whole messages in
/// canonical form, as the ZMTP connection found them in the receive slabs. They are decoded in place when
/// they are taken (D4). Guarded by the socket's monitor. Bounded by its owner, which stops reading when
/// `messages` or `byte_size` is at the limit.
class in_queue {
 public:
  /// Its permits are exhausted at `byte_limit`.
  explicit in_queue(std::size_t byte_limit = SIZE_MAX) noexcept : bytes_(byte_limit) {}

  /// Adds `count` whole messages.
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
  [[nodiscard]] std::span<const std::byte> front() const noexcept;
  /// Takes the first message away, of which `front` showed `size` bytes.
  void pop(std::size_t size) noexcept;
  /// Decodes the frames in `part` (a tail of `front()`) into a message. Payloads that do not fit inline share
  /// the receive memory, unless `copy` asks for memory of their own.
  [[nodiscard]] message decode(std::span<const std::byte> part, bool copy) const;

 private:
  struct run_of {
    bytes data;
    std::uint32_t count;
  };

  std::deque<run_of> runs_;
  std::size_t offset_ = 0;   // of the first message in the first run
  std::uint32_t taken_ = 0;  // messages taken from the first run
  std::uint64_t messages_ = 0;
  io::permits bytes_;
};

}  // namespace monocoque::engine
