#pragma once

#include "base/wire.hpp"

#include <monocoque/message.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace monocoque::pattern {

/// A received message as a pattern judges it: frame after frame, whether it came encoded (canonical form) or
/// as an object (inproc, which may keep an empty frame in front of it without storing one). What a pattern
/// delivers begins where it left the cursor. Refers to the message; short-lived.
class frame_cursor {
 public:
  explicit frame_cursor(std::span<const std::byte> whole) noexcept : rest_(whole), begin_(whole.data()) {}
  frame_cursor(bool delimited, const message& frames) noexcept : frames_(&frames), delimited_(delimited) {}

  /// Passes a frame; not behind the last one.
  base::wire::frame next() noexcept {
    return frames_ == nullptr ? base::wire::next_frame(rest_) : next_of_object();
  }
  /// What `next` would answer.
  [[nodiscard]] base::wire::frame peek() const noexcept { return frame_cursor(*this).next(); }
  /// What has been passed, in canonical form.
  void copy_passed(std::vector<std::byte>& into) const {
    into.clear();
    if (frames_ == nullptr) {
      into.assign(begin_, rest_.data());
    } else {
      encode_passed(into);
    }
  }

  /// Of an encoded message: what has not been passed.
  [[nodiscard]] std::span<const std::byte> rest() const noexcept { return rest_; }
  /// Of an object: the number of frames passed, the one that is not stored included.
  [[nodiscard]] std::size_t passed() const noexcept { return passed_; }

 private:
  base::wire::frame next_of_object() noexcept {
    const std::size_t index = passed_++;
    if (delimited_ && index == 0) return {.payload = {}, .more = true};
    const std::size_t stored = index - (delimited_ ? 1 : 0);
    return {.payload = frames_->span(stored), .more = stored + 1 < frames_->size()};
  }
  void encode_passed(std::vector<std::byte>& into) const {
    frame_cursor again(delimited_, *frames_);
    while (again.passed_ < passed_) {
      const base::wire::frame each = again.next();
      std::array<std::byte, base::wire::max_header_size> header{};
      const std::size_t size =
          base::wire::put_header(header.data(), each.payload.size(), each.more ? base::wire::flag_more : 0);
      into.insert(into.end(), header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
      into.insert(into.end(), each.payload.begin(), each.payload.end());
    }
  }

  std::span<const std::byte> rest_;
  const std::byte* begin_ = nullptr;
  const message* frames_ = nullptr;
  std::size_t passed_ = 0;
  bool delimited_ = false;
};

}  // namespace monocoque::pattern
