#include "event_digest.hpp"

#include <monocoque/options.hpp>

#include <algorithm>
#include <string_view>

namespace tool {
namespace {

using namespace std::chrono_literals;

constexpr auto pace = 1000ms;

bool comes_often(const monocoque::event& what) {
  using enum monocoque::event_kind;
  return what.kind == high_water_reached || what.kind == high_water_left || what.kind == dropped;
}

/// What it is about, but not how often.
std::string subject_of(const monocoque::event& what) {
  std::string subject(name_of(what.kind));
  subject.append(what.sending ? ">" : "<").append(label_of(what.why));
  return subject.append(" ").append(what.endpoint).append(" ").append(what.peer_address);
}

}  // namespace

void event_digest::add(const monocoque::event& happened) {
  if (!comes_often(happened)) {
    show_(happened);
    return;
  }
  if (const auto now = clock::now(); held_.empty() && now - shown_at_ >= pace) {
    shown_at_ = now;
    show_(happened);
    return;
  }
  const auto [held, fresh] = held_.try_emplace(subject_of(happened), happened);
  if (!fresh) held->second.count += happened.count;
}

std::chrono::milliseconds event_digest::wait_time() const {
  if (held_.empty()) return monocoque::infinite;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(shown_at_ + pace - clock::now());
  return std::max(left, 0ms);
}

void event_digest::show_held() {
  for (const auto& [subject, what] : held_) show_(what);
  held_.clear();
  shown_at_ = clock::now();
}

}  // namespace tool
