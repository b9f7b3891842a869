#pragma once

#include <monocoque/authentication.hpp>
#include <monocoque/bytes.hpp>
#include <monocoque/security.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

/// "No limit" for a duration.
inline constexpr std::chrono::milliseconds infinite = std::chrono::milliseconds::max();

/// Which interface of the kernel moves the bytes.
enum class io_driver : std::uint8_t { uring, epoll };

/// How much a line of the log matters: `debug` for what comes often, `info` for what goes as it should,
/// `warning` for what the library mends or counts itself, `error` for what it cannot.
enum class log_level : std::uint8_t { debug, info, warning, error };
/// "debug", "info", "warning", "error".
[[nodiscard]] std::string_view name_of(log_level level) noexcept;

/// Options of a context. Checked when the context is made.
struct context_options {
  /// Number of I/O threads of a threaded context, 1 to 64. To be left alone for an inline one.
  unsigned io_threads = 1;
  /// How the system schedules the I/O threads of a threaded context. What it refuses is an error of the
  /// context's. Nobody else's threads are touched, though they may do I/O too while they wait for messages.
  /// A policy, by the system's number (SCHED_OTHER, SCHED_FIFO, ...; ZMQ_THREAD_SCHED_POLICY).
  std::optional<int> thread_policy{};
  /// With SCHED_FIFO and SCHED_RR their priority, 1 to 99; with other policies above 0: as little nice as can
  /// be, which takes privileges (ZMQ_THREAD_PRIORITY).
  std::optional<int> thread_priority{};
  /// The processors they may run on, by the system's numbers; empty: any (ZMQ_THREAD_AFFINITY_CPU_ADD).
  std::vector<unsigned> thread_processors{};
  /// They are named so, with "/io/" and a number behind, as far as 15 characters hold that; empty: as the
  /// process is (ZMQ_THREAD_NAME_PREFIX).
  std::string thread_name{};
  /// Forces a driver. None: the environment variable MONOCOQUE_IO (uring or epoll), or else epoll in a
  /// threaded context and what a probe finds best in an inline one. A forced driver that cannot be had is an
  /// error.
  std::optional<io_driver> driver{};
  /// How long a thread that waits looks for events before it sleeps, which spares it the time of being woken
  /// and keeps its core busy meanwhile; at most one second. None: as recent waits have shown to be worth it,
  /// up to 50 microseconds, and not at all while nothing happens. Zero: never. Applies to threads that run
  /// the loop themselves: inline contexts, and threads that block in a threaded context on epoll.
  std::optional<std::chrono::microseconds> spin{};
  /// Gets a line for each event of each socket (see monitor), such as `PULL: listening tcp://127.0.0.1:5555`.
  /// Called on the loop's thread (the first I/O thread; inline: whoever drives the loop) and by the context's
  /// destructor, one call at a time, with nothing locked, so it may use sockets; while it runs, that loop
  /// does nothing else. What it throws is ignored. None, the default: nothing is logged.
  std::function<void(log_level level, std::string_view line)> log{};
};

/// What XPUB tells the application of its subscribers' messages.
enum class subscription_reports : std::uint8_t {
  first,      ///< the first subscription and the last cancellation of a topic (the default)
  verbose,    ///< every subscription, and the last cancellation (ZMQ_XPUB_VERBOSE)
  verboser,   ///< every subscription and every cancellation (ZMQ_XPUB_VERBOSER)
  manual,     ///< as first; the application decides what is subscribed (ZMQ_XPUB_MANUAL)
  last_value  ///< as manual; the next message goes only to the one who subscribed last (..._LAST_VALUE)
};

/// After what a connected endpoint is given up instead of tried again (ZMQ_RECONNECT_STOP). Several may be
/// set.
struct reconnect_stops {
  bool refused = false;           ///< nobody listens there: every address refused the connection
  bool handshake_failed = false;  ///< what listens there does not talk to us
  bool disconnected = false;      ///< a connection that worked is over
  bool denied = false;            ///< the peer does not let us in: errc::authentication_failed
};

