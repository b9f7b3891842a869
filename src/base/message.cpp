#include <monocoque/message.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace monocoque {

message message::of(std::span<const frame_view> frames) {
  message made;
  if (frames.size() == 1) made.only_ = bytes::copy(frames.front().span());
  if (frames.size() < 2) return made;
  made.several_ = detail::frame_block::make(1, std::max(frames.size(), usual_frames));
  for (const frame_view& frame : frames) made.several_->add_behind(frame.span());
  return made;
}

message::message(const message& other) : only_(other.only_), peer_(other.peer_) {
  if (!other.several_) return;
  several_ = detail::frame_block::make(1, std::max(other.size(), usual_frames));
  for (const bytes& frame : other.frames()) several_->add_behind(bytes(frame));
}

message& message::operator=(const message& other) {
  if (this != &other) *this = message(other);
  return *this;
}

std::size_t message::byte_count_of_several() const noexcept {
  std::size_t total = 0;
  for (const bytes& frame : frames()) total += frame.size();
  return total;
}

const bytes& message::at(std::size_t index) const {
  if (index >= size()) {
    throw std::out_of_range("message::at: frame " + std::to_string(index) + " of " + std::to_string(size()));
  }
  return (*this)[index];
}

message& message::push_back_slowly(bytes&& frame) {
  if (several_) {
    enlarge_several().add_behind(std::move(frame));
  } else {
    detail::frame_block& frames = begin_several();
    frames.add_behind(std::move(only_));
    frames.add_behind(std::move(frame));
  }
  return *this;
}

message& message::push_front(bytes frame) & {
  if (!several_) begin_several().add_behind(std::move(only_));
  // As many free places as there are frames, so that each frame is moved once or twice however many come.
  if (!several_->has_room_in_front()) several_ = several_->enlarged(several_->count());
  several_->add_in_front() = std::move(frame);
  return *this;
}

bytes message::pop_front() {
  bytes taken = std::move(own_frames().front());
  if (size() > 1) several_->remove_front();
  return taken;
}

message& message::append(std::string_view tail) & {
  bytes& last = own_frames().back();
  std::string joined;
  joined.reserve(last.size() + tail.size());
  joined.append(last.view()).append(tail);
  last = bytes::adopt(std::move(joined));
  return *this;
}

void message::compact() {
  for (bytes& frame : own_frames()) {
    if (!frame.is_inline()) frame = bytes::copy(frame.span());
  }
}

bool operator==(const message& left, const message& right) noexcept {
  return std::ranges::equal(left.frames(), right.frames());
}

}  // namespace monocoque
