#include <monocoque/bytes.hpp>

#include "base/buffer.hpp"

#include <algorithm>
#include <utility>

namespace monocoque {
namespace {

/// The memory of a std::string.
class string_buffer final : public base::buffer {
 public:
  explicit string_buffer(std::string source) : buffer(&dispose), text(std::move(source)) {}
  const std::string text;

 private:
  static void dispose(buffer* self) noexcept { delete static_cast<string_buffer*>(self); }
};

}  // namespace

void bytes::retain(base::buffer& owner) noexcept { owner.retain(); }
void bytes::release(base::buffer& owner) noexcept { owner.release(); }

void bytes::copy_to_heap(std::span<const std::byte> source) {
  std::memcpy(reserve_on_heap(source.size()).data(), source.data(), source.size());
}

std::span<std::byte> bytes::reserve_on_heap(std::size_t size) {
  base::heap_buffer* block = base::heap_buffer::make(size);
  set_external({block->data(), size, block});
  return {block->data(), size};
}

bytes bytes::adopt(std::string source) {
  if (source.size() <= inline_capacity) return copy(std::string_view(source));
  auto* block = new string_buffer(std::move(source));
  return take(*block, reinterpret_cast<const std::byte*>(block->text.data()), block->text.size());
}

bytes bytes::adopt(std::span<const std::byte> source, void (*release)(void*, void*), void* hint) {
  // The interface of `release` is C's and takes a plain pointer; nothing is written through it here.
  void* data = const_cast<std::byte*>(source.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  if (source.empty()) {
    if (release != nullptr) release(data, hint);
    return {};
  }
  return take(*base::foreign_buffer::make(data, release, hint), source.data(), source.size());
}

bytes bytes::slice(std::size_t offset, std::size_t size) const noexcept {
  const std::span<const std::byte> all = span();
  offset = std::min(offset, all.size());
  size = std::min(size, all.size() - offset);
  if (is_inline()) {
    bytes made;
    std::memcpy(made.storage_, all.data() + offset, size);
    made.tag_ = static_cast<std::uint8_t>(size);
    return made;
  }
  return share(*external().owner, all.data() + offset, size);
}

bytes bytes::share(base::buffer& owner, const std::byte* data, std::size_t size) noexcept {
  if (size <= inline_capacity) {
    bytes made;
    if (size != 0) std::memcpy(made.storage_, data, size);
    made.tag_ = static_cast<std::uint8_t>(size);
    return made;
  }
  owner.retain();
  return take(owner, data, size);
}

bytes bytes::take(base::buffer& owner, const std::byte* data, std::size_t size) noexcept {
  bytes made;
  made.set_external({data, size, &owner});
  return made;
}

}  // namespace monocoque
