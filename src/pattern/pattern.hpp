#pragma once

#include "base/peer_id.hpp"
#include "pattern/frame_cursor.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/drop_reason.hpp>
#include <monocoque/error.hpp>
#include <monocoque/message.hpp>
#include <monocoque/result.hpp>
#include <monocoque/socket_type.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace monocoque::pattern {

using base::peer_id;

/// What the application chose, as far as patterns are concerned. Defaults are libzmq's.
struct settings {
  bool req_relaxed = false;       ///< REQ: a new request may be sent before the reply came (ZMQ_REQ_RELAXED)
  bool req_correlate = false;     ///< REQ: requests carry an id, replies must match (ZMQ_REQ_CORRELATE)
  bool router_mandatory = false;  ///< ROUTER: unroutable and full are errors instead of drops
  bool router_handover = false;   ///< ROUTER: a new peer takes over a routing id that is in use
  bool probe_router = false;      ///< ROUTER, DEALER, REQ: greet each new peer with an empty message
  bool xpub_verbose = false;      ///< XPUB: pass on every subscription, not only the first of its topic
  bool xpub_verboser = false;     ///< XPUB: pass on every subscription and every cancellation
  bool xpub_manual = false;       ///< XPUB: the application says what each subscription message subscribes to
  bool xpub_manual_last_value = false;  ///< as manual; the next message goes only to the peer subscribed last
  bool xpub_no_drop = false;            ///< PUB, XPUB: a full subscriber blocks instead of losing messages
  bool invert_matching = false;         ///< PUB, XPUB, SUB: deliver what does not match
  bool xsub_verbose_unsubscribe = false;  ///< XSUB: pass every cancellation upstream
  bool router_wait = false;               ///< ROUTER: a full peer makes the sender wait
  bool only_first_subscribe = false;  ///< PUB, XPUB, XSUB: frames behind one that is no subscription are none
  std::size_t max_subscriptions = 0;  ///< PUB, XPUB: topics a peer may subscribe to; 0: no limit
  std::size_t max_subscription_size = 0;  ///< and their bytes together
  bytes xpub_welcome{};                   ///< PUB, XPUB: sent to each new subscriber; empty: none
  /// SUB, XSUB, PUB, XPUB: what libzmq does on the wire, against RFC 37: subscribers tell every subscription
  /// but only the last cancellation of a topic, publishers forget a peer's topic at the first cancellation.
  /// Off: a subscriber tells the first and the last, and a publisher counts.
  bool subscriptions_as_libzmq = false;
  std::uint64_t seed = 0;  ///< of generated routing ids, request ids and hashes; 0: from the system
};

struct peer_description {
  bytes routing_id{};        ///< announced by the peer or set for it by the application; empty: none
  bool assigned_id = false;  ///< the application chose it (ZMQ_CONNECT_ROUTING_ID)
  bool unlimited = false;    ///< may subscribe to as much as it likes
  bool takes_all = false;    ///< RADIO: gets every message, since it cannot say what it wants (UDP)
};

struct attach_verdict {
  std::optional<error> refused{};    ///< close that connection with this reason
  peer_id hand_over{};               ///< valid: close this older connection; the new one takes its place
  std::vector<message> greetings{};  ///< to be sent to the new peer first (probe, welcome message)
  bytes routing_id{};                ///< ROUTER/REP: the id this peer is known by (given or generated)
};

enum class send_kind : std::uint8_t {
  pass,           ///< hand it to every peer in `to`
  drop,           ///< nobody gets it, and that is as the pattern promises
  would_block,    ///< nobody can take it now
  unroutable,     ///< no such peer (mandatory routing, SERVER)
  wrong_state,    ///< not allowed now (REQ, REP)
  invalid,        ///< malformed for this pattern (ROUTER without a routing id frame, ...)
  disconnect,     ///< STREAM: the connection to `to` is to end when what is queued for it is out
  subscription,   ///< XSUB: `topic` is to be subscribed (add) or cancelled at every peer in `to`
  consumed,       ///< handled inside (an XSUB subscription that is not passed on)
  not_supported,  ///< this type does not send (PULL, SUB)
};

