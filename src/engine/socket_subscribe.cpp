// Subscribing to topics, and joining groups.

#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/send_code.hpp"
#include "engine/socket_core.hpp"
#include "pattern/group_message.hpp"

#include <mutex>
#include <string>
#include <utility>

namespace monocoque::engine {
namespace {

std::string_view what_it_does(bool add, socket_type by) noexcept {
  if (by == socket_type::dish) return add ? "join" : "leave";
  return add ? "subscribe" : "unsubscribe";
}

std::string why_no_group(std::string_view name, bool add) {
  if (name.size() > pattern::max_group_size)
    return "a group's name of " + std::to_string(name.size()) + " octets; 255 are the limit";
  return add ? "this group was joined before" : "this group was not joined";
}

}  // namespace

void socket_core::tell_subscription(const pattern::send_verdict& verdict) {
  for (const base::peer_id id : verdict.to) {
    pipe* const target = find(id);
    if (target != nullptr && target->link != nullptr)
      target->link->queue_subscription(verdict.add, verdict.topic);
    if (target != nullptr && target->inproc) {
      const inproc_kind kind = verdict.add ? inproc_kind::subscribe : inproc_kind::cancel;
      with_memory(
          [&] {
            if (target->inproc->out.push(kind, message(verdict.topic))) owe_call(*target->inproc);
            ++target->inproc->subscriptions_out;
          },
          [&] { end_inproc(peers_[id.slot], out_of_memory()); });
    }
  }
}

result<void> socket_core::subscribe(std::string_view topic, bool add) {
  const hold lock(mutex_, owes_calls_);
  const std::string_view doing = what_it_does(add, type_);
  if (!usable()) return why_unusable(doing, last_endpoint_);
  const pattern::send_verdict verdict = pattern_->subscribe(std::as_bytes(std::span(topic)), add);
  if (verdict.kind == pattern::send_kind::subscription) {
    tell_subscription(verdict);
  } else if (const errc refused = code_of(verdict.kind); refused != errc{}) {
    const bool is_group = refused == errc::invalid_argument;
    return error(make_error_code(refused), is_group ? why_no_group(topic, add) : std::string())
        .with_doing(std::string(doing));
  }
  return {};
}

result<void> socket_core::subscribe_last_peer(std::string_view topic, bool add) {
  const std::lock_guard lock(mutex_);
  const std::string_view doing = add ? "subscribe the last peer" : "unsubscribe the last peer";
  if (!usable()) return why_unusable(doing, last_endpoint_);
  result<void> done = pattern_->subscribe_last_peer(std::as_bytes(std::span(topic)), add);
  if (!done) return std::move(done).error().with_doing(std::string(doing));
  return {};
}

}  // namespace monocoque::engine
