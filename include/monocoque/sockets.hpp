#pragma once

#include <monocoque/routing_number.hpp>
#include <monocoque/socket.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque {

/// REQ: sends a request, then receives its reply, in strict turn; requests go to the peers in turn (RFC 28).
class req final : public duplex_socket {
 public:
  explicit req(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::req, std::move(options)) {}
};

/// REP: receives a request, then sends its reply, in strict turn (RFC 28).
class rep final : public duplex_socket {
 public:
  explicit rep(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::rep, std::move(options)) {}
};

/// DEALER: sends to its peers in turn, receives from all of them fairly (RFC 28).
class dealer final : public duplex_socket {
 public:
  explicit dealer(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::dealer, std::move(options)) {}
};

/// ROUTER: the first frame of a message is the routing id of the peer it comes from or goes to (RFC 28).
class router final : public duplex_socket {
 public:
  explicit router(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::router, std::move(options)) {}
};

/// STREAM: talks TCP to peers that speak no ZMTP, also over ipc. A message is two frames, the routing id of a
/// connection and a chunk of its bytes, cut wherever it happens to be. Unless `stream_notify` is off an empty
/// chunk is received when a connection has come, accepted or connected, and another when it is over; sending
/// one ends it as soon as what is queued is out, and then nothing more is received of it. To an id that
/// nobody has: errc::unroutable. There is no security, whatever `connect` and `bind` reach.
class stream final : public duplex_socket {
 public:
  explicit stream(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::stream, std::move(options)) {}
  /// What the newest connection is known by, or the one that `connect` has just begun: messages for it may be
  /// sent at once (not if `immediate`). Empty: there is none. Thread-safe; takes longer the more there are.
  [[nodiscard]] bytes last_routing_id() const;
};

/// PAIR: talks to exactly one peer (RFC 31).
class pair final : public duplex_socket {
 public:
  explicit pair(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::pair, std::move(options)) {}
};

/// CHANNEL: talks to exactly one peer, in messages of one frame (RFC 52, draft). Several:
/// errc::invalid_argument.
class channel final : public duplex_socket {
 public:
  explicit channel(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::channel, std::move(options)) {}
};

/// CLIENT: sends to its SERVER peers in turn and receives from all of them fairly, in any order, in messages
/// of one frame (RFC 41, draft). Several: errc::invalid_argument.
class client final : public duplex_socket {
 public:
  explicit client(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::client, std::move(options)) {}
};

/// SERVER: talks to CLIENT peers, each known by a number that its connection has (RFC 41, draft). A message
/// is two frames, `routing_id_frame` of that number and what comes from or goes to the peer, which is one
/// frame on the wire: `s.send({request[0], "reply"})`. `routing_id_of(request)` is the number: from 1 to 2^32
/// - 1, another for each connection, kept by an endpoint that is connected again. Sending to one that nobody
/// has: errc::unroutable; more or fewer than two frames: errc::invalid_argument; a peer that is full is
/// waited for.
class server final : public duplex_socket {
 public:
  explicit server(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::server, std::move(options)) {}
  /// Ends the connection of that peer. What is queued for it still goes out, nothing more is received of it,
  /// and an endpoint that we connected to is given up. Errors: unroutable, if nobody is known by that number.
  /// Thread-safe.
  void disconnect_peer(std::uint32_t routing_id) { disconnect_peer(as_result, routing_id).value(); }
  result<void> disconnect_peer(as_result_tag, std::uint32_t routing_id);
};

/// PEER: as SERVER, but among equals: whoever knows a peer's number may send first (RFC 51, draft).
class peer final : public duplex_socket {
 public:
  explicit peer(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::peer, std::move(options)) {}
  /// `connect`, and answers the number of that peer: messages for it may be sent at once. Errors: those of
  /// connect; not_supported with the option `immediate`, which makes nobody known before it is there.
  /// Thread-safe.
  std::uint32_t connect_peer(std::string_view endpoint) { return connect_peer(as_result, endpoint).value(); }
  result<std::uint32_t> connect_peer(as_result_tag, std::string_view endpoint);
  /// As server::disconnect_peer.
  void disconnect_peer(std::uint32_t routing_id) { disconnect_peer(as_result, routing_id).value(); }
  result<void> disconnect_peer(as_result_tag, std::uint32_t routing_id);
};

/// PUSH: deals messages out to its peers in turn (RFC 30).
class push final : public sending_socket {
 public:
  explicit push(context& owner, socket_options options = {})
      : sending_socket(owner, socket_type::push, std::move(options)) {}
};

/// PULL: receives from all its peers fairly (RFC 30).
class pull final : public receiving_socket {
 public:
  explicit pull(context& owner, socket_options options = {})
      : receiving_socket(owner, socket_type::pull, std::move(options)) {}
};

