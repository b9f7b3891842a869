#include "zmtp/growing_buffer.hpp"

#include "crypto/secret.hpp"

#include <algorithm>
#include <cstring>

namespace monocoque::zmtp {
namespace {

constexpr std::size_t min_capacity = 256;
constexpr std::size_t max_kept_capacity = 4096;

}  // namespace

growing_buffer::~growing_buffer() { reset(); }

void growing_buffer::reset() noexcept {
  if (buffer_ != nullptr && holds_secrets_) crypto::wipe(buffer_->data(), buffer_->capacity());
  if (buffer_ != nullptr) buffer_->release();
  buffer_ = nullptr;
  size_ = 0;
}

void growing_buffer::append(std::span<const std::byte> data, std::uint64_t still_expected) {
  if (data.empty()) return;
  if (capacity() - size_ < data.size()) grow(size_ + data.size(), still_expected);
  std::memcpy(buffer_->data() + size_, data.data(), data.size());
  size_ += data.size();
}

std::span<std::byte> growing_buffer::room(std::uint64_t still_expected) {
  if (capacity() == size_) grow(size_ + 1, still_expected);
  const std::size_t free = capacity() - size_;
  return {buffer_->data() + size_, static_cast<std::size_t>(std::min<std::uint64_t>(free, still_expected))};
}

void growing_buffer::grow(std::size_t least, std::uint64_t still_expected) {
  // Doubling keeps the copying linear however the bytes come in.
  const std::size_t doubled = std::max(min_capacity, 2 * least);
  std::size_t target = doubled;
  if (still_expected < doubled - size_)
    target = std::max(least, size_ + static_cast<std::size_t>(still_expected));
  if (buffer_ == nullptr) {
    buffer_ = base::heap_buffer::make(target);
  } else {
    resize(target);
  }
}

void growing_buffer::resize(std::size_t capacity) {
  if (!holds_secrets_) {
    buffer_ = base::heap_buffer::resize(buffer_, capacity);
    return;
  }
  base::heap_buffer* const moved = base::heap_buffer::make(capacity);
  std::memcpy(moved->data(), buffer_->data(), size_);
  const std::size_t size = size_;
  reset();
  buffer_ = moved;
  size_ = size;
}

bytes growing_buffer::take() {
  if (size_ <= bytes::inline_capacity) {
    const std::span<const std::byte> content(buffer_ ? buffer_->data() : nullptr, size_);
    bytes small = size_ == 0 ? bytes() : bytes::copy(content);
    size_ = 0;
    if (capacity() > max_kept_capacity || holds_secrets_) reset();
    return small;
  }
  if (capacity() - size_ > size_ / 4) resize(size_);
  bytes content = bytes::take(*buffer_, buffer_->data(), size_);
  buffer_ = nullptr;
  size_ = 0;
  return content;
}

bytes joined(std::span<const std::byte> first, std::span<const std::byte> second) {
  growing_buffer both;
  both.append(first, first.size() + second.size());
  both.append(second, second.size());
  return both.take();
}

}  // namespace monocoque::zmtp
