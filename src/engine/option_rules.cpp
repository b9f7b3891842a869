#include "engine/option_rules.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace monocoque::engine {
namespace {

using enum socket_type;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A set of socket types, a bit each.
template <class... Types>
constexpr unsigned set_of(Types... types) {
  return ((1U << static_cast<unsigned>(types)) | ...);
}

/// An option that only some types have: refused elsewhere if it was set.
struct reserved_option {
  std::string_view name;
  bool (*is_set)(const socket_options&);
  unsigned types;
};

constexpr std::array reserved_options{
    reserved_option{"conflate", [](const socket_options& o) { return o.conflate; },
                    set_of(push, pull, pub, sub, dealer)},
    reserved_option{"when_full drop_newest, drop_oldest",
                    [](const socket_options& o) {
                      return o.when_full == full_policy::drop_newest ||
                             o.when_full == full_policy::drop_oldest;
                    },
                    set_of(push, dealer, socket_type::pair, pub, xpub, router)},
    reserved_option{"when_full disconnect",
                    [](const socket_options& o) { return o.when_full == full_policy::disconnect; },
                    set_of(pub, xpub, router)},
    reserved_option{"when_full wait",
                    [](const socket_options& o) { return o.when_full == full_policy::wait; },
                    set_of(push, dealer, req, socket_type::pair, pub, xpub, router)},
    reserved_option{"hello_message", [](const socket_options& o) { return !o.hello_message.empty(); },
                    set_of(push, dealer, router, socket_type::pair, pub, xpub)},
    reserved_option{"disconnect_message",
                    [](const socket_options& o) { return !o.disconnect_message.empty(); },
                    set_of(pull, dealer, router, socket_type::pair)},
    reserved_option{"hiccup_message", [](const socket_options& o) { return !o.hiccup_message.empty(); },
                    set_of(pull, dealer, router, socket_type::pair)},
    reserved_option{"req_relaxed", [](const socket_options& o) { return o.req_relaxed; }, set_of(req)},
    reserved_option{"req_correlate", [](const socket_options& o) { return o.req_correlate; }, set_of(req)},
    reserved_option{"router_mandatory", [](const socket_options& o) { return o.router_mandatory; },
                    set_of(router)},
    reserved_option{"router_handover", [](const socket_options& o) { return o.router_handover; },
                    set_of(router)},
    reserved_option{"probe_router", [](const socket_options& o) { return o.probe_router; },
                    set_of(router, dealer, req)},
    reserved_option{
        "report_subscriptions",
        [](const socket_options& o) { return o.report_subscriptions != subscription_reports::first; },
        set_of(xpub)},
    reserved_option{"no_drop", [](const socket_options& o) { return o.no_drop; }, set_of(pub, xpub)},
    reserved_option{"welcome_message", [](const socket_options& o) { return !o.welcome_message.empty(); },
                    set_of(xpub)},
    reserved_option{"invert_matching", [](const socket_options& o) { return o.invert_matching; },
                    set_of(pub, xpub, sub)},
    reserved_option{"verbose_unsubscribe", [](const socket_options& o) { return o.verbose_unsubscribe; },
                    set_of(xsub)},
};

struct range_rule {
  std::string_view name;
  bool (*is_legal)(const socket_options&);
  std::string_view range;
};

/// What the kernel takes for the times of TCP keep-alive.
bool is_keepalive_time(const std::optional<seconds>& time) {
  return !time || (*time >= seconds(1) && *time <= seconds(32'767));
}

/// Times that are added to others; longer ones are the same as none.
bool is_waiting_time(milliseconds time) {
  return time >= milliseconds(0) && time <= std::chrono::hours(24 * 365);
}

/// RFC 37, section "The NULL Mechanism": name-char is a letter, a digit or one of "-_.+".
bool is_property_name(std::string_view name) {
  return name.starts_with("X-") && name.size() <= 255 && std::ranges::all_of(name, [](char each) {
           return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                  (each >= '0' && each <= '9') ||
                  std::string_view("-_.+").find(each) != std::string_view::npos;
         });
}

/// Less than what a Monocoque peer takes in a handshake (zmtp::limits), where type and identity come too.
constexpr std::size_t max_metadata_bytes = 15 * 1024;

bool fits_into_handshake(const std::map<std::string, std::string>& metadata) {
  constexpr std::size_t sizes = 5;  // of each name and value
  std::size_t total = 0;
  for (const auto& [name, value] : metadata) total += sizes + name.size() + value.size();
  return total <= max_metadata_bytes;
}

constexpr std::array range_rules{
    range_rule{"send_high_water_mark", [](const socket_options& o) { return o.send_high_water_mark >= 0; },
               "0 (no limit) or more messages"},
    range_rule{"receive_high_water_mark",
               [](const socket_options& o) { return o.receive_high_water_mark >= 0; },
               "0 (no limit) or more messages"},
    range_rule{"send_byte_limit", [](const socket_options& o) { return o.send_byte_limit >= 1; },
               "1 or more bytes"},
    range_rule{"when_full",
               [](const socket_options& o) {
                 return !o.no_drop || o.when_full == full_policy::of_pattern ||
                        o.when_full == full_policy::wait;
               },
               "left alone, or wait, together with no_drop"},
    range_rule{"max_handshake_bytes", [](const socket_options& o) { return o.max_handshake_bytes >= 1024; },
               "1024 or more bytes"},
    range_rule{"receive_byte_limit", [](const socket_options& o) { return o.receive_byte_limit >= 1; },
               "1 or more bytes"},
    range_rule{"send_timeout", [](const socket_options& o) { return o.send_timeout >= milliseconds(0); },
               "0 or more milliseconds"},
    range_rule{"receive_timeout",
               [](const socket_options& o) { return o.receive_timeout >= milliseconds(0); },
               "0 or more milliseconds"},
    range_rule{"linger", [](const socket_options& o) { return o.linger >= milliseconds(0); },
               "0 or more milliseconds"},
    range_rule{"routing_id", [](const socket_options& o) { return is_routing_id(o.routing_id); },
               routing_id_range},
    range_rule{"reconnect_interval",
               [](const socket_options& o) { return o.reconnect_interval >= milliseconds(-1); },
               "-1 (never again) or more milliseconds"},
    range_rule{"reconnect_interval_max",
               [](const socket_options& o) { return o.reconnect_interval_max >= milliseconds(0); },
               "0 or more milliseconds"},
    range_rule{"connect_timeout",
               [](const socket_options& o) { return o.connect_timeout >= milliseconds(0); },
               "0 (the system's) or more milliseconds"},
    range_rule{"handshake_timeout",
               [](const socket_options& o) { return o.handshake_timeout >= milliseconds(0); },
               "0 (none) or more milliseconds"},
    range_rule{"heartbeat_interval",
               [](const socket_options& o) { return is_waiting_time(o.heartbeat_interval); },
               "0 (no heartbeats) to a year"},
    range_rule{"heartbeat_timeout",
               [](const socket_options& o) {
                 return o.heartbeat_timeout == milliseconds(-1) || is_waiting_time(o.heartbeat_timeout);
               },
               "-1 ms (as the interval), or 0 (none) to a year"},
    range_rule{"heartbeat_ttl",
               [](const socket_options& o) {
                 return o.heartbeat_ttl >= milliseconds(0) && o.heartbeat_ttl <= milliseconds(6'553'500);
               },
               "0 (none) to 6553500 milliseconds"},
    range_rule{"metadata",
               [](const socket_options& o) {
                 return std::ranges::all_of(
                     o.metadata, [](const auto& property) { return is_property_name(property.first); });
               },
               "names that start with \"X-\", of up to 255 letters, digits and -_.+"},
    range_rule{"metadata", [](const socket_options& o) { return fits_into_handshake(o.metadata); },
               "15360 bytes or fewer, of names, values and 5 for each"},
    range_rule{"max_message_size", [](const socket_options& o) { return o.max_message_size >= -1; },
               "-1 (no limit) or more bytes"},
    range_rule{"max_message_frames", [](const socket_options& o) { return o.max_message_frames >= 1; },
               "1 or more"},
    range_rule{"backlog", [](const socket_options& o) { return o.backlog >= 1; }, "1 or more"},
    range_rule{"kernel_send_buffer", [](const socket_options& o) { return o.kernel_send_buffer >= -1; },
               "-1 (the system's) or more bytes"},
    range_rule{"kernel_receive_buffer", [](const socket_options& o) { return o.kernel_receive_buffer >= -1; },
               "-1 (the system's) or more bytes"},
    range_rule{"tcp_keepalive_idle",
               [](const socket_options& o) { return is_keepalive_time(o.tcp_keepalive_idle); },
               "1 to 32767 seconds"},
    range_rule{"tcp_keepalive_count",
               [](const socket_options& o) {
                 return !o.tcp_keepalive_count ||
                        (*o.tcp_keepalive_count >= 1 && *o.tcp_keepalive_count <= 127);
               },
               "1 to 127"},
    range_rule{"tcp_keepalive_interval",
               [](const socket_options& o) { return is_keepalive_time(o.tcp_keepalive_interval); },
               "1 to 32767 seconds"},
    range_rule{"tcp_user_timeout",
               [](const socket_options& o) {
                 return o.tcp_user_timeout >= milliseconds(0) &&
                        o.tcp_user_timeout <= milliseconds(INT32_MAX);
               },
               "0 (the system's) to 2147483647 milliseconds"},
    range_rule{"type_of_service",
               [](const socket_options& o) { return o.type_of_service >= 0 && o.type_of_service <= 255; },
               "0 to 255"},
    range_rule{"tcp_congestion_control",
               [](const socket_options& o) { return o.tcp_congestion_control.size() < 16; },
               "the name of a congestion control, of up to 15 bytes"},
    range_rule{"bind_to_device", [](const socket_options& o) { return o.bind_to_device.size() < 16; },
               "the name of an interface, of up to 15 bytes"},
};

}  // namespace

bool is_routing_id(const bytes& id) noexcept {
  return id.empty() || (id.size() <= 255 && id[0] != std::byte{0});
}

result<void> check_options(socket_type type, const socket_options& options) {
  for (const reserved_option& option : reserved_options) {
    if (option.is_set(options) && (option.types & set_of(type)) == 0) {
      return error(make_error_code(errc::not_supported),
                   std::string(option.name) + " is not an option of " + std::string(name_of(type)));
    }
  }
  for (const range_rule& rule : range_rules) {
    if (!rule.is_legal(options)) {
      return error(make_error_code(errc::invalid_argument),
                   "option " + std::string(rule.name) + " must be " + std::string(rule.range));
    }
  }
  return {};
}

}  // namespace monocoque::engine
