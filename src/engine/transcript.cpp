#include "engine/transcript.hpp"

#include "base/block_cache.hpp"
#include "base/buffer.hpp"
#include "base/wire.hpp"

#include <algorithm>
#include <utility>

namespace monocoque::engine {
namespace {

namespace wire = base::wire;

/// Of whole frames that are larger than this part of a slab too few fit into one, so that much of each write
/// would be wasted: they are written to the largest block that is kept to be used again.
constexpr std::size_t least_frames_in_slab = 8;
constexpr std::size_t large_block = base::block_cache::largest_block - sizeof(base::heap_buffer);

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
    header_ = wire::read_header(here().data() + at_);
    at_ += header_.size;
    if (header_.payload > 0 && at_ == here().size() && !turn()) return false;
    payload_ = here().subspan(at_, header_.payload);
    at_ += header_.payload;
    return true;
  }

  [[nodiscard]] std::uint8_t flags() const noexcept { return header_.flags; }
  [[nodiscard]] std::span<const std::byte> payload() const noexcept { return payload_; }
  [[nodiscard]] std::size_t canonical_size() const noexcept { return header_.size + header_.payload; }

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
  wire::header header_;
  std::span<const std::byte> payload_;
};

}  // namespace

transcript::extent transcript::write(std::span<const iovec> pieces, bool one_message, zmtp::frame_form& form,
                                     base::slab_pool& pool) {
  extent done;
  bool ends_message = false;
  frame_walk walk(pieces);
  while (walk.next()) {
    const std::size_t size = form.size_of(walk.payload().size());
    if (!make_room(size, pool)) break;
    form.put(data_ + size_, walk.flags(), walk.payload());
    size_ += size;
    done.bytes += walk.canonical_size();
    ends_message = (walk.flags() & wire::flag_more) == 0;
    if (ends_message) ++done.whole_messages;
    if (ends_message && one_message) break;
  }
  if (!ends_message) done.whole_messages = 0;
  canonical_size_ = done.bytes;
  return done;
}

/// False if what is there is to go out first.
bool transcript::make_room(std::size_t size, base::slab_pool& pool) {
  if (!empty()) return capacity_ - size_ >= size;
  if (size <= pool.slab_size() / least_frames_in_slab) {
    base::slab* const taken = pool.take();
    memory_ = taken;
    data_ = taken->data();
    capacity_ = taken->capacity();
  } else {
    base::heap_buffer* const made = base::heap_buffer::make(std::max(size, large_block));
    memory_ = made;
    data_ = made->data();
    capacity_ = made->capacity();
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