/// SCATTER: deals messages of one frame out to its GATHER peers in turn (RFC 49, draft). Several:
/// errc::invalid_argument.
class scatter final : public sending_socket {
 public:
  explicit scatter(context& owner, socket_options options = {})
      : sending_socket(owner, socket_type::scatter, std::move(options)) {}
};

/// GATHER: receives from all its SCATTER peers fairly, in messages of one frame (RFC 49, draft).
class gather final : public receiving_socket {
 public:
  explicit gather(context& owner, socket_options options = {})
      : receiving_socket(owner, socket_type::gather, std::move(options)) {}
};

/// PUB: sends each message to every subscriber of its topic, the bytes at its start; full subscribers lose it
/// (RFC 29).
class pub final : public sending_socket {
 public:
  explicit pub(context& owner, socket_options options = {})
      : sending_socket(owner, socket_type::pub, std::move(options)) {}
};

/// SUB: receives the messages whose start equals one of its subscriptions; none at first (RFC 29).
class sub final : public receiving_socket {
 public:
  explicit sub(context& owner, socket_options options = {})
      : receiving_socket(owner, socket_type::sub, std::move(options)) {}
  /// Counted: what was subscribed twice is to be cancelled twice. "" matches everything.
  void subscribe(std::string_view topic) { subscribe(as_result, topic).value(); }
  result<void> subscribe(as_result_tag, std::string_view topic);
  /// Cancelling what is not subscribed does nothing.
  void unsubscribe(std::string_view topic) { unsubscribe(as_result, topic).value(); }
  result<void> unsubscribe(as_result_tag, std::string_view topic);
};

/// XPUB: a PUB that receives its subscribers' messages: byte 1 (subscribe) or 0 (cancel) and the topic (RFC
/// 29).
class xpub final : public duplex_socket {
 public:
  explicit xpub(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::xpub, std::move(options)) {}
  /// Manual mode: subscribes the peer whose subscription message was received last to `topic`, or cancels it.
  void subscribe_last_peer(std::string_view topic) { subscribe_last_peer(as_result, topic).value(); }
  result<void> subscribe_last_peer(as_result_tag, std::string_view topic);
  void unsubscribe_last_peer(std::string_view topic) { unsubscribe_last_peer(as_result, topic).value(); }
  result<void> unsubscribe_last_peer(as_result_tag, std::string_view topic);
};

/// XSUB: a SUB that subscribes by sending messages: byte 1 (subscribe) or 0 (cancel) and the topic (RFC 29).
class xsub final : public duplex_socket {
 public:
  explicit xsub(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::xsub, std::move(options)) {}
  /// The same as sending such a message.
  void subscribe(std::string_view topic) { subscribe(as_result, topic).value(); }
  result<void> subscribe(as_result_tag, std::string_view topic);
  void unsubscribe(std::string_view topic) { unsubscribe(as_result, topic).value(); }
  result<void> unsubscribe(as_result_tag, std::string_view topic);
};

/// RADIO: sends messages of two frames, the name of a group (up to 255 octets) and a payload, to every DISH
/// that has joined the group; full ones lose it (RFC 48). Over UDP, connected only ("udp://239.0.0.1:5555"),
/// each message is a datagram of up to 8192 octets, group and its length included, to whoever is there.
/// Another form of message is errc::invalid_argument.
class radio final : public sending_socket {
 public:
  explicit radio(context& owner, socket_options options = {})
      : sending_socket(owner, socket_type::radio, std::move(options)) {}
};

/// DISH: receives the messages, two frames, group and payload, of the groups that it has joined; none at
/// first (RFC 48). Over UDP it is bound ("udp://*:5555", or to a multicast address, which it then receives
/// from).
class dish final : public receiving_socket {
 public:
  explicit dish(context& owner, socket_options options = {})
      : receiving_socket(owner, socket_type::dish, std::move(options)) {}
  /// Messages of just that group, also from connections to come. errc::invalid_argument: it was joined
  /// before, or has more than 255 octets. Thread-safe.
  void join(std::string_view group) { join(as_result, group).value(); }
  result<void> join(as_result_tag, std::string_view group);
  /// errc::invalid_argument: it was not joined. What has been received of it by then is dropped.
  void leave(std::string_view group) { leave(as_result, group).value(); }
  result<void> leave(as_result_tag, std::string_view group);
};

/// DGRAM: bare datagrams over the one UDP endpoint that is bound, "udp://*:5555". A message is two frames,
/// the other side's address in digits, "192.0.2.1:5555" or "[2001:db8::1]:5555", and a payload of up to 8192
/// octets; one that is longer, or has another number of frames, is errc::invalid_argument. What is sent to an
/// address that is none is dropped (drop_reason::unroutable). Nobody is told of what gets lost on the way.
class dgram final : public duplex_socket {
 public:
  explicit dgram(context& owner, socket_options options = {})
      : duplex_socket(owner, socket_type::dgram, std::move(options)) {}
};

}  // namespace monocoque

#pragma GCC visibility pop
