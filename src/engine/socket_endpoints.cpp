#include "engine/context_core.hpp"
#include "engine/dialer.hpp"
#include "engine/link.hpp"
#include "engine/listener.hpp"
#include "engine/option_rules.hpp"
#include "engine/socket_core.hpp"
#include "transport/network.hpp"
#include "zmtp/mechanism/cookie_keys.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

/// A longer limit for the handshake is the same as none.
constexpr std::chrono::milliseconds longest_handshake = std::chrono::hours(24 * 365);

/// Of what is published, the system takes so much more than it may send now: what waits for a subscriber
/// waits in segments that it shares with the others, not in a copy of its own. Where messages are dropped for
/// who is full, it takes more, since that adds to the length of a burst that everybody gets.
constexpr int unsent_of_published = 32 * 1024;
constexpr int unsent_of_dropping = 128 * 1024;

/// Not every type goes over every transport, and datagrams go one way. Fails with where and what.
result<void> check_transport(socket_type type, const transport::endpoint& where, transport::purpose wanted) {
  using enum socket_type;
  const auto refuse = [&](errc code, const char* why) {
    return error(make_error_code(code), why)
        .with_doing(std::string(name_of(wanted)))
        .with_endpoint(where.text);
  };
  // It is for peers that speak no ZMTP, and these are elsewhere.
  if (type == socket_type::stream && where.scheme == transport::scheme::inproc)
    return refuse(errc::unsupported_transport, "STREAM has no peers over inproc");
  if (where.scheme != transport::scheme::udp) {
    if (type == dgram) return refuse(errc::transport_mismatch, "a DGRAM is bound, to udp");
    return {};
  }
  const bool fits = wanted == transport::purpose::bind ? type == dish || type == dgram : type == radio;
  if (!fits) return refuse(errc::transport_mismatch, "over udp RADIO is connected, DISH and DGRAM are bound");
  return {};
}

result<transport::listening_socket> listen_on(transport::network& network, const transport::endpoint& where,
                                              const transport::stream_options& options) {
  if (options.listening_descriptor >= 0) return network.listen_on(where, {}, options);
  // A host name is looked up on the calling thread: the answer belongs to this call.
  auto addresses = network.resolve(where, transport::purpose::bind, options.ipv6);
  if (!addresses) return std::move(addresses).error();
  result<transport::listening_socket> listening(errc::resolve_failed);
  for (const transport::socket_address& address : *addresses) {
    listening = network.listen_on(where, address, options);
    if (listening) break;
  }
  return listening;
}

error no_such_io_thread() {
  return {make_error_code(errc::invalid_argument),
          "option io_thread_affinity names no I/O thread of this context"};
}

}  // namespace

zmtp::config socket_core::protocol_settings(const socket_options& options, bool as_server) const {
  zmtp::config settings;
  settings.as_server = as_server;
  settings.socket_type = type_;
  settings.routing_id = options.routing_id;
  settings.metadata = options.metadata;
  settings.security = options.security;
  settings.authenticates = options.authenticate || !options.zap_domain.empty();
  if (std::holds_alternative<curve_server>(options.security))
    settings.cookies = std::make_shared<zmtp::cookie_keys>();
  if (options.max_message_size >= 0) {
    settings.limits.max_frame_size = static_cast<std::uint64_t>(options.max_message_size);
    // libzmq limits each frame.
    if (!context_->behaves_as_libzmq()) settings.limits.max_message_size = settings.limits.max_frame_size;
  }
  settings.limits.max_frames = options.max_message_frames;
  settings.limits.max_handshake_size = options.max_handshake_bytes;
  if (options.max_unfinished_bytes != 0) settings.limits.max_unfinished_size = options.max_unfinished_bytes;
  settings.heartbeats = {.interval = options.heartbeat_interval,
                         .timeout = options.heartbeat_timeout < std::chrono::milliseconds(0)
                                        ? options.heartbeat_interval
                                        : options.heartbeat_timeout,
                         .ttl = options.heartbeat_ttl};
  const bool unlimited = options.handshake_timeout > longest_handshake;
  settings.handshake_timeout = unlimited ? std::chrono::milliseconds(0) : options.handshake_timeout;
  return settings;
}

transport::stream_options socket_core::stream_settings(const socket_options& options) const {
  transport::stream_options settings;
  settings.send_buffer = options.kernel_send_buffer;
  settings.receive_buffer = options.kernel_receive_buffer;
  if (pattern_->routes_by_topic() && options.kernel_send_buffer < 0)
    settings.unsent_limit = options.no_drop ? unsent_of_published : unsent_of_dropping;
  settings.backlog = options.backlog;
  settings.ipv6 = options.ipv6;
  const auto in_seconds = [](std::optional<std::chrono::seconds> time) {
    return time ? static_cast<int>(time->count()) : -1;
  };
  if (options.tcp_keepalive) settings.keepalive = *options.tcp_keepalive ? 1 : 0;
  settings.keepalive_idle_s = in_seconds(options.tcp_keepalive_idle);
  settings.keepalive_count = options.tcp_keepalive_count.value_or(-1);
  settings.keepalive_interval_s = in_seconds(options.tcp_keepalive_interval);
  settings.max_retransmit = options.tcp_user_timeout;
  settings.type_of_service = options.type_of_service;
  settings.priority = options.packet_priority;
  settings.busy_poll_us = options.busy_poll_us;
  settings.congestion_control = options.tcp_congestion_control;
  settings.bind_to_device = options.bind_to_device;
  settings.listening_descriptor = options.listening_descriptor;
  return settings;
}

