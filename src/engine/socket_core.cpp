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

result<std::shared_ptr<socket_core>> socket_core::make(std::shared_ptr<context_core> context,
                                                       socket_type type, socket_options options) {
  const std::string doing = std::string(name_of(type)) + " socket";
  const result<void> checked = check_options(type, options);
  if (!checked) return error(checked.error()).with_doing(doing);
  auto made = std::make_shared<socket_core>(context, type, std::move(options));
  const result<void> added = context->add(made);
  if (!added) return error(added.error()).with_doing(doing);
  return made;
}

socket_core::socket_core(std::shared_ptr<context_core> context, socket_type type, socket_options options)
    : context_(std::move(context)),
      type_(type),
      made_with_(std::make_shared<const socket_options>(std::move(options))),
      inline_(context_->is_inline()),
      mutex_(!inline_),
      options_(made_with_),
      limits_(queue_limits::of(type_, *options_, *context_)),
      send_timeout_(options_->send_timeout),
      receive_timeout_(options_->receive_timeout),
      pattern_(pattern::make_pattern(type_, pattern_settings(*options_, *context_))),
      admits_on_arrival_(pattern_->admits_on_arrival()),
      admission_(*options_),
      single_frames_(pattern::has_single_frames(type_)),
      in_total_(limits_.receive_total),
      id_(context_->next_socket_id()),
      log_(context_->log()) {
  if (single_frames_) mutex_.lanes().keep_to_single_frames();
}

socket_core::~socket_core() {
  for (const auto& queue : monitors_) queue->finish();
}

}  // namespace monocoque::engine
