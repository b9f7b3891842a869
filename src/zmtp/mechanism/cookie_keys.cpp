#include "zmtp/mechanism/cookie_keys.hpp"

#include <algorithm>
#include <utility>

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
  ++given_;
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

void cookie_keys::forget_one() noexcept {
  const std::lock_guard lock(mutex_);
  if (--given_ != 0) return;
  current_.wipe();
  previous_.wipe();
  made_.reset();
}

given_cookie::given_cookie(std::shared_ptr<cookie_keys> keys,
                           std::span<const std::byte, curve::cookie::text_size> text, time_point now,
                           cookie_keys::cookie& sealed)
    : keys_(std::move(keys)) {
  sealed = keys_->seal(text, now);
  std::ranges::copy(std::span(sealed).first<curve::random_size>(), number_.begin());
}

bool given_cookie::open(cookie_keys::content into, std::span<const std::byte, curve::cookie::size> sealed) {
  return crypto::same(sealed.first<curve::random_size>(), number_) && keys_->open(into, sealed);
}

}  // namespace monocoque::zmtp
