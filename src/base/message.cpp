#include <monocoque/message.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace monocoque {

message message::of(std::span<const frame_view> frames) {
  message made;
  if (frames.size() == 1) made.only_ = bytes::copy(frames.front().span());
  if (frames.size() < 2) return made;
  auto block = detail::frame_block::make(1, std::max(frames.size(), usual_frames));
  for (const frame_view& frame : frames) block->add_behind(frame.span());
  made.place_.set(std::move(block));
  return made;
}

message::message(const message& other) : only_(other.only_), peer_(other.peer_) {
  const auto place = other.place_.now();
  if (place.is_packed()) place_.set(place.layout());
  if (place.is_one() || place.is_packed()) return;
  auto block = detail::frame_block::make(1, std::max(place.block()->count(), usual_frames));
  for (const bytes& frame : place.block()->frames()) block->add_behind(bytes(frame));
  place_.set(std::move(block));
}

message& message::operator=(const message& other) {
  if (this != &other) *this = message(other);
  return *this;
}

std::size_t message::byte_count_of_several() const noexcept {
  const auto place = place_.now();
  if (place.is_packed()) return only_.size() - detail::packed_layout::header * place.layout().count();
  std::size_t total = 0;
  for (const bytes& frame : place.block()->frames()) total += frame.size();
  return total;
}

detail::frame_block& message::unpack(detail::packed_layout layout) const {
  auto made = detail::frame_block::make(1, usual_frames);
  for (std::size_t i = 0; i < layout.count(); ++i) made->add_behind(layout.payload(run(), i));
  return place_.publish(layout, std::move(made));
}

detail::frame_block& message::enlarge_several(std::size_t in_front) {
  place_.set(block().enlarged(in_front));
  return block();
}

const bytes& message::at(std::size_t index) const {
  if (index >= size()) {
    throw std::out_of_range("message::at: frame " + std::to_string(index) + " of " + std::to_string(size()));
  }
  return (*this)[index];
}

message& message::push_back_slowly(bytes&& frame) {
  if (has_several()) {
    detail::frame_block& frames = block();
    (frames.has_room_behind() ? frames : enlarge_several()).add_behind(std::move(frame));
  } else {
    detail::frame_block& frames = begin_several();
    frames.add_behind(std::move(only_));
    frames.add_behind(std::move(frame));
  }
  return *this;
}

message& message::push_front(bytes frame) & {
  if (!has_several()) begin_several().add_behind(std::move(only_));
  // As many free places as there are frames, so that each frame is moved once or twice however many come.
  detail::frame_block& frames = block();
  (frames.has_room_in_front() ? frames : enlarge_several(frames.count())).add_in_front() = std::move(frame);
  return *this;
}

bytes message::pop_front() {
  bytes taken = std::move(own_frames().front());
  if (size() > 1) block().remove_front();
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
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left.view(i) != right.view(i)) return false;
  }
  return true;
}

}  // namespace monocoque
