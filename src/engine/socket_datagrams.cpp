// Endpoints of udp, and what comes in over them.

#include "engine/context_core.hpp"
#include "engine/datagram_end.hpp"
#include "engine/socket_core.hpp"
#include "transport/network.hpp"

#include <algorithm>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <variant>

namespace monocoque::engine {
namespace {

using transport::purpose;

transport::datagram_options settings_of(const socket_options& options) {
  return {.send_buffer = options.kernel_send_buffer,
          .receive_buffer = options.kernel_receive_buffer,
          .type_of_service = options.type_of_service,
          .multicast_hops = options.multicast_hops,
          .multicast_loop = options.multicast_loop,
          .bind_to_device = options.bind_to_device};
}

/// Looks a name up on the calling thread: the answer belongs to this call.
result<transport::datagram_socket> open(transport::network& network, const transport::endpoint& where,
                                        purpose wanted, const socket_options& options) {
  const auto addresses = network.resolve(where, wanted, options.ipv6);
  if (!addresses) return addresses.error();
  result<transport::datagram_socket> opened(errc::resolve_failed);
  for (const transport::socket_address& address : *addresses) {
    opened = network.open_datagrams(where, wanted, address, settings_of(options));
    if (opened) break;
  }
  return opened;
}

/// What is asked for must not be missing without a word.
bool asks_for_security(const socket_options& options) {
  return !std::holds_alternative<no_security>(options.security) || options.authenticate;
}

}  // namespace

result<void> socket_core::open_datagrams(const transport::endpoint& where, purpose wanted) {
  const std::string doing(name_of(wanted));
  const bool binds = wanted == purpose::bind;
  const auto fail = [&](error reason) {
    reason = std::move(reason).with_doing(doing).with_endpoint(where.text);
    if (binds)
      report(event_kind::bind_failed, [&] { return event{.endpoint = where.text, .reason = reason}; });
    return reason;
  };
  const shared_options options = current_options();
  if (asks_for_security(*options))
    return fail({make_error_code(errc::transport_mismatch), "there is no security over udp"});
  if (!context_->has_loop(options->io_thread_affinity)) {
    return fail({make_error_code(errc::invalid_argument),
                 "option io_thread_affinity names no I/O thread of this context"});
  }
  result<transport::datagram_socket> opened = open(context_->network(), where, wanted, *options);
  if (!opened) return fail(std::move(opened).error());
  io::loop& loop = context_->next_loop(options->io_thread_affinity);
  const hold lock(mutex_, owes_calls_);
  if (!usable()) return why_unusable(doing, where.text);
  const std::shared_ptr<pipe> peer = make_pipe(loop);
  auto made = std::make_shared<datagram_end>(shared_from_this(), loop, where, *std::move(opened), peer);
  std::string last = made->last_endpoint();
  peer->endpoint = std::make_shared<const std::string>(last);
  peer->datagrams = made.get();
  base::make_room_for_one(datagram_ends_);
  if (const result<void> attached = attach(peer, {}, false); !attached)
    return error(attached.error()).with_doing(doing).with_endpoint(where.text);
  datagram_ends_.push_back(made);
  last_endpoint_ = std::move(last);
  report_locked(binds ? event_kind::listening : event_kind::connected,
                [&] { return event{.endpoint = made->last_endpoint(), .descriptor = made->descriptor()}; });
  made->begin();
  notify(direction::send);
  return {};
}

bool socket_core::close_datagrams(std::string_view endpoint, purpose opened_to) noexcept {
  const bool bound = opened_to == purpose::bind;
  const auto found = std::find_if(datagram_ends_.rbegin(), datagram_ends_.rend(), [&](const auto& each) {
    return each->is_bound() == bound && !each->ending() &&
           (each->endpoint() == endpoint || each->last_endpoint() == endpoint);
  });
  if (found == datagram_ends_.rend()) return false;
  pipe& leaving = *(*found)->peer();
  leaving.sends_no_more = true;
  pattern_->shut(leaving.id);
  (*found)->end(context_->deadline_after(options_->linger));
  return true;
}

/// What a DISH has not joined is not to take the room of what it has.
void socket_core::deliver_datagram(pipe& from, bytes message) noexcept {
  const std::lock_guard lock(mutex_);
  if (closing_ || from.sends_no_more) return;
  if (message.empty()) return count_drops(drop_reason::unexpected, 1, &from);
  if (pattern_->is_selective() && !pattern_->lets_in(base::wire::first_payload(message.span()))) return;
  if (at_receive_limit(from)) return count_drops(drop_reason::full, 1, &from);
  try {
    take_in(from, std::move(message), 1);
  } catch (const std::bad_alloc&) {
    return;  // and it is counted
  }
}

void socket_core::datagrams_over(datagram_end& over) noexcept {
  std::shared_ptr<datagram_end> last_reference;
  const std::lock_guard lock(mutex_);
  report_locked(event_kind::closed,
                [&] { return event{.endpoint = over.last_endpoint(), .descriptor = over.descriptor()}; });
  retire(over.peer(), drop_reason::closed);
  const auto found = std::ranges::find(datagram_ends_, &over, [](const auto& each) { return each.get(); });
  if (found != datagram_ends_.end()) {
    last_reference = std::move(*found);
    datagram_ends_.erase(found);
  }
  closers_.notify_all();
  note_end();
}

}  // namespace monocoque::engine
