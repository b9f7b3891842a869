#include "denials.hpp"

#include "output.hpp"

#include <utility>

namespace tool {

void denials::note(const monocoque::event& happened) {
  if (happened.kind != monocoque::event_kind::closed ||
      !(happened.reason == monocoque::errc::authentication_failed))
    return;
  auto why = monocoque::error(happened.reason).with_endpoint(happened.endpoint);
  {
    const std::lock_guard lock(mutex_);
    if (left_ != 1) {
      if (left_ > 1) --left_;
      complain(why.message());
      return;
    }
    left_ = 0;
    reason_ = std::move(why);
  }
  end_.request_stop();
}

std::optional<monocoque::error> denials::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

}  // namespace tool
