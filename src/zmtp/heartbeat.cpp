#include "zmtp/heartbeat.hpp"

#include <algorithm>

namespace monocoque::zmtp {
namespace {

constexpr std::chrono::milliseconds another_moment{10};

}  // namespace

void heartbeat::start(const heartbeat_terms& wanted, time_point now) noexcept {
  terms_ = &wanted;
  heard_ = now;
  if (wanted.interval.count() > 0) next_ping_ = now + wanted.interval;
}

bool heartbeat::waits() const noexcept {
  return terms_ != nullptr && terms_->timeout.count() > 0 && pinged_ >= heard_;
}

time_point heartbeat::deadline() const noexcept {
  const time_point answer = waits() ? pinged_ + terms_->timeout : never;
  return peer_ttl_.count() > 0 ? std::min(answer, heard_ + peer_ttl_) : answer;
}

time_point heartbeat::next_timeout() const noexcept {
  return second_look_ != never ? second_look_ : std::min({next_ping_, next_look_, deadline()});
}

void heartbeat::look_often(time_point now) noexcept {
  constexpr int looks = 4;  // before the time is over
  if (waits()) next_look_ = now + std::max(terms_->timeout / looks, another_moment);
}

heartbeat::verdict heartbeat::handle_timeout(time_point now, bool excused) noexcept {
  if (terms_ == nullptr) return verdict::nothing;
  if (excused) heard_ = now;
  if (now >= next_look_) {
    next_look_ = never;
    look_often(now);
  }
  if (now >= deadline()) {
    if (second_look_ == never) second_look_ = now + another_moment;
    return now >= second_look_ ? verdict::missed : verdict::nothing;
  }
  second_look_ = never;
  if (now < next_ping_) return verdict::nothing;
  next_ping_ = now + terms_->interval;
  asks_anew_ = pinged_ < heard_;
  if (asks_anew_) pinged_ = now;
  return verdict::ping;
}

std::string heartbeat::complaint() const {
  const bool unanswered = waits() && (peer_ttl_.count() == 0 || deadline() != heard_ + peer_ttl_);
  const auto span = unanswered ? terms_->timeout : peer_ttl_;
  return "nothing came for " + std::to_string(span.count()) + " ms" +
         (unanswered ? " after a PING" : ", the time to live that the peer's PING asked for");
}

}  // namespace monocoque::zmtp
