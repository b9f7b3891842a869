#include "engine/derived_settings.hpp"

#include "engine/context_core.hpp"

namespace monocoque::engine {
namespace {

bool deals_out(socket_type type) noexcept {
  using enum socket_type;
  return type == push || type == dealer || type == req || type == socket_type::pair || type == client ||
         type == scatter || type == channel;
}

/// Whoever is connected to can be named before it is there.
bool names_ahead(socket_type type) noexcept {
  using enum socket_type;
  return type == stream || type == server || type == socket_type::peer;
}

std::uint64_t limit_from(const socket_options& options, int high_water_mark) noexcept {
  if (options.conflate || high_water_mark <= 0) return UINT64_MAX;
  return static_cast<std::uint64_t>(high_water_mark);
}

std::size_t byte_limit_from(const socket_options& options, std::size_t limit) noexcept {
  return options.conflate || limit == 0 ? SIZE_MAX : limit;
}

bool drops_instead_of_waiting(socket_type type, const socket_options& options) noexcept {
  return deals_out(type) &&
         (options.when_full == full_policy::drop_newest || options.when_full == full_policy::drop_oldest);
}

/// Whoever sends to a peer that is full waits, or is refused.
bool waits_where_full(socket_type type, const socket_options& options) noexcept {
  using enum socket_type;
  if (options.when_full != full_policy::of_pattern) return options.when_full == full_policy::wait;
  if (type == router) return options.router_mandatory;
  if (type == pub || type == xpub) return options.no_drop;
  return deals_out(type) || names_ahead(type);
}

}  // namespace

queue_limits queue_limits::of(socket_type type, const socket_options& options,
                              const context_core& context) noexcept {
  const std::uint64_t send = limit_from(options, options.send_high_water_mark);
  const full_policy when_full = options.conflate ? full_policy::of_pattern : options.when_full;
  const bool keeps_one_more = when_full == full_policy::drop_oldest && send != UINT64_MAX;
  return {.send = send,
          .receive = limit_from(options, options.receive_high_water_mark),
          .send_mark = keeps_one_more ? send + 1 : send,
          .send_bytes = byte_limit_from(options, options.send_byte_limit),
          .send_total = byte_limit_from(options, options.send_byte_limit_total),
          .receive_bytes = options.receive_byte_limit,
          .receive_total = byte_limit_from(options, options.receive_byte_limit_total),
          .when_full = when_full,
          .never_waits = drops_instead_of_waiting(type, options),
          .conflates = options.conflate,
          .notes_late = context.behaves_as_libzmq() && !options.conflate && waits_where_full(type, options)};
}

pattern::settings pattern_settings(const socket_options& options, context_core& context) {
  using enum subscription_reports;
  pattern::settings settings;
  settings.seed = context.draw_seed();
  // On the wire, where it is against RFC 37.
  settings.subscriptions_as_libzmq = context.behaves_as_libzmq();
  settings.req_relaxed = options.req_relaxed;
  settings.req_correlate = options.req_correlate;
  settings.router_mandatory = options.router_mandatory;
  settings.router_handover = options.router_handover;
  settings.probe_router = options.probe_router;
  settings.xpub_verbose = options.report_subscriptions == verbose;
  settings.xpub_verboser = options.report_subscriptions == verboser;
  settings.xpub_manual = options.report_subscriptions == manual;
  settings.xpub_manual_last_value = options.report_subscriptions == last_value;
  settings.xpub_no_drop = options.no_drop || options.when_full == full_policy::wait;
  settings.router_wait = options.when_full == full_policy::wait;
  settings.max_subscriptions = options.max_subscriptions;
  settings.max_subscription_size = options.max_subscription_bytes;
  settings.invert_matching = options.invert_matching;
  settings.xsub_verbose_unsubscribe = options.verbose_unsubscribe;
  settings.only_first_subscribe = options.only_first_subscribe;
  settings.xpub_welcome = options.welcome_message;
  return settings;
}

bool keeps_pipes(socket_type type, const socket_options& options) noexcept {
  return (deals_out(type) || names_ahead(type)) && !options.immediate;
}

}  // namespace monocoque::engine
