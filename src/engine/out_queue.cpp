#include "engine/out_queue.hpp"

#include "base/short_frame.hpp"
#include "base/wire.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace monocoque::engine {

namespace wire = base::wire;

out_queue::~out_queue() { clear(); }

/// A message of short frames only, encoded in one go; false, with nothing done, if it is none.
template <class Frame>
bool out_queue::append_short(std::span<const std::byte> prefix, std::span<const Frame> frames) {
  std::size_t size = prefix.size();
  for (const Frame& frame : frames) {
    if (frame.size() > wire::max_short_payload) return false;
    size += wire::header_size(frame.size()) + frame.size();
  }
  const std::size_t room = size + base::short_frame_room;
  if (room > pool_->slab_size()) return false;
  std::byte* at = reserve(room);
  detail::copy_short(at, prefix.data(), prefix.size());
  at += prefix.size();
  for (const Frame& frame : frames.first(frames.size() - 1)) {
    at = base::put_short_frame(at, frame, wire::flag_more);
  }
  base::put_short_frame(at, frames.back(), 0);
  extend(size);
  ++messages_;
  return true;
}

void out_queue::append(std::span<const std::byte> prefix, std::span<const bytes> frames) {
  if (frames.back().size() <= wire::max_short_payload && append_short(prefix, frames)) return;
  append_all([&] {
    while (!prefix.empty()) append_frame(wire::next_frame(prefix).payload, nullptr, true);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      append_frame(frames[i].span(), &frames[i], i + 1 < frames.size());
    }
  });
}

void out_queue::append(std::span<const frame_view> frames) {
  if (append_short({}, frames)) return;
  append_all([&] {
    for (const frame_view& frame : frames) append_frame(frame.span(), nullptr, &frame != &frames.back());
  });
}

void out_queue::append(std::span<const std::byte> payload) {
  append_all([&] { append_frame(payload, nullptr, false); });
}

/// The frames of one message, or nothing.
template <class Steps>
[[gnu::always_inline]] inline void out_queue::append_all(Steps append_frames) {
  const std::size_t before = bytes_;
  try {
    append_frames();
  } catch (...) {
    cut_to(before);
    throw;
  }
  ++messages_;
}

/// Takes away what was appended behind the first `size` bytes.
void out_queue::cut_to(std::size_t size) noexcept {
  if (bytes_ > size) tail_ = nullptr;
  while (bytes_ > size) {
    chunk& last = chunks_.back();
    const std::size_t cut = std::min(bytes_ - size, last.size);
    last.size -= cut;
    bytes_ -= cut;
    if (last.size != 0) return;
    last.owner->release();
    chunks_.pop_back();
  }
}

bool out_queue::append_in_place(std::size_t size, const detail::payload_writer& fill) {
  if (size > pool_->slab_size()) return false;
  if (fits_a_segment(size)) {
    std::byte* const out = reserve(wire::header_size(size) + size);
    const std::size_t header = wire::put_header(out, size, 0);
    fill({out + header, size});
    extend(header + size);
  } else {
    base::slab* const whole = pool_->take();
    try {
      fill({whole->data(), size});
    } catch (...) {
      whole->release();
      throw;
    }
    const bytes content = bytes::take(*whole, whole->data(), size);
    append_all([&] { append_frame(content.span(), &content, false); });
    return true;
  }
  ++messages_;
  return true;
}

void out_queue::append_frame(std::span<const std::byte> payload, const bytes* owner, bool more) {
  const std::uint8_t flags = more ? wire::flag_more : 0;
  const bool copied =
      payload.size() < gather_threshold || (owner == nullptr && fits_a_segment(payload.size()));
  if (copied) {
    std::byte* out = reserve(wire::header_size(payload.size()) + payload.size());
    const std::size_t header = wire::put_header(out, payload.size(), flags);
    if (!payload.empty()) std::memcpy(out + header, payload.data(), payload.size());
    extend(header + payload.size());
    return;
  }
  extend(wire::put_header(reserve(wire::max_header_size), payload.size(), flags));
  if (owner != nullptr && owner->owner() != nullptr) {
    owner->owner()->retain();
    add_chunk(owner->owner(), payload.data(), payload.size());
    return;
  }
  if (payload.size() <= pool_->slab_size()) {
    base::slab* const copy = pool_->take();
    std::memcpy(copy->data(), payload.data(), payload.size());
    add_chunk(copy, copy->data(), payload.size());
    return;
  }
  base::heap_buffer* const copy = base::heap_buffer::make(payload.size());
  std::memcpy(copy->data(), payload.data(), payload.size());
  add_chunk(copy, copy->data(), payload.size());
}

