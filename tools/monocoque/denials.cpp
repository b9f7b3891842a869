#include "denials.hpp"

#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace tool {
namespace {

/// A CURVE server does not answer who has another key for it.
constexpr std::string_view wrong_key_hint = "as a server does if --server-key is not its key";

}  // namespace

denials::denials(const socket_command& command, std::stop_source& end)
    : command_(command), end_(end), places_left_(command.binds.empty() ? command.connects.size() : 0) {}

void denials::note(const monocoque::event& happened) {
  using enum monocoque::event_kind;
  if (std::ranges::find(command_.connects, happened.endpoint) == command_.connects.end()) return;
  if (happened.kind == closed && happened.reason == monocoque::errc::authentication_failed) {
    note_denial(happened);
  } else if (happened.kind == handshake_failed) {
    note_failure(happened);
  } else if (happened.kind == handshake_done) {
    const std::lock_guard lock(mutex_);
    hint_.clear();
  }
}

void denials::note_denial(const monocoque::event& happened) {
  auto why = monocoque::error(happened.reason).with_endpoint(happened.endpoint).with_peer({});
  {
    const std::lock_guard lock(mutex_);
    if (places_left_ != 1) {
      if (places_left_ > 1) --places_left_;
      complain(why.message());
      return;
    }
    places_left_ = 0;
    reason_ = std::move(why);
  }
  end_.request_stop();
}

void denials::note_failure(const monocoque::event& happened) {
  const bool is_closed =
      happened.reason == monocoque::errc::peer_disconnected && command_.security.server_key;
  const std::lock_guard lock(mutex_);
  hint_ = is_closed ? wrong_key_hint : "";
  const bool is_mismatch = happened.reason == monocoque::errc::mechanism_mismatch;
  if (command_.timeout_ms || (!is_closed && !is_mismatch) || !told_.insert(happened.endpoint).second) return;
  const auto why = monocoque::error(happened.reason).with_endpoint(happened.endpoint).with_peer({});
  complain(hint_.empty() ? why.message() : fmt::format("{}, {}", why.message(), hint_));
}

std::optional<monocoque::error> denials::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

std::string denials::hint() const {
  const std::lock_guard lock(mutex_);
  return hint_;
}

}  // namespace tool