/// What no later attempt could mend is an error of `connect`: an IPv6 address without the option.
result<void> socket_core::check_target(const transport::endpoint& where, bool ipv6) const {
  transport::network& network = context_->network();
  // libzmq takes it, and goes on trying.
  const bool may_change = context_->behaves_as_libzmq() || network.needs_lookup(where) ||
                          where.text.find('%') != std::string::npos;
  if (may_change) return {};
  const auto found = network.resolve(where, transport::purpose::connect, ipv6);
  if (!found) return found.error();
  return {};
}

result<void> socket_core::bind(std::string_view endpoint) {
  result<transport::endpoint> where = transport::parse_endpoint(endpoint, transport::purpose::bind);
  if (!where) return std::move(where).error().with_doing("bind");
  if (result<void> fits = check_transport(type_, *where, transport::purpose::bind); !fits) return fits;
  if (foreign_) return why_unusable("bind", endpoint);
  if (where->scheme == transport::scheme::inproc) return bind_inproc(*where);
  if (where->scheme == transport::scheme::udp) return open_datagrams(*where, transport::purpose::bind);
  const auto fail = [&](error reason) {
    reason = std::move(reason).with_doing("bind").with_endpoint(std::string(endpoint));
    report(event_kind::bind_failed,
           [&] { return event{.endpoint = std::string(endpoint), .reason = reason}; });
    return reason;
  };
  const shared_options options = current_options();
  if (!context_->has_loop(options->io_thread_affinity)) return fail(no_such_io_thread());
  const auto has_taken_over = [&](int descriptor) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(
        listeners_, [=](const auto& each) { return each->options().listening_descriptor == descriptor; });
  };
  if (options->listening_descriptor >= 0 && has_taken_over(options->listening_descriptor))
    return fail(error::from_errno(EADDRINUSE).with_detail("option listening_descriptor is in use already"));
  result<transport::listening_socket> listening =
      listen_on(context_->network(), *where, stream_settings(*options));
  if (!listening) return fail(std::move(listening).error());
  auto made = std::make_shared<listener>(shared_from_this(), options,
                                         context_->next_loop(options->io_thread_affinity), *std::move(where),
                                         *std::move(listening));
  std::string last = made->last_endpoint();
  const std::lock_guard lock(mutex_);
  if (!usable()) return why_unusable("bind", endpoint);
  listeners_.push_back(made);
  last_endpoint_ = std::move(last);
  report_locked(event_kind::listening,
                [&] { return event{.endpoint = made->last_endpoint(), .descriptor = made->descriptor()}; });
  made->pause(accept_pauses_);
  made->begin();
  return {};
}

/// Whether a peer may be sent to before it is there. One that has a name already may be, by it.
bool socket_core::keeps_pipe_to(const bytes& assigned_id, const socket_options& options) const {
  // With libzmq's manners: a message to a peer that is away waits for it, instead of being unroutable.
  const bool is_named = type_ == socket_type::router && !assigned_id.empty() && context_->behaves_as_libzmq();
  return keeps_pipes(type_, options) || (is_named && !options.immediate);
}

result<void> socket_core::connect(std::string_view endpoint, const connect_options& peer, bytes* known_as) {
  result<transport::endpoint> where = transport::parse_endpoint(endpoint, transport::purpose::connect);
  if (!where) return std::move(where).error().with_doing("connect");
  const auto refuse = [&](errc code, std::string why) {
    return error(make_error_code(code), std::move(why)).with_doing("connect").with_endpoint(where->text);
  };
  if (result<void> fits = check_transport(type_, *where, transport::purpose::connect); !fits) return fits;
  if (!peer.routing_id.empty() && type_ != socket_type::router && type_ != socket_type::stream)
    return refuse(errc::not_supported, "only ROUTER and STREAM assign routing ids");
  if (!is_routing_id(peer.routing_id))
    return refuse(errc::invalid_argument, "a routing id is " + std::string(routing_id_range));
  if (foreign_) return why_unusable("connect", endpoint);
  if (where->scheme == transport::scheme::inproc) return connect_inproc(*where, peer.routing_id, known_as);
  if (where->scheme == transport::scheme::udp) return open_datagrams(*where, transport::purpose::connect);
  const shared_options options = current_options();
  if (options->socks_proxy.empty() || where->scheme != transport::scheme::tcp) {  // a proxy knows best
    if (result<void> possible = check_target(*where, options->ipv6); !possible) return possible;
  }
  if (!context_->has_loop(options->io_thread_affinity))
    return no_such_io_thread().with_doing("connect").with_endpoint(where->text);
  io::loop& loop = context_->next_loop(options->io_thread_affinity);
  const std::lock_guard lock(mutex_);
  if (!usable()) return why_unusable("connect", endpoint);
  std::shared_ptr<pipe> kept;
  if (keeps_pipe_to(peer.routing_id, *options)) {
    kept = make_pipe(loop);
    kept->keeps = true;
    kept->endpoint = std::make_shared<const std::string>(where->text);
  }
  auto made =
      std::make_shared<dialer>(shared_from_this(), options, loop, *std::move(where), kept, peer.routing_id);
  std::string last = made->endpoint();
  base::make_room_for_one(dialers_);
  if (kept) {
    const result<void> attached = attach(kept, peer.routing_id, !peer.routing_id.empty());
    if (!attached) return error(attached.error()).with_doing("connect").with_endpoint(std::move(last));
    if (known_as != nullptr) *known_as = kept->routing_id;
  }
  last_endpoint_ = std::move(last);
  dialers_.push_back(made);
  made->begin();
  notify(direction::send);
  return {};
}

