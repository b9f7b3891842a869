#pragma once

#include "engine/fan_out.hpp"
#include "engine/pipe.hpp"

#include <monocoque/detail/lanes.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace monocoque::engine {

/// A socket's lanes and the pipes that they lead to: one, or all that a fan-out goes to. What went over a
/// lane is not in its pipe's books until the lane is shut: entering the monitor shuts both, but for
/// `try_send` and `try_receive`, which each leave the other's lane alone. Guarded by the socket's monitor; in
/// an inline context the application uses the lanes without it, on the same thread.
class open_lanes {
 public:
  explicit open_lanes(bool for_application) noexcept : for_application_(for_application) {}
  /// From now on messages of several frames do not go out over a lane.
  void keep_to_single_frames() noexcept { lanes_.out.closed_to_several_ = UINT32_MAX; }

  /// Lanes that the application may use on its own: never open in a threaded context.
  [[nodiscard]] detail::lanes& for_application() noexcept { return for_application_ ? lanes_ : never_open_; }
  [[nodiscard]] detail::lanes& for_engine() noexcept { return lanes_; }

  /// For up to `messages`, as long as there are `bytes` of room for them.
  void open_out(pipe& target, std::uint64_t messages, std::size_t bytes) noexcept;
  /// For as many as its budget has.
  void open_out(fan_out& to) noexcept;
  /// For up to `messages`, which must be there; each is to get a copy of `first` in front, if there is one,
  /// which must stay as it is until the lane is shut.
  void open_in(pipe& source, std::uint64_t messages, const bytes* first) noexcept;
  void shut_out() noexcept {
    if (lanes_.out.opened_ != 0) settle_out();
  }
  void shut_in() noexcept {
    if (lanes_.in.opened_ != 0) settle_in();
  }
  [[nodiscard]] bool any_open() const noexcept {
    return (lanes_.out.opened_ | lanes_.in.opened_) != 0 || to_all_.is_open();
  }
  void shut() noexcept {
    shut_out();
    to_all_.hand_over();
    shut_in();
  }
  /// Shut, with nothing done about what went over them.
  void abandon() noexcept {
    lanes_.out.opened_ = lanes_.out.left_ = lanes_.in.opened_ = lanes_.in.left_ = 0;
    to_all_.abandon();
  }
  [[nodiscard]] fan_out& to_all() noexcept { return to_all_; }

 private:
  void open_out(std::span<std::byte> room, std::uint64_t messages) noexcept;
  void settle_out() noexcept;
  void settle_in() noexcept;

  detail::lanes lanes_;
  detail::lanes never_open_;
  pipe* target_ = nullptr;  // null: all
  fan_out to_all_;
  pipe* source_ = nullptr;
  const bool for_application_;
};

}  // namespace monocoque::engine