/// What is the caller's must be copied in any case, and segments come back from a pool.
bool out_queue::fits_a_segment(std::size_t size) const noexcept {
  return wire::header_size(size) + size <= pool_->slab_size();
}

/// Room for `size` contiguous bytes at the end of the open segment.
std::byte* out_queue::reserve(std::size_t size) {
  if (room_ < size) {
    base::slab* fresh = pool_->take();
    if (segment_ != nullptr) segment_->release();
    segment_ = fresh;
    tail_end_ = fresh->data();
    room_ = fresh->capacity();
    tail_ = nullptr;
  }
  return tail_end_;
}

void out_queue::extend(std::size_t size) {
  if (tail_ == nullptr) {
    segment_->retain();
    add_chunk(segment_, tail_end_, 0);
    tail_ = &chunks_.back();
  }
  extend_tail(size);
}

/// Takes a reference over, in any case.
void out_queue::add_chunk(base::buffer* owner, const std::byte* data, std::size_t size) {
  try {
    chunks_.push_back({owner, data, size});
  } catch (...) {
    owner->release();
    throw;
  }
  bytes_ += size;
  tail_ = nullptr;
}

bool out_queue::share_with(out_queue& other) const noexcept {
  const std::size_t before = other.bytes_;
  try {
    for (std::size_t i = 0; i < chunks_.size(); ++i) other.refer_to(chunks_[i]);
  } catch (const std::bad_alloc&) {
    other.cut_to(before);
    return false;
  }
  other.messages_ += messages_;
  return true;
}

void out_queue::refer_to(const chunk& piece) {
  if (piece.size == 0) return;
  if (!chunks_.empty()) {
    chunk& last = chunks_.back();
    if (last.data + last.size == piece.data && last.owner == piece.owner) {
      last.size += piece.size;
      bytes_ += piece.size;
      return;
    }
    if (!may_share(piece.size)) {
      std::memcpy(reserve(piece.size), piece.data, piece.size);
      extend(piece.size);
      return;
    }
  }
  piece.owner->retain();
  add_chunk(piece.owner, piece.data, piece.size);
}

bool out_queue::may_share(std::size_t size) const noexcept {
  if (size < share_threshold) return false;
  return size >= gather_threshold || chunks_.size() < free_shares + bytes_ / gather_threshold;
}

void out_queue::start_anew() noexcept {
  const std::size_t kept = tail_ != nullptr ? 1 : 0;
  while (chunks_.size() > kept) {
    chunks_.front().owner->release();
    chunks_.pop_front();
  }
  if (tail_ != nullptr) *tail_ = {segment_, tail_end_, 0};
  bytes_ = 0;
  messages_ = 0;
}

void out_queue::release_unshared() noexcept {
  if (!empty() || segment_ == nullptr) return;
  if (tail_ != nullptr) {
    tail_ = nullptr;
    chunks_.clear();
    segment_->release();
  }
  if (segment_->unique()) clear();
}

std::size_t out_queue::gather(std::span<iovec> pieces) {
  std::size_t skip = written_;
  std::size_t count = 0;
  gathered_bytes_ = 0;
  for (std::size_t i = 0; i < chunks_.size() && count < pieces.size(); ++i) {
    const chunk& piece = chunks_[i];
    gathered_bytes_ += piece.size;
    if (skip >= piece.size) {
      skip -= piece.size;
      continue;
    }
    pieces[count++] = {const_cast<std::byte*>(piece.data) + skip, piece.size - skip};  // NOLINT: to be read
    skip = 0;
  }
  gathered_messages_ = gathered_bytes_ == bytes_ ? messages_ : 0;
  return count;
}

std::size_t out_queue::gather_first_message(std::span<iovec> pieces) {
  const std::size_t size = first_message_size();
  std::size_t left = size - written_;
  std::size_t count = gather(pieces);
  for (std::size_t i = 0; i < count; ++i) {
    pieces[i].iov_len = std::min(pieces[i].iov_len, left);
    left -= pieces[i].iov_len;
    if (left == 0) count = i + 1;
  }
  gathered_bytes_ = std::min(gathered_bytes_, size);
  gathered_messages_ = 0;
  return count;
}

void out_queue::written(std::size_t size) {
  written_ += size;
  assert(written_ <= bytes_);
  if (written_ == bytes_) {
    clear();
  } else if (written_ == gathered_bytes_ && gathered_messages_ != 0) {
    // All that was gathered is out and it ended with a whole message: no need to look at each.
    messages_ -= gathered_messages_;
    drop_front(std::exchange(written_, 0));
  } else {
    release_whole_messages();
  }
}

void out_queue::release_whole_messages() {
  while (written_ > 0) {
    const std::size_t size = first_message_size();
    if (size > written_) break;
    drop_front(size);
    written_ -= size;
    --messages_;
  }
}

