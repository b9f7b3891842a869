#include "capi/option_table.hpp"

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

template <class... Types>
constexpr unsigned only(Types... types) {
  return ((1U << static_cast<unsigned>(types)) | ...);
}

constexpr unsigned publishers = only(socket_type::pub, socket_type::xpub, socket_type::radio);

/// An int in the engine's options: [Least, Most].
template <int Number, auto Member, int Least, int Most = INT_MAX>
constexpr option_row number() {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < Least || *given > Most) return false;
            in.engine.*Member = *given;
            return true;
          },
          [](const settings& in) -> option_answer { return static_cast<int>(in.engine.*Member); }};
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
            in.engine.*Member = *given != 0;
            return true;
          },
          [](const settings& in) -> option_answer { return in.engine.*Member ? 1 : 0; }};
}

/// 0, or anything that is more; of some types alone, and never told again.
template <int Number, auto Member>
constexpr option_row flag_of(unsigned types) {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < 0) return false;
            in.engine.*Member = *given != 0;
            return true;
          },
          nullptr, types};
}

/// What XPUB reports: one choice in the engine, an option each here, of which the last that is set counts.
template <int Number, subscription_reports Report>
constexpr option_row report() {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < 0) return false;
            if (*given != 0) {
              in.engine.report_subscriptions = Report;
            } else if (in.engine.report_subscriptions == Report) {
              in.engine.report_subscriptions = subscription_reports::first;
            }
            return true;
          },
          nullptr, only(socket_type::xpub)};
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

