#include "capi/option_table.hpp"

#include "capi/option_setters.hpp"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <cstring>
#include <utility>

namespace monocoque::capi {

std::optional<int> option_value::integer() const noexcept {
  int value = 0;
  if (size != sizeof value || data == nullptr) return std::nullopt;
  std::memcpy(&value, data, sizeof value);
  return value;
}

std::optional<std::int64_t> option_value::long_integer() const noexcept {
  std::int64_t value = 0;
  if (size != sizeof value || data == nullptr) return std::nullopt;
  std::memcpy(&value, data, sizeof value);
  return value;
}

std::string_view option_value::bytes() const noexcept {
  return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

std::optional<std::string_view> option_value::text() const noexcept {
  const std::string_view all = bytes();
  if (all.empty()) return std::nullopt;
  return all.substr(0, all.find('\0'));
}

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr unsigned publishers = types_of(socket_type::pub, socket_type::xpub);

/// The engine's options, or what only this face keeps.
template <class Settings, class Value>
constexpr auto& at(Settings& in, Value socket_options::* which) {
  return in.engine.*which;
}
template <class Settings, class Value>
constexpr auto& at(Settings& in, Value settings::* which) {
  return in.*which;
}

/// An int: [Least, Most].
template <int Number, auto Member, int Least, int Most = INT_MAX>
constexpr option_row number() {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < Least || *given > Most) return false;
            at(in, Member) = *given;
            return true;
          },
          [](const settings& in) -> option_answer { return static_cast<int>(at(in, Member)); }};
}

/// Milliseconds; what is below 0 means "for ever" if `Endless`, and itself if not.
template <int Number, auto Member, int Least, bool Endless = false>
constexpr option_row duration() {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < Least) return false;
            in.engine.*Member = Endless && *given < 0 ? infinite : milliseconds(*given);
            return true;
          },
          [](const settings& in) -> option_answer {
            const milliseconds now = in.engine.*Member;
            return Endless && now == infinite ? -1 : static_cast<int>(now.count());
          }};
}

/// 0 or 1.
template <int Number, auto Member>
constexpr option_row flag() {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < 0 || *given > 1) return false;
            in.engine.*Member = *given == 1;
            return true;
          },
          [](const settings& in) -> option_answer { return in.engine.*Member ? 1 : 0; }};
}

/// 0, or anything else.
template <int Number, auto Member>
constexpr option_row loose_flag() {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given) return false;
            at(in, Member) = *given != 0;
            return true;
          },
          [](const settings& in) -> option_answer { return at(in, Member) ? 1 : 0; }};
}

/// 0, or anything that is more; of some types alone, and never told again.
template <int Number, auto Member>
constexpr option_row flag_of(unsigned types) {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < 0) return false;
            at(in, Member) = *given != 0;
            return true;
          },
          nullptr, types};
}

/// What XPUB reports: one choice in the engine, an option each here, of which the last that is set counts.
/// PUB reports nothing.
template <int Number, subscription_reports Report>
constexpr option_row report(unsigned types) {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < 0) return false;
            if (in.type == socket_type::pub) return true;
            if (*given != 0) {
              in.engine.report_subscriptions = Report;
            } else if (in.engine.report_subscriptions == Report) {
              in.engine.report_subscriptions = subscription_reports::first;
            }
            return true;
          },
          nullptr, types};
}

template <int Number, auto Member>
constexpr option_row payload(unsigned types = ~0U) {
  return {Number,
          [](settings& in, option_value value) {
            in.engine.*Member = bytes::copy(value.bytes());
            return true;
          },
          nullptr, types};
}

template <int Number, auto Member>
constexpr option_row text() {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<std::string_view> given = value.text();
            if (value.size != 0 && !given) return false;
            in.engine.*Member = std::string(given.value_or(std::string_view()));
            return true;
          },
          [](const settings& in) -> option_answer { return c_string{in.engine.*Member}; }};
}

/// -1: the system's.
template <int Number, auto Member>
constexpr option_row keepalive() {
  using value_type =
      typename std::remove_cvref_t<decltype(std::declval<socket_options>().*Member)>::value_type;
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < -1) return false;
            if constexpr (std::is_same_v<value_type, bool>) {
              if (*given > 1) return false;
            }
            in.engine.*Member =
                *given == -1 ? std::nullopt : std::optional<value_type>(static_cast<value_type>(*given));
            return true;
          },
          [](const settings& in) -> option_answer {
            const auto& now = in.engine.*Member;
            if (!now) return -1;
            if constexpr (std::is_same_v<value_type, seconds>) {
              return static_cast<int>(now->count());
            } else {
              return static_cast<int>(*now);
            }
          }};
}