/// Size of the message at the front, which is whole in the queue.
std::size_t out_queue::first_message_size() const {
  std::size_t total = 0;
  std::size_t index = 0;
  const chunk* piece = &chunks_.front();
  std::size_t at = 0;
  const auto turn_to_next = [&] {
    piece = &chunks_[++index];
    at = 0;
  };
  for (;;) {
    if (at == piece->size) turn_to_next();
    const wire::header header = wire::read_header(piece->data + at);
    total += header.size + header.payload;
    at += header.size;
    if (header.payload > 0 && at == piece->size) turn_to_next();
    at += header.payload;
    if ((header.flags & wire::flag_more) == 0) return total;
  }
}

void out_queue::drop_front(std::size_t size) noexcept {
  bytes_ -= size;
  gathered_bytes_ -= std::min(size, gathered_bytes_);
  gathered_messages_ = 0;
  while (size > 0) {
    chunk& front = chunks_.front();
    if (size < front.size) {
      front.data += size;
      front.size -= size;
      return;
    }
    size -= front.size;
    if (chunks_.size() == 1) tail_ = nullptr;
    front.owner->release();
    chunks_.pop_front();
  }
}

std::uint64_t out_queue::drop_unsent(bool in_flight) {
  const std::uint64_t before = messages_;
  if (!in_flight && written_ == 0) {
    clear();
    return before;
  }
  // Keep whole messages up to the end of what is being written.
  const std::size_t keep_at_least = in_flight ? gathered_bytes_ : written_;
  out_queue kept(pool_);
  kept.chunks_.reserve(chunks_.size());
  const std::size_t already_written = written_;
  const std::uint64_t kept_messages = move_started(kept, keep_at_least);
  clear();
  chunks_.swap(kept.chunks_);
  bytes_ = std::exchange(kept.bytes_, 0);
  written_ = already_written;
  messages_ = kept_messages;
  gathered_bytes_ = in_flight ? keep_at_least : 0;
  gathered_messages_ = 0;
  return before - kept_messages;
}

/// Whole messages up to the end of what a write has; returns how many.
std::uint64_t out_queue::move_started(out_queue& to, std::size_t at_least) {
  std::uint64_t moved = 0;
  for (std::size_t bytes = 0; bytes < at_least; ++moved) {
    std::size_t left = first_message_size();
    bytes += left;
    while (left > 0) {
      chunk& front = chunks_.front();
      const std::size_t taken = std::min(left, front.size);
      front.owner->retain();
      to.add_chunk(front.owner, front.data, taken);
      drop_front(taken);
      left -= taken;
    }
  }
  return moved;
}

void out_queue::put_in_front(out_queue& started) {
  for (std::size_t i = started.chunks_.size(); i-- > 0;) chunks_.push_front(started.chunks_[i]);
  started.chunks_.clear();  // whose references went along
  bytes_ += std::exchange(started.bytes_, 0);
  if (tail_ != nullptr) tail_ = &chunks_.back();  // the chunks may have moved
}

out_queue::shortened out_queue::drop_oldest(bool in_flight, std::uint64_t keep_messages,
                                            std::size_t keep_bytes) {
  out_queue started(pool_);
  started.chunks_.reserve(chunks_.size());
  chunks_.reserve(chunks_.size() + 1);  // one may be divided
  if (tail_ != nullptr) tail_ = &chunks_.back();
  const std::size_t begun = in_flight ? gathered_bytes_ : written_;
  const std::size_t already_written = std::exchange(written_, 0);
  const std::uint64_t moved = move_started(started, begun);
  const std::uint64_t before = messages_ - moved;
  std::uint64_t left = before;
  while (left > 1 && (left > keep_messages || started.bytes_ + bytes_ - already_written > keep_bytes)) {
    drop_front(first_message_size());
    --left;
  }
  put_in_front(started);
  messages_ = moved + left;
  written_ = already_written;
  gathered_bytes_ = in_flight ? begun : 0;
  gathered_messages_ = 0;
  return {before - left, left};
}

void out_queue::clear() noexcept {
  for (std::size_t i = 0; i < chunks_.size(); ++i) chunks_[i].owner->release();
  chunks_.clear();
  if (chunks_.capacity() > max_kept_chunks) chunks_.release();
  // An idle connection keeps no memory for sending.
  if (segment_ != nullptr) std::exchange(segment_, nullptr)->release();
  tail_end_ = nullptr;
  room_ = 0;
  tail_ = nullptr;
  bytes_ = written_ = gathered_bytes_ = 0;
  messages_ = gathered_messages_ = 0;
}

}  // namespace monocoque::engine
