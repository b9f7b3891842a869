#include "engine/option_rules.hpp"

#include "auth/network.hpp"
#include "engine/option_text.hpp"
#include "transport/socks_handshake.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace monocoque::engine {
namespace {

using enum socket_type;
using std::chrono::milliseconds;
using std::chrono::seconds;

template <class... Types>
constexpr unsigned set_of(Types... types) {
  return ((1U << static_cast<unsigned>(types)) | ...);
}

const socket_options& defaults() {
  static const socket_options all;
  return all;
}

/// A rule that is being written down: `rule<&socket_options::linger>("linger", ...).within(...)`.
struct drafted_rule : option_rule {
  /// Only these types have it.
  template <class... Types>
  constexpr drafted_rule of(Types... owners) const {
    drafted_rule next = *this;
    next.types = set_of(owners...);
    return next;
  }
  constexpr drafted_rule kept_secret() const {
    drafted_rule next = *this;
    next.is_secret = true;
    return next;
  }
  constexpr drafted_rule within(std::string_view what, bool (*legal)(const socket_options&)) const {
    drafted_rule next = *this;
    next.range = what;
    next.is_legal = legal;
    return next;
  }
};

template <auto Member>
constexpr drafted_rule rule(std::string_view name, std::string_view meaning) {
  using value = std::remove_cvref_t<decltype(defaults().*Member)>;
  drafted_rule made{};
  made.name = name;
  made.meaning = meaning;
  if constexpr (std::equality_comparable<value>)
    made.is_set = [](const socket_options& in) { return !(in.*Member == defaults().*Member); };
  made.read = [](std::string_view text, socket_options& in) { return read_value(text, in.*Member); };
  made.default_value = [] { return write_value(defaults().*Member); };
  made.form = [] { return form_of(defaults().*Member); };
  return made;
}

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

bool is_complete(const security_mechanism& chosen) {
  if (const auto* const plain = std::get_if<plain_client>(&chosen))
    return plain->username.size() <= 255 && plain->password.size() <= 255;
  if (const auto* const client = std::get_if<curve_client>(&chosen))
    return !client->server.empty() && !client->keys.public_key.empty() && !client->keys.secret_key.empty();
  const auto* const server = std::get_if<curve_server>(&chosen);
  return server == nullptr || (!server->keys.public_key.empty() && !server->keys.secret_key.empty());
}

bool needs_curve(const security_mechanism& chosen) {
  return std::holds_alternative<curve_client>(chosen) || std::holds_alternative<curve_server>(chosen);
}

/// Less than what a Monocoque peer takes in a handshake (zmtp::limits), where type and identity come too.
constexpr std::size_t max_metadata_bytes = 15 * 1024;

bool fits_into_handshake(const std::map<std::string, std::string>& metadata) {
  constexpr std::size_t sizes = 5;  // of each name and value
  std::size_t total = 0;
  for (const auto& [name, value] : metadata) total += sizes + name.size() + value.size();
  return total <= max_metadata_bytes;
}

/// In the order of socket_options.
constexpr std::array<option_rule, 80> rules{
    rule<&socket_options::send_high_water_mark>("send_high_water_mark",
                                                "messages kept for each peer while it does not take them")
        .within("0 (no limit) or more messages",
                [](const socket_options& o) { return o.send_high_water_mark >= 0; }),
    rule<&socket_options::receive_high_water_mark>(
        "receive_high_water_mark", "messages kept from each peer while nobody takes them here")
        .within("0 (no limit) or more messages",
                [](const socket_options& o) { return o.receive_high_water_mark >= 0; }),
    rule<&socket_options::send_byte_limit>("send_byte_limit",
                                           "bytes kept for each peer; one message may always pass")
        .within("1 or more bytes", [](const socket_options& o) { return o.send_byte_limit >= 1; }),
    rule<&socket_options::send_byte_limit_total>("send_byte_limit_total",
                                                 "bytes kept for all peers together (0: no limit)"),
    rule<&socket_options::receive_byte_limit>("receive_byte_limit",
                                              "bytes kept from each peer; one message may always pass")
        .within("1 or more bytes", [](const socket_options& o) { return o.receive_byte_limit >= 1; }),
    rule<&socket_options::receive_byte_limit_total>("receive_byte_limit_total",
                                                    "bytes kept from all peers together (0: no limit)"),
    rule<&socket_options::when_full>("when_full", "what happens to a message for a peer whose queue is full")
        .of(push, dealer, req, socket_type::pair, pub, xpub, router, radio, client, server, scatter,
            socket_type::peer, channel),
    rule<&socket_options::conflate>("conflate", "keep only the newest message")
        .of(push, pull, pub, sub, dealer),
    rule<&socket_options::send_timeout>("send_timeout", "how long a send waits")
        .within("0 or more milliseconds",
                [](const socket_options& o) { return o.send_timeout >= milliseconds(0); }),
    rule<&socket_options::receive_timeout>("receive_timeout", "how long a receive waits")
        .within("0 or more milliseconds",
                [](const socket_options& o) { return o.receive_timeout >= milliseconds(0); }),
    rule<&socket_options::linger>("linger", "how long what is not sent yet is still tried at the end")
        .within("0 or more milliseconds",
                [](const socket_options& o) { return o.linger >= milliseconds(0); }),
    rule<&socket_options::routing_id>("routing_id", "what ROUTER peers know this socket by")
        .within(routing_id_range, [](const socket_options& o) { return is_routing_id(o.routing_id); }),
    rule<&socket_options::io_thread_affinity>("io_thread_affinity",
                                              "I/O threads that serve its endpoints, a bit each (0: any)"),
    rule<&socket_options::immediate>("immediate", "queue only for peers whose connection is complete"),
    rule<&socket_options::reconnect_interval>(
        "reconnect_interval", "wait between attempts to connect, and up to a quarter more at random")
        .within("-1 (never again) or more milliseconds",
                [](const socket_options& o) { return o.reconnect_interval >= milliseconds(-1); }),
    rule<&socket_options::reconnect_interval_max>(
        "reconnect_interval_max", "the wait doubles with each failure up to this (0: it stays)")
        .within("0 or more milliseconds",
                [](const socket_options& o) { return o.reconnect_interval_max >= milliseconds(0); }),
    rule<&socket_options::reconnect_interval_denied>(
        "reconnect_interval_denied", "wait after a peer did not let us in; doubles up to a minute")
        .within("-1 (never again) or more milliseconds",
                [](const socket_options& o) { return o.reconnect_interval_denied >= milliseconds(-1); }),
    rule<&socket_options::reconnect_stop>("reconnect_stop", "what else ends the attempts"),
    rule<&socket_options::connect_timeout>("connect_timeout", "how long one attempt to connect may take")
        .within("0 (the system's) or more milliseconds",
                [](const socket_options& o) { return o.connect_timeout >= milliseconds(0); }),
    rule<&socket_options::handshake_timeout>("handshake_timeout", "how long the whole handshake may take")
        .within("0 (none) or more milliseconds",
                [](const socket_options& o) { return o.handshake_timeout >= milliseconds(0); }),
    rule<&socket_options::heartbeat_interval>("heartbeat_interval", "a PING is sent so often")
        .within("0 (no heartbeats) to a year",
                [](const socket_options& o) { return is_waiting_time(o.heartbeat_interval); }),
    rule<&socket_options::heartbeat_timeout>("heartbeat_timeout",
                                             "silence after a PING that ends the connection")
        .within("-1 ms (as the interval), or 0 (none) to a year",
                [](const socket_options& o) {
                  return o.heartbeat_timeout == milliseconds(-1) || is_waiting_time(o.heartbeat_timeout);
                }),
    rule<&socket_options::heartbeat_ttl>("heartbeat_ttl",
                                         "silence of ours after which the peer is asked to end it")
        .within("0 (none) to 6553500 milliseconds",
                [](const socket_options& o) {
                  return o.heartbeat_ttl >= milliseconds(0) && o.heartbeat_ttl <= milliseconds(6'553'500);
                }),
    rule<&socket_options::metadata>("metadata", "properties of our own, sent in the handshake")
        .within("names that start with \"X-\", of up to 255 letters, digits and -_.+",
                [](const socket_options& o) {
                  return std::ranges::all_of(
                      o.metadata, [](const auto& property) { return is_property_name(property.first); });
                }),
    rule<&socket_options::hello_message>("hello_message", "sent first on each new connection")
        .of(push, dealer, router, socket_type::pair, pub, xpub, client, server, scatter, socket_type::peer,
            channel),
    rule<&socket_options::disconnect_message>("disconnect_message",
                                              "received from a peer that connected when it has gone")
        .of(pull, dealer, router, socket_type::pair, client, server, gather, socket_type::peer, channel),
    rule<&socket_options::hiccup_message>("hiccup_message", "received when a connection that we made is over")
        .of(pull, dealer, router, socket_type::pair, client, server, gather, socket_type::peer, channel),
    rule<&socket_options::security>("security", "how peers prove who they are")
        .kept_secret()
        .within("names and passwords of up to 255 bytes, and keys that are not all zeros",
                [](const socket_options& o) { return is_complete(o.security); }),
    rule<&socket_options::authentication_timeout>("authentication_timeout",
                                                  "how long the decision about a peer may take")
        .within("1 or more milliseconds",
                [](const socket_options& o) { return o.authentication_timeout >= milliseconds(1); }),
    rule<&socket_options::zap_domain>("zap_domain", "what a ZAP handler is told")
        .within("up to 255 bytes", [](const socket_options& o) { return o.zap_domain.size() <= 255; }),
    rule<&socket_options::zap_enforce_domain>("zap_enforce_domain",
                                              "without a ZAP handler nobody is let in to a domain"),
    rule<&socket_options::tcp_accept_filters>("tcp_accept_filters",
                                              "networks that TCP connections may come from")
        .within("networks such as 10.0.0.0/8, or addresses",
                [](const socket_options& o) {
                  return std::ranges::all_of(o.tcp_accept_filters, [](const std::string& each) {
                    return auth::parse_network(each, auth::spare_bits::ignore).has_value();
                  });
                }),
    rule<&socket_options::ipc_accept_processes>("ipc_accept_processes",
                                                "processes that ipc connections may be of"),
    rule<&socket_options::ipc_accept_users>("ipc_accept_users", "users that ipc connections may be of"),
    rule<&socket_options::ipc_accept_groups>("ipc_accept_groups", "groups that ipc connections may be of"),
    rule<&socket_options::max_connections>("max_connections", "connections that may come in (0: no limit)"),
    rule<&socket_options::max_connections_per_address>(
        "max_connections_per_address", "connections that may come in from one address (0: no limit)"),
    rule<&socket_options::max_handshakes>("max_handshakes",
                                          "connections that may be shaking hands (0: no limit)"),
    rule<&socket_options::max_handshakes_per_address>("max_handshakes_per_address",
                                                      "of them, from one address (0: no limit)"),
    rule<&socket_options::handshake_rate_per_address>(
        "handshake_rate_per_address", "handshakes in a second from one address (0: no limit)"),
    rule<&socket_options::max_message_size>("max_message_size", "bytes of one message that is received")
        .within("-1 (no limit) or more bytes",
                [](const socket_options& o) { return o.max_message_size >= -1; }),
    rule<&socket_options::max_message_frames>("max_message_frames", "frames of one message that is received")
        .within("1 or more", [](const socket_options& o) { return o.max_message_frames >= 1; }),
    rule<&socket_options::max_unfinished_bytes>(
        "max_unfinished_bytes", "bytes of a message that has not come whole yet (0: no limit)"),
    rule<&socket_options::max_handshake_bytes>("max_handshake_bytes",
                                               "bytes that a peer may send before its handshake is done")
        .within("1024 or more bytes", [](const socket_options& o) { return o.max_handshake_bytes >= 1024; }),
    rule<&socket_options::max_subscriptions>(
        "max_subscriptions", "topics or groups that one peer of a PUB, XPUB or RADIO may have (0: no limit)"),
    rule<&socket_options::max_subscription_bytes>("max_subscription_bytes",
                                                  "bytes of those topics together (0: no limit)"),
    rule<&socket_options::socks_proxy>("socks_proxy", "the SOCKS 5 proxy that TCP connections go out through")
        .within("HOST:PORT",
                [](const socket_options& o) {
                  return o.socks_proxy.empty() || transport::proxy_endpoint(o.socks_proxy).has_value();
                }),
    rule<&socket_options::socks_username>("socks_username", "what that proxy is told we are")
        .within("up to 255 bytes", [](const socket_options& o) { return o.socks_username.size() <= 255; }),
    rule<&socket_options::socks_password>("socks_password", "how we prove it to that proxy")
        .kept_secret()
        .within("up to 255 bytes", [](const socket_options& o) { return o.socks_password.size() <= 255; }),
    rule<&socket_options::ipv6>("ipv6", "accept and connect over IPv6 too"),
    rule<&socket_options::backlog>("backlog", "connections waiting to be accepted")
        .within("0 or more", [](const socket_options& o) { return o.backlog >= 0; }),
    rule<&socket_options::kernel_send_buffer>("kernel_send_buffer",
                                              "bytes of the kernel's buffer to each peer")
        .within("-1 (the system's) or more bytes",
                [](const socket_options& o) { return o.kernel_send_buffer >= -1; }),
    rule<&socket_options::kernel_receive_buffer>("kernel_receive_buffer",
                                                 "bytes of the kernel's buffer from each peer")
        .within("-1 (the system's) or more bytes",
                [](const socket_options& o) { return o.kernel_receive_buffer >= -1; }),
    rule<&socket_options::tcp_keepalive>("tcp_keepalive", "the kernel probes whether the peer is there"),
    rule<&socket_options::tcp_keepalive_idle>("tcp_keepalive_idle", "silence before its first probe")
        .within("1 to 32767 seconds",
                [](const socket_options& o) { return is_keepalive_time(o.tcp_keepalive_idle); }),
    rule<&socket_options::tcp_keepalive_count>("tcp_keepalive_count",
                                               "probes without an answer that end the connection")
        .within("1 to 127",
                [](const socket_options& o) {
                  return !o.tcp_keepalive_count ||
                         (*o.tcp_keepalive_count >= 1 && *o.tcp_keepalive_count <= 127);
                }),
    rule<&socket_options::tcp_keepalive_interval>("tcp_keepalive_interval", "time between two of its probes")
        .within("1 to 32767 seconds",
                [](const socket_options& o) { return is_keepalive_time(o.tcp_keepalive_interval); }),
    rule<&socket_options::tcp_user_timeout>("tcp_user_timeout", "how long sent bytes may stay unacknowledged")
        .within("0 (the system's) to 2147483647 milliseconds",
                [](const socket_options& o) {
                  return o.tcp_user_timeout >= milliseconds(0) &&
                         o.tcp_user_timeout <= milliseconds(INT32_MAX);
                }),
    rule<&socket_options::tcp_congestion_control>("tcp_congestion_control",
                                                  "how the kernel paces what it sends")
        .within("the name of a congestion control, of up to 15 bytes",
                [](const socket_options& o) { return o.tcp_congestion_control.size() < 16; }),
    rule<&socket_options::type_of_service>("type_of_service", "octet of sent packets (0: not set)")
        .within("0 to 255",
                [](const socket_options& o) { return o.type_of_service >= 0 && o.type_of_service <= 255; }),
    rule<&socket_options::packet_priority>("packet_priority", "of sent packets in queues (0: not set)")
        .within("0 or more", [](const socket_options& o) { return o.packet_priority >= 0; }),
    rule<&socket_options::busy_poll_us>("busy_poll_us", "how long the system looks for packets itself")
        .within("0 (not set) or more microseconds",
                [](const socket_options& o) { return o.busy_poll_us >= 0; }),
    rule<&socket_options::multicast_hops>("multicast_hops", "networks that what is multicast over UDP passes")
        .within("1 or more", [](const socket_options& o) { return o.multicast_hops >= 1; }),
    rule<&socket_options::multicast_loop>("multicast_loop",
                                          "what is multicast over UDP comes back to this machine"),
    rule<&socket_options::bind_to_device>("bind_to_device", "interface that TCP and UDP sockets are tied to")
        .within("the name of an interface, of up to 15 bytes",
                [](const socket_options& o) { return o.bind_to_device.size() < 16; }),
    rule<&socket_options::listening_descriptor>("listening_descriptor",
                                                "a socket that listens already, for the next bind")
        .within("-1 (none) or a descriptor",
                [](const socket_options& o) { return o.listening_descriptor >= -1; }),
    rule<&socket_options::req_relaxed>("req_relaxed",
                                       "a new request may be sent before the reply to the last one came")
        .of(req),
    rule<&socket_options::req_correlate>("req_correlate",
                                         "a reply counts only for the request that it answers")
        .of(req),
    rule<&socket_options::router_mandatory>("router_mandatory",
                                            "a message to nobody is an error instead of dropped")
        .of(router),
    rule<&socket_options::router_handover>("router_handover",
                                           "a new peer takes over a routing id that is in use")
        .of(router),
    rule<&socket_options::probe_router>("probe_router", "send an empty message to each new peer")
        .of(router, dealer, req),
    rule<&socket_options::router_notify_connect>("router_notify_connect",
                                                 "receive an empty message from each new peer")
        .of(router),
    rule<&socket_options::router_notify_disconnect>("router_notify_disconnect",
                                                    "receive an empty message when a peer has gone")
        .of(router),
    rule<&socket_options::stream_notify>("stream_notify",
                                         "receive an empty chunk when a connection comes and when it is over")
        .of(socket_type::stream),
    rule<&socket_options::report_subscriptions>("report_subscriptions", "what is reported of subscriptions")
        .of(xpub),
    rule<&socket_options::no_drop>("no_drop",
                                   "a full subscriber makes sending wait instead of losing the message")
        .of(pub, xpub, radio),
    rule<&socket_options::welcome_message>("welcome_message", "sent to each new subscriber").of(pub, xpub),
    rule<&socket_options::invert_matching>("invert_matching", "deliver what does not match")
        .of(pub, xpub, sub),
    rule<&socket_options::verbose_unsubscribe>("verbose_unsubscribe",
                                               "pass on every cancellation, not only the last of a topic")
        .of(xsub),
    rule<&socket_options::only_first_subscribe>("only_first_subscribe",
                                                "frames behind one that is no subscription are none")
        .of(pub, xpub, xsub),
};

/// Values of an option that fewer types have than the option itself.
struct reserved_value {
  std::string_view name;
  bool (*is_set)(const socket_options&);
  unsigned types;
};
constexpr unsigned speak_zmtp = ~set_of(socket_type::stream);
constexpr std::array reserved_values{
    reserved_value{"security",
                   [](const socket_options& o) { return !std::holds_alternative<no_security>(o.security); },
                   speak_zmtp},
    reserved_value{"authenticate", [](const socket_options& o) { return static_cast<bool>(o.authenticate); },
                   speak_zmtp},
    reserved_value{"zap_domain", [](const socket_options& o) { return !o.zap_domain.empty(); }, speak_zmtp},
    reserved_value{
        "when_full drop_newest, drop_oldest",
        [](const socket_options& o) {
          return o.when_full == full_policy::drop_newest || o.when_full == full_policy::drop_oldest;
        },
        set_of(push, dealer, socket_type::pair, pub, xpub, router, radio, client, scatter, channel)},
    reserved_value{"when_full disconnect",
                   [](const socket_options& o) { return o.when_full == full_policy::disconnect; },
                   set_of(pub, xpub, router, radio)},
    reserved_value{"when_full wait", [](const socket_options& o) { return o.when_full == full_policy::wait; },
                   set_of(push, dealer, req, socket_type::pair, pub, xpub, router, radio, client, server,
                          scatter, socket_type::peer, channel)},
};

error not_of_type(std::string_view what, socket_type type) {
  return {make_error_code(errc::not_supported),
          std::string(what) + " is not an option of " + std::string(name_of(type))};
}
error out_of_range(std::string_view name, std::string_view range) {
  return {make_error_code(errc::invalid_argument),
          "option " + std::string(name) + " must be " + std::string(range)};
}

bool contradict_each_other(full_policy when_full, bool no_drop) {
  return no_drop && when_full != full_policy::of_pattern && when_full != full_policy::wait;
}

}  // namespace