struct send_verdict {
  send_kind kind = send_kind::would_block;
  std::span<const peer_id> to{};        ///< valid until the next call
  std::size_t skip = 0;                 ///< leading frames that are addresses and do not go out
  std::span<const std::byte> prefix{};  ///< whole frames (MORE set) in canonical form to go out first
  std::uint32_t dropped = 0;            ///< copies that are dropped: for each of `full`, or for nobody
  std::span<const peer_id> full{};      ///< peers that should have got it but are full; valid as `to`
  drop_reason why = drop_reason::full;  ///< with `dropped`
  /// Kind pass, if not 0: as long as the number is the same, `to` and `full` are the same too.
  std::uint64_t selection = 0;
  /// With a selection: any message would be answered the same, until something changes.
  bool for_any_message = false;
  bool add = false;                    ///< kind subscription
  std::span<const std::byte> topic{};  ///< kind subscription; valid while what was handed in is
  /// REQ, kind pass: what waits to be read, from whichever peer, is older than this request and must not be
  /// taken for its reply: the owner throws it away (and calls set_readable) before it appends the request.
  bool discard_waiting = false;
};

enum class receive_kind : std::uint8_t {
  deliver,   ///< to the application
  drop,      ///< not for us (filter, stale reply): dropped as the pattern promises
  consumed,  ///< it was for the pattern itself (subscription in message form)
  refuse,    ///< the peer broke the pattern's rules: close that connection
};

struct receive_verdict {
  receive_kind kind = receive_kind::deliver;
  const bytes* prepend = nullptr;  ///< frame to put in front (ROUTER: routing id); valid until the next call
  errc reason = errc::bad_frame;   ///< kind refuse
};

/// What one socket type does: who gets a message, whose message comes next, what is told to whom. Pure state:
/// no I/O, no clock, no lock; its owner (a socket core) calls it under the socket's monitor.
///
/// The owner keeps the pipes and tells the pattern when they become writable, readable or empty. `route`
/// names only peers that are writable, and its verdict is final: the owner appends the message to each of
/// them. What throws (std::bad_alloc) has changed nothing, but that `detach` may be needed after an `attach`.
/// Every function is O(1) or O(number of peers named in the answer), except matching (see
/// subscription_index). A call about a peer_id that is not attached does nothing.
class pattern {
 public:
  virtual ~pattern() = default;

  /// Goes by these from now on, but for `subscriptions_as_libzmq`, and `seed` is of what is made anew. Peers,
  /// subscriptions and what has been sent and not answered stay. What greets new peers greets the next one.
  virtual void change_settings(const settings& options);

  // -- peers
  /// A peer came. It starts neither writable nor readable; the owner sets both afterwards.
  [[nodiscard]] virtual attach_verdict attach(peer_id peer, const peer_description& description) = 0;
  /// A peer has gone for good: nothing of it is left to read. Late or repeated calls do nothing.
  virtual void detach(peer_id peer) = 0;
  virtual void set_writable(peer_id peer, bool writable) = 0;
  /// Nothing can be sent to that peer any more, whatever comes: it has gone or is about to, though what it
  /// has sent may still be taken. It does not become writable again.
  virtual void shut(peer_id peer) { set_writable(peer, false); }
  /// True when whole messages of that peer wait in its pipe, false when there is none any more.
  virtual void set_readable(peer_id peer, bool readable) = 0;

  /// Short cuts for the hot path, valid until the next call that changes anything. The only peer that `route`
  /// would pass any message to, unchanged and without further effect; not valid if there is no such one.
  [[nodiscard]] peer_id sole_target() const noexcept { return sole_target_; }
  /// The only peer that has messages, if `admit` would deliver each without further effect, and unchanged but
  /// for `sole_source_id`.
  [[nodiscard]] peer_id sole_source() const noexcept { return sole_source_; }
  /// The only peer that has messages, if `admit` would either deliver or drop each, as `lets_in` says.
  [[nodiscard]] peer_id sole_filtered_source() const noexcept { return sole_filtered_source_; }
  /// What goes in front of each of its messages (ROUTER: its routing id); null: nothing.
  [[nodiscard]] const bytes* sole_source_id() const noexcept { return sole_source_id_; }
  /// True if `admit` delivers every message of whichever peer without further effect than that the turn goes
  /// on, with the same frame in front of all of that peer's.
  [[nodiscard]] bool delivers_all() const noexcept { return traits_.delivers_all; }

  // -- out
  [[nodiscard]] virtual send_verdict route(std::span<const bytes> frames) = 0;
  /// What kind of answer `route` would give now to a message that begins with this frame and is well formed.
  /// Changes nothing of it.
  [[nodiscard]] virtual send_kind would_route(std::span<const std::byte> first) = 0;
  /// `route` for a pattern that looks at the payload of the first frame only (PUB, XPUB, RADIO).
  [[nodiscard]] bool routes_by_topic() const noexcept { return traits_.routes_by_topic; }
  [[nodiscard]] virtual send_verdict route_by_topic(std::span<const std::byte> first);
  /// What `route` passed, or `admit` delivered last, could not be carried out for want of memory: whether the
  /// application may send or receive is as it was before. Nothing else has been called since.
  virtual void take_back() noexcept {}
  /// True if a `route` now would not answer would_block or wrong_state (what a poller calls "writable").
  [[nodiscard]] virtual bool can_send() const = 0;

