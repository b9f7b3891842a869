#include "engine/open_lanes.hpp"

#include <algorithm>
#include <utility>

namespace monocoque::engine {
namespace {

/// So many messages at a time: that a coroutine which can always send gets back to its loop, ...
constexpr std::uint64_t longest_way_out = 64;
/// ... and, in a threaded context, that a slow stream is looked at as often as the clock should be. What is
/// in the lane leaves without its sender, too, with the next look of whoever is on watch
/// (io/unhurried_work.hpp).
constexpr std::uint64_t longest_way_out_threaded = 32;

}  // namespace

void open_lanes::open_out(pipe& target, std::uint64_t messages, std::size_t bytes) noexcept {
  target_ = &target;
  const std::span<std::byte> room = target.out.open_room();
  open_out(room.first(std::min(room.size(), bytes)), messages);
}

void open_lanes::open_out(fan_out& to) noexcept {
  target_ = nullptr;
  open_out(to.open_room(), to.messages_left());
}

void open_lanes::open_out(std::span<std::byte> room, std::uint64_t messages) noexcept {
  if (room.empty() || messages == 0) return;
  detail::send_lane& out = lanes_.out;
  out.at_ = room.data();
  out.end_ = room.data() + room.size();
  out.opened_ = out.left_ = static_cast<std::uint32_t>(
      std::min(messages, for_application_ ? longest_way_out : longest_way_out_threaded));
}

void open_lanes::settle_out() noexcept {
  detail::send_lane& out = lanes_.out;
  if (target_ != nullptr) {
    target_->out.commit(out.at_, out.opened_ - out.left_);
  } else {
    to_all_.commit(out.at_, out.opened_ - out.left_);
  }
  out.opened_ = out.left_ = 0;
}

void open_lanes::open_in(pipe& source, std::uint64_t messages, const bytes* first) noexcept {
  const in_queue::stretch ahead = source.in.first_stretch();
  const std::uint64_t count = std::min<std::uint64_t>(messages, ahead.messages);
  if (count == 0) return;
  source_ = &source;
  detail::receive_lane& in = lanes_.in;
  in.at_ = ahead.at;
  in.end_ = ahead.end;
  in.owner_ = ahead.owner;
  in.front_ = first;
  in.plain_ = first == nullptr ? std::byte{0} : std::byte{0xff};  // which no frame has
  in.opened_ = in.left_ = static_cast<std::uint32_t>(count);
  in.peer_ = source.sender.prepay(in.opened_);
}

void open_lanes::settle_in() noexcept {
  detail::receive_lane& in = lanes_.in;
  if (in.references_ != 0) in.owner_->release(std::exchange(in.references_, 0U));
  source_->in.commit(in.at_, in.opened_ - in.left_);
  detail::peer_ref::give_back(in.peer_, in.left_);
  in.opened_ = in.left_ = 0;
}

}  // namespace monocoque::engine
