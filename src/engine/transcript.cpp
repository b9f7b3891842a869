#include "engine/transcript.hpp"

#include "base/buffer.hpp"
#include "base/wire.hpp"

#include <utility>

namespace monocoque::engine {
namespace {

namespace wire = base::wire;

/// Takes whole frames off pieces in which no header is split, and a payload is whole behind its header or is
/// the next piece.
class frame_walk {
 public:
  explicit frame_walk(std::span<const iovec> pieces) noexcept : pieces_(pieces) {}

  /// False at the end of what is whole.
  [[nodiscard]] bool next() noexcept {
    while (at_ == here().size()) {
      if (!turn()) return false;
    }
    const std::byte* const header = here().data() + at_;
    const auto flags = std::to_integer<std::uint8_t>(header[0]);
    const bool is_long = (flags & wire::flag_long) != 0;
    const std::size_t header_size = is_long ? wire::max_header_size : 2;
    const std::size_t size = is_long ? static_cast<std::size_t>(wire::load_u64(header + 1))
                                     : std::to_integer<std::size_t>(header[1]);
    at_ += header_size;
    if (size > 0 && at_ == here().size() && !turn()) return false;
    flags_ = static_cast<std::uint8_t>(flags & ~wire::flag_long);
    payload_ = here().subspan(at_, size);
    at_ += size;
    canonical_size_ = header_size + size;
    return true;
  }

  [[nodiscard]] std::uint8_t flags() const noexcept { return flags_; }
  [[nodiscard]] std::span<const std::byte> payload() const noexcept { return payload_; }
  [[nodiscard]] std::size_t canonical_size() const noexcept { return canonical_size_; }

 private:
  [[nodiscard]] std::span<const std::byte> here() const noexcept {
    if (index_ == pieces_.size()) return {};
    return {static_cast<const std::byte*>(pieces_[index_].iov_base), pieces_[index_].iov_len};
  }
  [[nodiscard]] bool turn() noexcept {
    at_ = 0;
    if (index_ < pieces_.size()) ++index_;
    return index_ < pieces_.size();
  }

  std::span<const iovec> pieces_;
  std::size_t index_ = 0;
  std::size_t at_ = 0;
  std::uint8_t flags_ = 0;
  std::span<const std::byte> payload_;
  std::size_t canonical_size_ = 0;
};

}  // namespace

transcript::extent transcript::write(std::span<const iovec> pieces, bool one_message, zmtp::frame_form& form,
                                     base::slab_pool& pool) {
  extent done;
  frame_walk walk(pieces);
  while (walk.next()) {
    const std::size_t size = form.size_of(walk.payload().size());
    if (!make_room(size, pool)) break;
    form.put(data_ + size_, walk.flags(), walk.payload());
    size_ += size;
    done.bytes += walk.canonical_size();
    done.ends_message = (walk.flags() & wire::flag_more) == 0;
    if (done.ends_message) ++done.whole_messages;
    if (done.ends_message && one_message) break;
  }
  canonical_size_ = done.bytes;
  return done;
}

/// False if what is there is to go out first.
bool transcript::make_room(std::size_t size, base::slab_pool& pool) {
  if (!empty()) return capacity_ - size_ >= size;
  if (size <= pool.slab_size()) {
    base::slab* const taken = pool.take();
    memory_ = taken;
    data_ = taken->data();
    capacity_ = taken->capacity();
  } else {
    base::heap_buffer* const made = base::heap_buffer::make(size);
    memory_ = made;
    data_ = made->data();
    capacity_ = size;
  }
  return true;
}

std::size_t transcript::sent(std::size_t size) noexcept {
  sent_ += size;
  if (sent_ < size_) return 0;
  const std::size_t whole = canonical_size_;
  clear();
  return whole;
}

void transcript::clear() noexcept {
  if (memory_ != nullptr) std::exchange(memory_, nullptr)->release();
  data_ = nullptr;
  capacity_ = size_ = sent_ = canonical_size_ = 0;
}

}  // namespace monocoque::engine