  // -- in
  /// The peer whose message is to be taken next; not valid if there is none (or none may be taken now).
  /// Asking twice gives the same answer: it is `admit` that moves on to the next peer's turn.
  [[nodiscard]] virtual peer_id next_source() = 0;
  /// Judges the next message of `peer`, of which no frame has been passed. What is delivered are the frames
  /// that the cursor has not passed then.
  [[nodiscard]] virtual receive_verdict admit(peer_id peer, frame_cursor& received) = 0;
  /// With a `sole_filtered_source`, or if it is selective: whether a message with that payload in its first
  /// frame is delivered.
  [[nodiscard]] virtual bool lets_in(std::span<const std::byte> first) const;
  /// It will soon be asked about this one: memory that is far away may be fetched. False if there is no need.
  virtual bool foresee(std::span<const std::byte> first) const;
  /// True if next_source or take_local would find something that may be taken now (what a poller calls
  /// "readable").
  [[nodiscard]] virtual bool can_receive() const = 0;
  /// Why next_source has nothing: wrong_state (REQ before a request, ...) or would_block. PUB, PUSH:
  /// not_supported.
  [[nodiscard]] virtual errc why_no_source() const { return errc::would_block; }
  /// Messages that come from the pattern itself (XPUB: subscriptions), in order; they go before next_source.
  [[nodiscard]] virtual std::optional<message> take_local() { return std::nullopt; }

  /// The peer that the message take_local gave last came from; not valid if it has gone.
  [[nodiscard]] virtual peer_id local_source() const { return {}; }

  /// True if what `admit` drops is what nobody wanted, and no loss (SUB, DISH): one who asks whether there is
  /// something to receive is not to be told of it, but of what `lets_in` lets in.
  [[nodiscard]] bool is_selective() const noexcept { return traits_.is_selective; }

  /// True if the owner is to call `admit` for each message as it arrives rather than when the application
  /// receives (PUB, XPUB, RADIO): a message answered with `deliver` is then kept by the pattern for
  /// take_local.
  [[nodiscard]] virtual bool admits_on_arrival() const { return false; }
  /// With admits_on_arrival: false while so much waits in take_local that nothing more may be admitted, be it
  /// messages or subscriptions: the owner stops reading from its peers.
  [[nodiscard]] virtual bool has_room() const { return true; }

  // -- subscriptions
  /// SUB, XSUB: the application subscribes or cancels. The answer is a send_verdict of kind subscription
  /// (tell every peer in `to`) or consumed. DISH: it joins a group or leaves one; invalid: the group's name
  /// is too long, it has joined it already, or has not.
  [[nodiscard]] virtual send_verdict subscribe(std::span<const std::byte> topic, bool add);
  /// SUB, XSUB, DISH: all that a new peer must be told.
  virtual void for_each_subscription(const std::function<void(std::span<const std::byte>)>& visit) const;
  /// PUB, XPUB, RADIO: a SUBSCRIBE or CANCEL, JOIN or LEAVE command came in. False: that was more than the
  /// peer may subscribe to; its connection is to be closed (errc::limit_reached).
  virtual bool on_subscription(peer_id peer, bool add, const bytes& topic);
  /// PUB, XPUB, SUB, XSUB: how many different topics there are.
  [[nodiscard]] virtual std::size_t topic_count() const { return 0; }
  /// XPUB manual mode: subscribe (or cancel) the peer of the message that take_local gave last to `topic`.
  virtual result<void> subscribe_last_peer(std::span<const std::byte> topic, bool add);

  // -- routing
  /// ROUTER, REP: the peer known by that id; not valid if none.
  [[nodiscard]] virtual peer_id find(std::span<const std::byte> routing_id) const;

 protected:
  struct traits {
    bool routes_by_topic = false;
    bool delivers_all = false;
    bool is_selective = false;
  };
  pattern() noexcept : pattern(traits{}) {}
  explicit pattern(traits has) noexcept : traits_(has) {}

  peer_id sole_target_;
  peer_id sole_source_;
  const bytes* sole_source_id_ = nullptr;
  peer_id sole_filtered_source_;

 private:
  const traits traits_;
};

/// True of types whose messages have one frame on the wire: what a peer sends with several is passed over.
[[nodiscard]] bool has_single_frames(socket_type type) noexcept;
[[nodiscard]] std::unique_ptr<pattern> make_pattern(socket_type type, const settings& options);

}  // namespace monocoque::pattern
