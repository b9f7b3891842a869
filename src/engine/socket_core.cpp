#include "engine/socket_core.hpp"

#include "engine/context_core.hpp"
#include "engine/dialer.hpp"
#include "engine/link.hpp"
#include "engine/listener.hpp"
#include "engine/operation_state.hpp"
#include "engine/option_rules.hpp"

#include <string>
#include <utility>

namespace monocoque::engine {
namespace {

pattern::settings pattern_settings(const socket_options& options, std::uint64_t seed) {
  using enum subscription_reports;
  pattern::settings settings;
  settings.seed = seed;
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
  settings.xpub_welcome = options.welcome_message;
  return settings;
}

/// Patterns that deal messages out: what is queued for a peer stays queued while it is away.
bool deals_out(socket_type type) {
  using enum socket_type;
  return type == push || type == dealer || type == req || type == socket_type::pair;
}

std::uint64_t limit_from(const socket_options& options, int high_water_mark) {
  if (options.conflate || high_water_mark <= 0) return UINT64_MAX;
  return static_cast<std::uint64_t>(high_water_mark);
}

std::size_t byte_limit_from(const socket_options& options, std::size_t limit) {
  return options.conflate || limit == 0 ? SIZE_MAX : limit;
}

bool drops_instead_of_waiting(socket_type type, const socket_options& options) {
  return deals_out(type) &&
         (options.when_full == full_policy::drop_newest || options.when_full == full_policy::drop_oldest);
}

}  // namespace

result<std::shared_ptr<socket_core>> socket_core::make(std::shared_ptr<context_core> context,
                                                       socket_type type, socket_options options) {
  const result<void> checked = check_options(type, options);
  const std::string doing = std::string(name_of(type)) + " socket";
  if (!checked) return error(checked.error()).with_doing(doing);
  auto made = std::make_shared<socket_core>(context, type, std::move(options));
  const result<void> added = context->add(made);
  if (!added) return error(added.error()).with_doing(doing);
  return made;
}

socket_core::socket_core(std::shared_ptr<context_core> context, socket_type type, socket_options options)
    : context_(std::move(context)),
      type_(type),
      options_(std::move(options)),
      inline_(context_->is_inline()),
      keeps_pipes_(deals_out(type_) && !options_.immediate),
      send_limit_(limit_from(options_, options_.send_high_water_mark)),
      receive_limit_(limit_from(options_, options_.receive_high_water_mark)),
      send_byte_limit_(byte_limit_from(options_, options_.send_byte_limit)),
      send_total_limit_(byte_limit_from(options_, options_.send_byte_limit_total)),
      when_full_(options_.conflate ? full_policy::of_pattern : options_.when_full),
      send_mark_(when_full_ == full_policy::drop_oldest && send_limit_ != UINT64_MAX ? send_limit_ + 1
                                                                                     : send_limit_),
      never_waits_(drops_instead_of_waiting(type_, options_)),
      mutex_(!inline_),
      pattern_(pattern::make_pattern(type_, pattern_settings(options_, context_->draw_seed()))),
      admits_on_arrival_(pattern_->admits_on_arrival()),
      admission_(options_),
      in_total_(byte_limit_from(options_, options_.receive_byte_limit_total)),
      id_(context_->next_socket_id()),
      log_(context_->log()) {}

socket_core::~socket_core() {
  for (const auto& queue : monitors_) queue->finish();
}

}  // namespace monocoque::engine