/// 32 octets, or 40 characters of Z85 with or without a 0 behind them.
template <class Key>
std::optional<Key> key_from(option_value value) {
  const std::string_view given = value.bytes();
  if (given.size() == Key::size) return Key(std::as_bytes(std::span(given).template first<Key::size>()));
  if (given.size() != Key::z85_size && given.size() != Key::z85_size + 1) return std::nullopt;
  const result<Key> read = Key::from_z85(as_result, given.substr(0, Key::z85_size));
  return read ? std::optional<Key>(*read) : std::nullopt;
}

template <int Number, auto Member, bool MakesClient = false>
constexpr option_row key() {
  using key_type = std::remove_cvref_t<decltype(std::declval<settings>().*Member)>;
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<key_type> given = key_from<key_type>(value);
            if (!given || !has_curve()) return false;
            in.*Member = *given;
            in.mechanism = ZMQ_CURVE;
            if (MakesClient) in.as_server = false;
            return true;
          },
          [](const settings& in) -> option_answer {
            curve_key found{};
            std::ranges::copy((in.*Member).data(), found.data.begin());
            return found;
          }};
}

template <int Number, int Mechanism>
constexpr option_row server() {
  return {
      Number,
      [](settings& in, option_value value) {
        const std::optional<int> given = value.integer();
        if (!given || *given < 0 || *given > 1) return false;
        if (Mechanism == ZMQ_CURVE && !has_curve()) return false;
        in.as_server = *given == 1;
        in.mechanism = in.as_server ? Mechanism : ZMQ_NULL;
        return true;
      },
      [](const settings& in) -> option_answer { return in.as_server && in.mechanism == Mechanism ? 1 : 0; }};
}

/// A name or a password. Nothing at all: no PLAIN.
template <int Number, auto Member>
constexpr option_row credential() {
  return {Number,
          [](settings& in, option_value value) {
            constexpr std::size_t longest = 255;
            if (value.data == nullptr && value.size == 0) {
              in.mechanism = ZMQ_NULL;
              return true;
            }
            const std::string_view given = value.bytes();
            if (given.empty() || given.size() > longest) return false;
            in.*Member = std::string(given.substr(0, given.find('\0')));
            in.as_server = false;
            in.mechanism = ZMQ_PLAIN;
            return true;
          },
          [](const settings& in) -> option_answer { return c_string{in.*Member}; }};
}

/// The number of a process, a user or a group; nothing at all: there is none any more.
template <int Number, auto Member>
constexpr option_row accepted_number() {
  return {Number, [](settings& in, option_value value) {
            auto& all = in.engine.*Member;
            if (value.data == nullptr && value.size == 0) {
              all.clear();
              return true;
            }
            const std::optional<int> given = value.integer();
            if (!given) return false;
            const auto number = static_cast<std::remove_cvref_t<decltype(all)>::value_type>(*given);
            if (std::ranges::find(all, number) == all.end()) all.push_back(number);
            return true;
          }};
}

using options = socket_options;

// Numbers of the draft part of zmq.h.
enum draft : int {
  zap_enforce_domain = 93,
  loopback_fast_path = 94,
  metadata = 95,
  multicast_loop = 96,
  router_notify = 97,
  xpub_manual_last_value = 98,
  socks_username = 99,
  socks_password = 100,
  in_batch_size = 101,
  out_batch_size = 102,
  only_first_subscribe = 108,
  reconnect_stop = 109,
  hello_message = 110,
  disconnect_message = 111,
  packet_priority = 112,
  busy_poll = 113,
  hiccup_message = 114,
  xsub_verbose_unsubscribe = 115,
};

