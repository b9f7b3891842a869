#include "engine/inproc_registry.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace monocoque::engine {

using clock = std::chrono::steady_clock;

namespace {

/// Takes those out whose time is over, to be destroyed without the mutex. Throws with nothing done.
inproc_registry::channels drop_expired(inproc_registry::channels& waiting, clock::time_point now) {
  inproc_registry::channels dropped;
  dropped.reserve(waiting.size());
  std::erase_if(waiting, [&](const auto& each) {
    if (each->keep_until > now) return false;
    dropped.push_back(each);
    return true;
  });
  return dropped;
}

}  // namespace

std::optional<inproc_registry::channels> inproc_registry::bind(const std::string& name,
                                                               const std::shared_ptr<socket_core>& binder,
                                                               clock::time_point now) {
  channels dropped;  // destroyed without the mutex
  const std::lock_guard lock(mutex_);
  place& found = places_[name];
  if (!found.binder.expired()) return std::nullopt;
  dropped = drop_expired(found.waiting, now);
  found.binder = binder;
  return std::exchange(found.waiting, {});
}

void inproc_registry::unbind(const std::string& name) {
  const std::lock_guard lock(mutex_);
  places_.erase(name);  // while it was bound nobody waited
}

bool inproc_registry::is_bound(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(name);
  return found != places_.end() && !found->second.binder.expired();
}

std::shared_ptr<socket_core> inproc_registry::connect(const std::shared_ptr<inproc_channel>& channel) {
  const std::lock_guard lock(mutex_);
  place& found = places_[channel->name()];
  if (auto binder = found.binder.lock()) return binder;
  found.waiting.push_back(channel);
  return nullptr;
}

bool inproc_registry::abandon(const inproc_channel& channel, clock::time_point keep_until,
                              clock::time_point now) noexcept {
  channels dropped;
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(channel.name());
  if (found == places_.end()) return false;
  channels& waiting = found->second.waiting;
  const auto which = std::ranges::find(waiting, &channel, [](const auto& each) { return each.get(); });
  if (which == waiting.end()) return false;
  (*which)->keep_until = keep_until;
  try {
    dropped = drop_expired(waiting, now);
  } catch (const std::bad_alloc&) {
    return true;  // the next one drops them, or the end of the context
  }
  if (waiting.empty() && found->second.binder.expired()) places_.erase(found);
  return true;
}

}  // namespace monocoque::engine