/// What happens to a message when the queue of the peer it is for is full (guide, "High-water marks").
enum class full_policy : std::uint8_t {
  of_pattern,   ///< as the pattern has it: `wait` or `drop_newest`
  wait,         ///< `send` waits
  drop_newest,  ///< this message is dropped for that peer, and counted
  drop_oldest,  ///< the oldest that have not begun to leave are dropped, at least one, and counted
  disconnect,   ///< the peer's connection is closed (errc::peer_too_slow)
};

/// Options of a socket, given when it is made and checked then: a value out of range, or an option that the
/// socket's type does not have, is an error (errc::invalid_argument, errc::not_supported). Defaults are
/// libzmq's.
struct socket_options {
  // -- queues
  /// Messages kept for each peer while it does not take them, 0: no limit (ZMQ_SNDHWM).
  int send_high_water_mark = 1000;
  /// Messages kept from each peer while the application does not take them, 0: no limit (ZMQ_RCVHWM).
  int receive_high_water_mark = 1000;
  /// Bytes kept for each peer while it does not take them, 1 and more; one message may always pass. Not over
  /// inproc, as are the next three.
  std::size_t send_byte_limit = 64 * 1024 * 1024;
  /// The same for all peers together; 0: no limit.
  std::size_t send_byte_limit_total = 0;
  /// Bytes kept from each peer while the application does not take them; one message may always pass. When a
  /// connection ends, what was read of it is kept beyond the mark in messages, and beyond this one dropped.
  std::size_t receive_byte_limit = 16 * 1024 * 1024;
  /// The same for all peers together; 0: no limit.
  std::size_t receive_byte_limit_total = 0;
  /// What `send` does when a queue is full. drop_newest, drop_oldest: PUSH, DEALER, PAIR, where `send` then
  /// never waits, PUB, XPUB, RADIO, ROUTER; disconnect: PUB, XPUB, RADIO, ROUTER. Over inproc these three are
  /// drop_newest; over UDP nobody can be disconnected.
  full_policy when_full = full_policy::of_pattern;
  /// Keep only the newest message (PUSH, PULL, PUB, SUB, DEALER; whole messages; ZMQ_CONFLATE).
  bool conflate = false;

  // -- waiting
  /// How long `send` waits before it fails with errc::timed_out (ZMQ_SNDTIMEO).
  std::chrono::milliseconds send_timeout = infinite;
  /// How long `receive` waits (ZMQ_RCVTIMEO).
  std::chrono::milliseconds receive_timeout = infinite;
  /// How long messages that are not sent yet are still tried to be sent after close (ZMQ_LINGER). 0: dropped
  /// at once.
  std::chrono::milliseconds linger = infinite;

