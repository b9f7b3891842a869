#include "engine/in_queue.hpp"

#include "base/buffer.hpp"
#include "base/wire.hpp"

#include <utility>

namespace monocoque::engine {

namespace wire = base::wire;

void in_queue::push(bytes run, std::uint32_t count) {
  if (count == 0) return;
  messages_ += count;
  bytes_.acquire(run.size());
  runs_.push_back({std::move(run), count});
}

std::uint64_t in_queue::keep_newest() {
  if (messages_ <= 1) return 0;
  const std::uint64_t dropped = messages_ - 1;
  while (messages_ > 1) pop(front().size());
  return dropped;
}

void in_queue::push_front_all(in_queue& older) {
  if (older.empty()) return;
  if (older.offset_ > 0) {  // the part of its first run that is left becomes a run of its own
    run_of& first = older.runs_.front();
    first.data = first.data.slice(older.offset_);
    first.count -= older.taken_;
    older.offset_ = 0;
    older.taken_ = 0;
  }
  if (offset_ > 0) {
    run_of& first = runs_.front();
    first.data = first.data.slice(offset_);
    first.count -= taken_;
    offset_ = 0;
    taken_ = 0;
  }
  for (auto run = older.runs_.rbegin(); run != older.runs_.rend(); ++run) runs_.push_front(std::move(*run));
  messages_ += std::exchange(older.messages_, 0);
  bytes_.acquire(older.byte_size());
  older.bytes_.release(older.byte_size());
  older.runs_.clear();
}

std::span<const std::byte> in_queue::front() const noexcept {
  const std::span<const std::byte> rest = runs_.front().data.span().subspan(offset_);
  return rest.first(wire::message_size(rest));
}

void in_queue::pop(std::size_t size) noexcept {
  --messages_;
  bytes_.release(size);
  offset_ += size;
  if (++taken_ == runs_.front().count) {
    runs_.pop_front();
    offset_ = 0;
    taken_ = 0;
  }
}

message in_queue::decode(std::span<const std::byte> part, bool copy) const {
  base::buffer* const owner = copy ? nullptr : runs_.front().data.owner();
  const auto payload_of = [owner](const wire::frame& frame) {
    return owner != nullptr ? bytes::share(*owner, frame.payload.data(), frame.payload.size())
                            : bytes::copy(frame.payload);
  };
  wire::frame frame = wire::next_frame(part);
  message decoded(payload_of(frame));
  while (frame.more) {
    frame = wire::next_frame(part);
    decoded.push_back(payload_of(frame));
  }
  return decoded;
}

}  // namespace monocoque::engine