constexpr std::array rows{
    number<ZMQ_SNDHWM, &options::send_high_water_mark, 0>(),
    number<ZMQ_RCVHWM, &options::receive_high_water_mark, 0>(),
    number<ZMQ_SNDBUF, &options::kernel_send_buffer, -1>(),
    number<ZMQ_RCVBUF, &options::kernel_receive_buffer, -1>(),
    number<ZMQ_BACKLOG, &options::backlog, 0>(),
    number<ZMQ_TOS, &options::type_of_service, 0, 255>(),
    duration<ZMQ_LINGER, &options::linger, -1, true>(),
    duration<ZMQ_RCVTIMEO, &options::receive_timeout, -1, true>(),
    duration<ZMQ_SNDTIMEO, &options::send_timeout, -1, true>(),
    duration<ZMQ_RECONNECT_IVL, &options::reconnect_interval, -1>(),
    duration<ZMQ_RECONNECT_IVL_MAX, &options::reconnect_interval_max, 0>(),
    duration<ZMQ_HANDSHAKE_IVL, &options::handshake_timeout, 0>(),
    duration<ZMQ_CONNECT_TIMEOUT, &options::connect_timeout, 0>(),
    duration<ZMQ_TCP_MAXRT, &options::tcp_user_timeout, 0>(),
    duration<ZMQ_HEARTBEAT_IVL, &options::heartbeat_interval, 0>(),
    duration<ZMQ_HEARTBEAT_TIMEOUT, &options::heartbeat_timeout, 0>(),
    option_row{ZMQ_HEARTBEAT_TTL, &set_heartbeat_ttl,
               [](const settings& in) -> option_answer {
                 return static_cast<int>(in.engine.heartbeat_ttl.count());
               }},
    flag<ZMQ_IMMEDIATE, &options::immediate>(),
    flag<ZMQ_IPV6, &options::ipv6>(),
    option_row{ZMQ_IPV4ONLY, &set_ipv4_only,
               [](const settings& in) -> option_answer { return in.engine.ipv6 ? 0 : 1; }},
    option_row{ZMQ_CONFLATE, &set_conflate,
               [](const settings& in) -> option_answer { return in.conflate ? 1 : 0; }},
    loose_flag<ZMQ_INVERT_MATCHING, &options::invert_matching>(),
    option_row{ZMQ_MAXMSGSIZE, &set_max_message_size,
               [](const settings& in) -> option_answer { return in.max_message_size; }},
    option_row{ZMQ_ROUTING_ID, &set_routing_id,
               [](const settings& in) -> option_answer { return in.engine.routing_id.str(); }},
    option_row{ZMQ_CONNECT_ROUTING_ID, &set_connect_routing_id, nullptr,
               types_of(socket_type::router, socket_type::stream)},
    flag_of<ZMQ_STREAM_NOTIFY, &options::stream_notify>(types_of(socket_type::stream)),
    keepalive<ZMQ_TCP_KEEPALIVE, &options::tcp_keepalive>(),
    keepalive<ZMQ_TCP_KEEPALIVE_CNT, &options::tcp_keepalive_count>(),
    keepalive<ZMQ_TCP_KEEPALIVE_IDLE, &options::tcp_keepalive_idle>(),
    keepalive<ZMQ_TCP_KEEPALIVE_INTVL, &options::tcp_keepalive_interval>(),
    option_row{ZMQ_AFFINITY, &set_affinity,
               [](const settings& in) -> option_answer { return in.engine.io_thread_affinity; }},
    number<ZMQ_RATE, &settings::rate, 1>(),
    number<ZMQ_RECOVERY_IVL, &settings::recovery_interval, 0>(),
    number<ZMQ_MULTICAST_HOPS, &options::multicast_hops, 1>(),
    number<ZMQ_MULTICAST_MAXTPDU, &settings::multicast_unit, 1>(),
    loose_flag<multicast_loop, &options::multicast_loop>(),
    number<in_batch_size, &settings::in_batch_size, 1>(),
    number<out_batch_size, &settings::out_batch_size, 1>(),
    number<packet_priority, &options::packet_priority, 0>(),
    option_row{busy_poll, &set_busy_poll, [](const settings& in) -> option_answer { return in.busy_poll; }},
    option_row{ZMQ_SOCKS_PROXY, &set_socks_proxy,
               [](const settings& in) -> option_answer { return c_string{in.engine.socks_proxy}; }},
    text<socks_username, &options::socks_username>(),
    text<socks_password, &options::socks_password>(),
    number<ZMQ_USE_FD, &options::listening_descriptor, -1>(),
    text<ZMQ_BINDTODEVICE, &options::bind_to_device>(),
    option_row{ZMQ_TCP_ACCEPT_FILTER, &add_accept_filter},
    accepted_number<ZMQ_IPC_FILTER_PID, &options::ipc_accept_processes>(),
    accepted_number<ZMQ_IPC_FILTER_UID, &options::ipc_accept_users>(),
    accepted_number<ZMQ_IPC_FILTER_GID, &options::ipc_accept_groups>(),
    option_row{ZMQ_ZAP_DOMAIN, &set_zap_domain,
               [](const settings& in) -> option_answer { return c_string{in.engine.zap_domain}; }},
    loose_flag<zap_enforce_domain, &options::zap_enforce_domain>(),
    loose_flag<loopback_fast_path, &settings::loopback_fast_path>(),
    option_row{metadata, &add_metadata},
    option_row{reconnect_stop, &set_reconnect_stop,
               [](const settings& in) -> option_answer {
                 const reconnect_stops& stops = in.engine.reconnect_stop;
                 return (stops.refused ? 1 : 0) | (stops.handshake_failed ? 2 : 0) |
                        (stops.disconnected ? 4 : 0);
               }},
    payload<hello_message, &options::hello_message>(),
    payload<disconnect_message, &options::disconnect_message>(),
    payload<hiccup_message, &options::hiccup_message>(),

    flag_of<ZMQ_ROUTER_MANDATORY, &options::router_mandatory>(types_of(socket_type::router)),
    flag_of<ZMQ_ROUTER_HANDOVER, &options::router_handover>(types_of(socket_type::router)),
    flag_of<ZMQ_ROUTER_RAW, &settings::router_raw>(types_of(socket_type::router)),
    option_row{router_notify, &set_router_notify,
               [](const settings& in) -> option_answer {
                 return (in.engine.router_notify_connect ? 1 : 0) |
                        (in.engine.router_notify_disconnect ? 2 : 0);
               },
               types_of(socket_type::router)},
    flag_of<ZMQ_PROBE_ROUTER, &options::probe_router>(
        types_of(socket_type::router, socket_type::dealer, socket_type::req)),
    flag_of<ZMQ_REQ_CORRELATE, &options::req_correlate>(types_of(socket_type::req)),
    flag_of<ZMQ_REQ_RELAXED, &options::req_relaxed>(types_of(socket_type::req)),
    flag_of<ZMQ_XPUB_NODROP, &options::no_drop>(publishers | types_of(socket_type::radio)),
    flag_of<xsub_verbose_unsubscribe, &options::verbose_unsubscribe>(types_of(socket_type::xsub)),
    payload<ZMQ_XPUB_WELCOME_MSG, &options::welcome_message>(publishers),
    flag_of<only_first_subscribe, &options::only_first_subscribe>(publishers | types_of(socket_type::xsub)),
    report<ZMQ_XPUB_VERBOSE, subscription_reports::verbose>(publishers),
    report<ZMQ_XPUB_VERBOSER, subscription_reports::verboser>(publishers),
    report<ZMQ_XPUB_MANUAL, subscription_reports::manual>(types_of(socket_type::xpub)),
    report<xpub_manual_last_value, subscription_reports::last_value>(types_of(socket_type::xpub)),

    server<ZMQ_PLAIN_SERVER, ZMQ_PLAIN>(),
    server<ZMQ_CURVE_SERVER, ZMQ_CURVE>(),
    credential<ZMQ_PLAIN_USERNAME, &settings::username>(),
    credential<ZMQ_PLAIN_PASSWORD, &settings::password>(),
    key<ZMQ_CURVE_PUBLICKEY, &settings::public_key>(),
    key<ZMQ_CURVE_SECRETKEY, &settings::secret_key>(),
    key<ZMQ_CURVE_SERVERKEY, &settings::server_key, true>(),
    option_row{ZMQ_TYPE, nullptr,
               [](const settings& in) -> option_answer { return static_cast<int>(in.type); }},
    option_row{ZMQ_MECHANISM, nullptr, [](const settings& in) -> option_answer { return in.mechanism; }},
};

}  // namespace

const option_row* find_option(int number) noexcept {
  const auto found = std::ranges::find(rows, number, &option_row::number);
  return found != rows.end() ? &*found : nullptr;
}

}  // namespace monocoque::capi