bool is_routing_id(const bytes& id) noexcept {
  return id.empty() || (id.size() <= 255 && id[0] != std::byte{0});
}

std::span<const option_rule> option_rules() noexcept { return rules; }

}  // namespace monocoque::engine

namespace monocoque {

using namespace engine;

result<void> check_options(socket_type type, const socket_options& options) {
  for (const reserved_value& value : reserved_values) {
    if (value.is_set(options) && (value.types & set_of(type)) == 0) return not_of_type(value.name, type);
  }
  for (const option_rule& rule : rules) {
    if (!rule.is_of(type) && rule.is_set(options)) return not_of_type(rule.name, type);
  }
  for (const option_rule& rule : rules) {
    if (rule.is_legal != nullptr && !rule.is_legal(options)) return out_of_range(rule.name, rule.range);
  }
  if (needs_curve(options.security) && !has_curve()) {
    return error(errc::not_supported).with_detail("option security: this library was built without CURVE");
  }
  if (contradict_each_other(options.when_full, options.no_drop))
    return out_of_range("when_full", "left alone, or wait, together with no_drop");
  if (!fits_into_handshake(options.metadata))
    return out_of_range("metadata", "15360 bytes or fewer, of names, values and 5 for each");
  return {};
}

}  // namespace monocoque
