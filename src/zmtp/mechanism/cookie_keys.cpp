#include "zmtp/mechanism/cookie_keys.hpp"

#include <algorithm>

namespace monocoque::zmtp {

cookie_keys::cookie cookie_keys::seal(std::span<const std::byte, curve::cookie::text_size> text,
                                      time_point now) {
  const auto drawn = curve::draw();
  cookie made{};
  std::ranges::copy(drawn, made.begin());
  const std::lock_guard lock(mutex_);
  if (!made_ || now - *made_ >= lifetime_) {
    // After a long time without a client the current one is as old as the previous.
    const bool too_old = !made_ || now - *made_ >= 2 * lifetime_;
    if (too_old) {
      previous_.randomize();
    } else {
      previous_ = current_;
    }
    current_.randomize();
    made_ = now;
  }
  current_.seal(std::span(made).subspan<curve::cookie::box_at>(), text,
                curve::nonce_of(curve::cookie_prefix, drawn));
  return made;
}

bool cookie_keys::open(content into, std::span<const std::byte, curve::cookie::size> sealed) {
  const crypto::nonce number = curve::nonce_of(curve::cookie_prefix, sealed.first<curve::random_size>());
  const auto box = sealed.subspan<curve::cookie::box_at>();
  const std::lock_guard lock(mutex_);
  return made_ && (current_.open(into, box, number) || previous_.open(into, box, number));
}

}  // namespace monocoque::zmtp