/// HOST:PORT, or nothing at all; an empty text is neither.
bool set_socks_proxy(settings& in, option_value value) {
  if (value.data != nullptr && value.size == 0) return false;
  in.engine.socks_proxy = value.bytes();
  return true;
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

bool set_routing_id(settings& in, option_value value) {
  constexpr std::size_t longest = 255;
  const std::string_view given = value.bytes();
  if (given.empty() || given.size() > longest) return false;
  in.engine.routing_id = bytes::copy(given);
  return true;
}

bool set_connect_routing_id(settings& in, option_value value) {
  constexpr std::size_t longest = 255;
  const std::string_view given = value.bytes();
  if (given.empty() || given.size() > longest || given.front() == '\0') return false;
  in.connect_routing_id = bytes::copy(given);
  return true;
}

bool set_max_message_size(settings& in, option_value value) {
  const std::optional<std::int64_t> given = value.long_integer();
  if (!given || *given < -1) return false;
  in.engine.max_message_size = *given;
  return true;
}

bool set_ipv4_only(settings& in, option_value value) {
  const std::optional<int> given = value.integer();
  if (!given || *given < 0 || *given > 1) return false;
  in.engine.ipv6 = *given == 0;
  return true;
}

/// "X-Name:value", of which neither is empty.
bool add_metadata(settings& in, option_value value) {
  const std::string_view given = value.bytes();
  const std::size_t colon = given.find(':');
  if (!given.starts_with("X-") || colon == std::string_view::npos || colon + 1 == given.size()) return false;
  in.engine.metadata.insert_or_assign(std::string(given.substr(0, colon)),
                                      std::string(given.substr(colon + 1)));
  return true;
}

bool set_reconnect_stop(settings& in, option_value value) {
  constexpr int refused = 0x1, handshake_failed = 0x2, after_disconnect = 0x4;  // ZMQ_RECONNECT_STOP_...
  const std::optional<int> given = value.integer();
  if (!given || *given < 0 || *given > (refused | handshake_failed | after_disconnect)) return false;
  in.engine.reconnect_stop.refused = (*given & refused) != 0;
  in.engine.reconnect_stop.handshake_failed = (*given & handshake_failed) != 0;
  in.engine.reconnect_stop.disconnected = (*given & after_disconnect) != 0;
  return true;
}

/// An int that is kept, and does nothing.
template <int Number, auto Member, int Least, int Most = INT_MAX>
constexpr option_row kept_number() {
  return {Number,
          [](settings& in, option_value value) {
            const std::optional<int> given = value.integer();
            if (!given || *given < Least || *given > Most) return false;
            in.*Member = *given;
            return true;
          },
          [](const settings& in) -> option_answer { return in.*Member; }};
}

bool set_affinity(settings& in, option_value value) {
  if (value.size != sizeof in.engine.io_thread_affinity || value.data == nullptr) return false;
  std::memcpy(&in.engine.io_thread_affinity, value.data, value.size);
  return true;
}

/// Adds a network; nothing at all: there is none any more.
bool add_accept_filter(settings& in, option_value value) {
  constexpr std::size_t longest = 255;
  if (value.data == nullptr && value.size == 0) {
    in.engine.tcp_accept_filters.clear();
    return true;
  }
  const std::optional<std::string_view> given = value.text();
  if (!given || value.size > longest) return false;
  in.engine.tcp_accept_filters.emplace_back(*given);
  return true;
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

/// Told to the peer in tenths of a second.
bool set_heartbeat_ttl(settings& in, option_value value) {
  constexpr int longest_ms = 6'553'599;
  constexpr int step_ms = 100;
  const std::optional<int> given = value.integer();
  if (!given || *given < 0 || *given > longest_ms) return false;
  in.engine.heartbeat_ttl = milliseconds(*given / step_ms * step_ms);
  return true;
}

/// Windows' own way over loopback: kept, and told who asks.
bool set_loopback_fast_path(settings& in, option_value value) {
  const std::optional<int> given = value.integer();
  if (!given) return false;
  in.loopback_fast_path = *given != 0;
  return true;
}

using options = socket_options;

// Numbers of the draft part of zmq.h.
enum draft : int {
  zap_enforce_domain = 93,
  loopback_fast_path = 94,
  metadata = 95,
  multicast_loop = 96,
  xpub_manual_last_value = 98,
  socks_username = 99,
  socks_password = 100,
  reconnect_stop = 109,
  hello_message = 110,
  disconnect_message = 111,
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
    flag<ZMQ_CONFLATE, &options::conflate>(),
    loose_flag<ZMQ_INVERT_MATCHING, &options::invert_matching>(),
    option_row{ZMQ_MAXMSGSIZE, &set_max_message_size,
               [](const settings& in) -> option_answer { return in.engine.max_message_size; }},
    option_row{ZMQ_ROUTING_ID, &set_routing_id,
               [](const settings& in) -> option_answer { return in.engine.routing_id.str(); }},
    option_row{ZMQ_CONNECT_ROUTING_ID, &set_connect_routing_id, nullptr,
               only(socket_type::router, socket_type::stream)},
    flag_of<ZMQ_STREAM_NOTIFY, &options::stream_notify>(only(socket_type::stream)),
    keepalive<ZMQ_TCP_KEEPALIVE, &options::tcp_keepalive>(),
    keepalive<ZMQ_TCP_KEEPALIVE_CNT, &options::tcp_keepalive_count>(),
    keepalive<ZMQ_TCP_KEEPALIVE_IDLE, &options::tcp_keepalive_idle>(),
    keepalive<ZMQ_TCP_KEEPALIVE_INTVL, &options::tcp_keepalive_interval>(),
    option_row{ZMQ_AFFINITY, &set_affinity,
               [](const settings& in) -> option_answer { return in.engine.io_thread_affinity; }},
    kept_number<ZMQ_RATE, &settings::rate, 1>(),
    kept_number<ZMQ_RECOVERY_IVL, &settings::recovery_interval, 0>(),
    number<ZMQ_MULTICAST_HOPS, &options::multicast_hops, 1>(),
    kept_number<ZMQ_MULTICAST_MAXTPDU, &settings::multicast_unit, 1>(),
    flag<multicast_loop, &options::multicast_loop>(),
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
    text<ZMQ_ZAP_DOMAIN, &options::zap_domain>(),
    flag<zap_enforce_domain, &options::zap_enforce_domain>(),
    option_row{loopback_fast_path, &set_loopback_fast_path,
               [](const settings& in) -> option_answer { return in.loopback_fast_path ? 1 : 0; }},
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

    flag_of<ZMQ_ROUTER_MANDATORY, &options::router_mandatory>(only(socket_type::router)),
    flag_of<ZMQ_ROUTER_HANDOVER, &options::router_handover>(only(socket_type::router)),
    flag_of<ZMQ_PROBE_ROUTER, &options::probe_router>(
        only(socket_type::router, socket_type::dealer, socket_type::req)),
    flag_of<ZMQ_REQ_CORRELATE, &options::req_correlate>(only(socket_type::req)),
    flag_of<ZMQ_REQ_RELAXED, &options::req_relaxed>(only(socket_type::req)),
    flag_of<ZMQ_XPUB_NODROP, &options::no_drop>(publishers),
    flag_of<xsub_verbose_unsubscribe, &options::verbose_unsubscribe>(only(socket_type::xsub)),
    payload<ZMQ_XPUB_WELCOME_MSG, &options::welcome_message>(only(socket_type::xpub)),
    report<ZMQ_XPUB_VERBOSE, subscription_reports::verbose>(),
    report<ZMQ_XPUB_VERBOSER, subscription_reports::verboser>(),
    report<ZMQ_XPUB_MANUAL, subscription_reports::manual>(),
    report<xpub_manual_last_value, subscription_reports::last_value>(),

    server<ZMQ_PLAIN_SERVER, ZMQ_PLAIN>(),
    server<ZMQ_CURVE_SERVER, ZMQ_CURVE>(),
    credential<ZMQ_PLAIN_USERNAME, &settings::username>(),
    credential<ZMQ_PLAIN_PASSWORD, &settings::password>(),
    key<ZMQ_CURVE_PUBLICKEY, &settings::public_key>(),
    key<ZMQ_CURVE_SECRETKEY, &settings::secret_key>(),
    key<ZMQ_CURVE_SERVERKEY, &settings::server_key, true>(),
    option_row{ZMQ_MECHANISM, nullptr, [](const settings& in) -> option_answer { return in.mechanism; }},
};

}  // namespace

const option_row* find_option(int number) noexcept {
  const auto found = std::ranges::find(rows, number, &option_row::number);
  return found != rows.end() ? &*found : nullptr;
}

}  // namespace monocoque::capi