  // -- identity and connections
  /// What ROUTER peers know this socket by, 1 to 255 bytes not starting with 0; empty: they choose
  /// (ZMQ_ROUTING_ID).
  bytes routing_id{};
  /// Which I/O threads serve the endpoints that come next, and their connections: the lowest bit stands for
  /// the first of the context's threads. 0: any. An endpoint for which there is no such thread is an error
  /// (errc::invalid_argument). ZMQ_AFFINITY.
  std::uint64_t io_thread_affinity = 0;
  /// Send only to peers whose connection is complete, so that a peer that is not there holds no message
  /// (ZMQ_IMMEDIATE).
  bool immediate = false;
  /// Wait between attempts to connect, -1 ms: never again (ZMQ_RECONNECT_IVL). To each wait up to a quarter
  /// of it is added at random.
  std::chrono::milliseconds reconnect_interval{100};
  /// The wait doubles with each failure up to this; 0: it stays (ZMQ_RECONNECT_IVL_MAX).
  std::chrono::milliseconds reconnect_interval_max{0};
  /// The same wait after a peer did not let us in (errc::authentication_failed), which another attempt at
  /// once would not change: it doubles with each such failure, up to a minute; -1 ms: never again.
  std::chrono::milliseconds reconnect_interval_denied{1000};
  /// What else ends the attempts; then the monitor tells that the endpoint is closed, and why, and what was
  /// queued for it is dropped (ZMQ_RECONNECT_STOP).
  reconnect_stops reconnect_stop{};
  /// How long one attempt to connect may take, 0: as long as the system tries (ZMQ_CONNECT_TIMEOUT).
  std::chrono::milliseconds connect_timeout{0};
  /// How long the whole ZMTP handshake may take, 0: no limit (ZMQ_HANDSHAKE_IVL).
  std::chrono::milliseconds handshake_timeout{30'000};
  /// A PING is sent to each peer so often, 0: never (ZMQ_HEARTBEAT_IVL). To peers that speak ZMTP 3.1, that
  /// is libzmq 4.2 and later; over inproc there is no need.
  std::chrono::milliseconds heartbeat_interval{0};
  /// Silence after a PING that ends the connection (errc::heartbeat_timeout), 0: none does, -1 ms: as the
  /// interval (ZMQ_HEARTBEAT_TIMEOUT). Whatever the peer sends breaks the silence; while nothing is read,
  /// since the receive queue is full, none is noticed. A peer that sends heartbeats and is not read is told
  /// four times a second that we are there, so less than half a second may end connections to peers whose
  /// application takes its time.
  std::chrono::milliseconds heartbeat_timeout{-1};
  /// The peer is asked to end the connection when it hears nothing from us for so long, in steps of 100 ms up
  /// to 6553.5 s, 0: it is not asked (ZMQ_HEARTBEAT_TTL). What peers ask for in their turn is always done.
  std::chrono::milliseconds heartbeat_ttl{0};
  /// Properties of our own, sent in the handshake; names start with "X-"; of 15 KB at most, 5 bytes for each
  /// property counted in (ZMQ_METADATA).
  std::map<std::string, std::string> metadata{};

  /// Sent first on each new connection, before any other message; empty: nothing (ZMQ_HELLO_MSG). PUSH,
  /// DEALER, ROUTER, PAIR, PUB, XPUB.
  bytes hello_message{};
  /// Received from a peer that connected to us when its connection is over, after all that it has sent;
  /// empty: nothing (ZMQ_DISCONNECT_MSG). PULL, DEALER, ROUTER, PAIR.
  bytes disconnect_message{};
  /// The same for a peer that we connected to (ZMQ_HICCUP_MSG).
  bytes hiccup_message{};

  // -- who is at the other end (docs/security.md)
  /// How the two sides prove who they are, and whether what they say can be read on the way
  /// (ZMQ_PLAIN_*, ZMQ_CURVE_*).
  security_mechanism security{};
  /// Decides which peers are let in: PLAIN and CURVE servers ask it of each peer that has proven who it is,
  /// sockets without security of each that has announced itself. In its place, if there is none, a ZAP
  /// handler does so (RFC 27) that is bound to inproc://zeromq.zap.01 in this context. If there is none
  /// either, a PLAIN server lets nobody in, others everybody.
  authenticator authenticate{};
  /// How long it, or the ZAP handler, may take; then the peer is disconnected and may come again.
  std::chrono::milliseconds authentication_timeout{10'000};
  /// What the ZAP handler is told (ZMQ_ZAP_DOMAIN), up to 255 bytes. Sockets without security ask it only if
  /// this is not empty.
  std::string zap_domain{};
  /// With a domain and no handler: nobody is let in. Without a domain: CURVE servers do not ask
  /// (ZMQ_ZAP_ENFORCE_DOMAIN).
  bool zap_enforce_domain = false;

  // -- from where connections may come to what is bound; others are closed at once
  /// Networks that TCP connections may come from, such as "10.0.0.0/8", "2001:db8::/32" or one address; bits
  /// behind a prefix do not count. Empty: from anywhere (ZMQ_TCP_ACCEPT_FILTER).
  std::vector<std::string> tcp_accept_filters{};
  /// Processes, users and groups (also further ones that a process is in) that ipc connections may be of, as
  /// the kernel numbers them: one of all three is enough. All empty: of anybody (ZMQ_IPC_FILTER_PID, _UID,
  /// _GID).
  std::vector<std::int32_t> ipc_accept_processes{};
  std::vector<std::uint32_t> ipc_accept_users{};
  std::vector<std::uint32_t> ipc_accept_groups{};

  // -- who may connect to what is bound; over it a connection is closed at once (errc::limit_reached)
  /// Connections at a time, 0: as many as the system has descriptors for.
  std::size_t max_connections = 0;
  /// Of them, from one address (of TCP: without the port), 0: no limit of its own.
  std::size_t max_connections_per_address = 0;
  /// Connections that are still shaking hands, 0: no limit. While there are so many no other is accepted:
  /// they wait in the backlog.
  std::size_t max_handshakes = 0;
  /// Of them, from one address (of TCP: without the port), 0: no limit of its own.
  std::size_t max_handshakes_per_address = 0;
  /// Handshakes that may begin in a second from one address, 0: no limit. One that has begun fewer for a
  /// while may begin as many as of two seconds at once.
  std::size_t handshake_rate_per_address = 0;

  // -- limits on what a peer sends; over them its connection is closed
  /// Bytes of one message, all frames together; -1: no limit (ZMQ_MAXMSGSIZE).
  std::int64_t max_message_size = -1;
  /// Frames of one message, 1 and more.
  std::size_t max_message_frames = 1024 * 1024;
  /// Bytes of a message that has not come whole yet, 0: no limit. What a peer announces takes no memory
  /// before it comes.
  std::size_t max_unfinished_bytes = 1024 * 1024 * 1024;
  /// Bytes before the handshake is done, 1024 and more.
  std::size_t max_handshake_bytes = 64 * 1024;
  /// PUB, XPUB, RADIO: topics that one peer may subscribe to, or groups that it may join, and their bytes
  /// together; 0: no limit.
  std::size_t max_subscriptions = 1024 * 1024;
  std::size_t max_subscription_bytes = 64 * 1024 * 1024;

  // -- the way to what is connected
  /// The proxy that TCP connections go out through, "HOST:PORT"; it speaks SOCKS 5 (RFC 1928) and is told
  /// names as they are, so that it looks them up. Empty: none (ZMQ_SOCKS_PROXY). It may take as long as
  /// `connect_timeout`, or without one as `handshake_timeout`.
  std::string socks_proxy{};
  /// What the proxy is told if it asks who we are (RFC 1929), in the clear; up to 255 bytes each. Without a
  /// name nothing (ZMQ_SOCKS_USERNAME, ZMQ_SOCKS_PASSWORD).
  std::string socks_username{};
  std::string socks_password{};

  // -- the operating system's sockets
  /// Accept and connect over IPv6 too (ZMQ_IPV6).
  bool ipv6 = false;
  /// Connections waiting to be accepted, 1 and more; the system caps it (ZMQ_BACKLOG, there 100). One too
  /// many is tried again, over tcp by its system after 1 s, 3 s, 7 s, ...
  int backlog = 4096;
  /// Kernel buffers in bytes, -1: the system's default (ZMQ_SNDBUF, ZMQ_RCVBUF).
  int kernel_send_buffer = -1;
  int kernel_receive_buffer = -1;
  /// TCP keep-alive: none: the system's default (ZMQ_TCP_KEEPALIVE).
  std::optional<bool> tcp_keepalive{};
  /// With keep-alive on: silence before the first probe, 1 s to 32767 s; none: the system's
  /// (ZMQ_TCP_KEEPALIVE_IDLE).
  std::optional<std::chrono::seconds> tcp_keepalive_idle{};
  /// Probes without an answer that end the connection, 1 to 127 (ZMQ_TCP_KEEPALIVE_CNT).
  std::optional<int> tcp_keepalive_count{};
  /// Between two probes, 1 s to 32767 s (ZMQ_TCP_KEEPALIVE_INTVL).
  std::optional<std::chrono::seconds> tcp_keepalive_interval{};
  /// How long sent bytes may stay unacknowledged before the connection is given up, 0: as long as the system
  /// tries (ZMQ_TCP_MAXRT).
  std::chrono::milliseconds tcp_user_timeout{0};
  /// The congestion control of TCP connections by the system's name for it ("reno", "cubic", "bbr", ...;
  /// TCP_CONGESTION), empty: the system's, but between processes of one machine reno in place of bbr, whose
  /// pacing only holds bytes up there. What the system does not have, or not let us have, is an error of
  /// `bind`; a `connect` tells it as the reason of its retries.
  std::string tcp_congestion_control{};
  /// The type-of-service octet of sent packets, 0 to 255; 0: not set (ZMQ_TOS).
  int type_of_service = 0;
  /// The priority of sent packets in the system's queues, 0: not set (ZMQ_PRIORITY; SO_PRIORITY). The system
  /// asks for privileges from 7 on.
  int packet_priority = 0;
  /// So long the system looks for packets itself, in the place of waiting for an interrupt, before a socket
  /// counts as having none, in microseconds; 0: not set (ZMQ_BUSY_POLL; SO_BUSY_POLL). The
  /// system may ask for privileges.
  int busy_poll_us = 0;
  /// Over UDP: what is sent to a multicast address passes so many networks, 1 and more, of which 1 is the
  /// local one, and the system has 255 at most (ZMQ_MULTICAST_HOPS).
  int multicast_hops = 1;
  /// Over UDP: what is sent to a multicast address comes back to sockets of this machine
  /// (ZMQ_MULTICAST_LOOP).
  bool multicast_loop = true;
  /// The interface that TCP and UDP sockets are tied to; empty: any (ZMQ_BINDTODEVICE). The system may ask
  /// for privileges.
  std::string bind_to_device{};
  /// A socket that the application has made and that listens already, as from whoever started the process:
  /// the next `bind` to tcp or ipc takes it over, wherever it listens, in place of one of its own, and closes
  /// it in the end; a file of ipc stays. -1: none (ZMQ_USE_FD). A `bind` that fails leaves it to the
  /// application (errc::invalid_argument: it does not listen, or not for that transport).
  int listening_descriptor = -1;

  // -- REQ
  /// A new request may be sent before the reply to the last one came (ZMQ_REQ_RELAXED).
  bool req_relaxed = false;
  /// Requests carry an id, and a reply counts only with the same one (ZMQ_REQ_CORRELATE).
  bool req_correlate = false;

  // -- ROUTER (probe: DEALER and REQ too)
  /// A message to nobody, or to a full peer, is an error instead of dropped (ZMQ_ROUTER_MANDATORY).
  bool router_mandatory = false;
  /// A new peer takes over a routing id that is in use instead of being refused (ZMQ_ROUTER_HANDOVER).
  bool router_handover = false;
  /// Send an empty message to each new peer (ZMQ_PROBE_ROUTER).
  bool probe_router = false;
  /// An empty message is received from each new peer (ZMQ_NOTIFY_CONNECT of ZMQ_ROUTER_NOTIFY). Not over
  /// inproc.
  bool router_notify_connect = false;
  /// An empty message is received from a peer that has gone, after all that it has sent
  /// (ZMQ_NOTIFY_DISCONNECT of ZMQ_ROUTER_NOTIFY). Not over inproc.
  bool router_notify_disconnect = false;

  // -- STREAM
  /// An empty chunk is received from each new connection, and from one that is over, after all that has come
  /// over it (ZMQ_STREAM_NOTIFY).
  bool stream_notify = true;

  // -- PUB, XPUB, SUB, XSUB, RADIO
  /// XPUB: what is reported of subscriptions.
  subscription_reports report_subscriptions = subscription_reports::first;
  /// PUB, XPUB, RADIO: a full subscriber makes `send` wait instead of losing the message (ZMQ_XPUB_NODROP).
  bool no_drop = false;
  /// PUB, XPUB: sent to each new subscriber; empty: nothing (ZMQ_XPUB_WELCOME_MSG).
  bytes welcome_message{};
  /// PUB, XPUB, SUB: deliver what does not match (ZMQ_INVERT_MATCHING); both sides must set it.
  bool invert_matching = false;
  /// XSUB: pass on every cancellation, not only the last of a topic (ZMQ_XSUB_VERBOSE_UNSUBSCRIBE).
  bool verbose_unsubscribe = false;
  /// PUB, XPUB, XSUB: in a message of several frames those behind the first are subscriptions only if that is
  /// one (ZMQ_ONLY_FIRST_SUBSCRIBE).
  bool only_first_subscribe = false;
};

/// Options of one `connect`.
struct connect_options {
  /// ROUTER, STREAM: the id to know this peer by, whatever it announces (ZMQ_CONNECT_ROUTING_ID); empty: the
  /// announced one, of a STREAM's a generated one.
  bytes routing_id{};
};

}  // namespace monocoque

#pragma GCC visibility pop
