#pragma once

#include <monocoque/bytes.hpp>
#include <monocoque/detail/payload.hpp>

#include <cstddef>
#include <span>

#pragma GCC visibility push(default)

namespace monocoque {

/// One frame of a message that is sent from the caller's memory: text, a contiguous range of bytes, or
/// `bytes`. Refers to them, as a std::span does; they must stay as they are until the message is sent.
class frame_view {
 public:
  constexpr frame_view() noexcept = default;
  template <detail::payload Payload>
  frame_view(const Payload& what) noexcept : bytes_(detail::bytes_of(what)) {}  // NOLINT
  frame_view(const bytes& what) noexcept : bytes_(what.span()) {}               // NOLINT

  [[nodiscard]] const std::byte* data() const noexcept { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::span<const std::byte> span() const noexcept { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace monocoque

#pragma GCC visibility pop