result<void> socket_core::unbind(std::string_view endpoint) {
  const hold lock(mutex_, owes_calls_);
  if (!usable()) return why_unusable("unbind", endpoint);
  if (unbind_inproc(endpoint) || close_datagrams(endpoint, transport::purpose::bind)) return {};
  const auto found = std::ranges::find_if(listeners_, [&](const auto& each) {
    return !each->ending() && (each->endpoint() == endpoint || each->last_endpoint() == endpoint);
  });
  if (found == listeners_.end()) {
    return error(errc::no_such_endpoint).with_doing("unbind").with_endpoint(std::string(endpoint));
  }
  for (const auto& each : links_) {
    if (each->options().dialled || each->options().endpoint != (*found)->last_endpoint()) continue;
    if (each->pipe()) {  // gets no more than what is queued for it
      each->pipe()->sends_no_more = true;
      pattern_->shut(each->pipe()->id);
      each->close_when_drained_soon();
    } else {
      each->close_soon(errc::closed);
    }
  }
  (*found)->end();
  return {};
}

result<void> socket_core::disconnect(std::string_view endpoint) {
  const hold lock(mutex_, owes_calls_);
  if (!usable()) return why_unusable("disconnect", endpoint);
  if (disconnect_inproc(endpoint) || close_datagrams(endpoint, transport::purpose::connect)) return {};
  const auto found = std::find_if(dialers_.rbegin(), dialers_.rend(), [&](const auto& each) {
    return each->endpoint() == endpoint && !each->ending();
  });
  if (found == dialers_.rend()) {
    return error(errc::no_such_endpoint).with_doing("disconnect").with_endpoint(std::string(endpoint));
  }
  dialer& leaving = **found;
  for (const pipe_table::place& each : peers_) {
    if (!each.tenant || !each.tenant->attached || !leaving.serves(*each.tenant)) continue;
    if (context_->behaves_as_libzmq()) {  // where what has come over it, and comes, is dropped
      hear_no_more(*each.tenant);
    } else {
      each.tenant->sends_no_more = true;
      pattern_->shut(each.tenant->id);
    }
  }
  leaving.end(context_->deadline_after(options_->linger));
  return {};
}

/// It is read on, as far as the end of its connection.
void socket_core::hear_no_more(pipe& from) noexcept {
  from.attached = false;
  from.sends_no_more = true;
  pattern_->detach(from.id);
  count_drops(drop_reason::unexpected, from.in.messages(), &from);
  while (!from.in.empty()) from.in.pop(from.in.front().size());
  after_take(from);
  // Whoever waits for it has to look again.
  notify(direction::send);
  notify(direction::receive);
}

/// What is queued for it still goes out; what it sent, and sends, is not heard any more.
void socket_core::part_from(base::peer_id id) noexcept {
  pipe* const leaving = find(id);
  if (leaving == nullptr) return;
  if (leaving->inproc) return part_from_inproc(peers_[id.slot]);
  hear_no_more(*leaving);
  const auto found = std::ranges::find_if(dialers_, [&](const auto& each) { return each->serves(*leaving); });
  if (found != dialers_.end()) {
    (*found)->end(std::chrono::steady_clock::time_point::max());
  } else if (leaving->link != nullptr) {
    leaving->link->close_when_drained_soon();
  }
}

std::string socket_core::last_endpoint() {
  const std::lock_guard lock(mutex_);
  return last_endpoint_;
}

bytes socket_core::last_routing_id() {
  const std::lock_guard lock(mutex_);
  const pipe* newest = nullptr;
  for (const pipe_table::place& each : peers_) {
    const pipe* const one = each.tenant.get();
    if (one != nullptr && (newest == nullptr || one->counters.number > newest->counters.number)) newest = one;
  }
  return newest == nullptr ? bytes() : newest->routing_id;
}

}  // namespace monocoque::engine
