#pragma once

#include "zmtp/config.hpp"
#include "zmtp/frame_form.hpp"
#include "zmtp/mechanism/claim.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/error.hpp>
#include <monocoque/message.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

namespace monocoque::zmtp {

// -- events ----------------------------------------------------------------------------------------------

/// The peer is who it says and may talk to us; messages follow.
struct handshake_done {
  peer_info peer;  ///< address left empty
};
/// Whole messages in canonical form (base/wire.hpp), back to back, no command among them.
struct messages {
  bytes data;
  std::uint32_t count = 0;
};
/// SUBSCRIBE or CANCEL command (ZMTP 3.1), for PUB and XPUB; JOIN or LEAVE, of the group `topic`, for RADIO
/// (RFC 48; libzmq's form). The message form of older peers arrives in `messages`. A ZMTP 1.0 peer without
/// any version cannot subscribe and is taken to have subscribed to everything.
struct subscription {
  bool add = false;
  bytes topic;
};
/// A PONG came in (heartbeats).
struct pong {
  bytes context;
};
/// The connection is over: close it. Bytes that are still to be sent (an ERROR command) should be tried.
struct failed {
  error reason;
  /// Who the peer said it is, if it came so far; what it says need not make sense.
  std::shared_ptr<const peer_info> announced{};
  /// The status of ZAP with which the peer was refused, or has refused us; 0: it was for something else.
  std::uint16_t status = 0;
  /// The command that the handshake failed at; printable. Empty: none, or none with a name.
  std::string command{};
};
/// A `claim`: the peer wants to be let in; nothing more comes before `handle_verdict`.
using event = std::variant<std::monostate, handshake_done, messages, subscription, pong, claim, failed>;

/// One side of one ZMTP connection (RFC 37, RFC 23, and the mechanisms of RFC 24 to 26; ZMTP 2.0 and 1.0
/// peers by downgrade, as RFC 37 section "Version Negotiation" and libzmq do it): bytes in, events and bytes
/// out. That of a STREAM socket speaks no ZMTP (raw_framing.hpp); its handshake is done from the start. No
/// I/O, no clock, no thread: the owner (a link) calls it from one thread at a time and passes the time in.
///
/// In: `handle_input(chunk)`, then `poll_event(n)` until it answers std::monostate; only then the next chunk.
/// An owner that has no room stops calling poll_event, and what was not looked at yet stays here (at most the
/// chunk it gave). While a large message is under way `direct_room()` offers its own memory to read into.
/// Out: `output()` holds handshake, PONG and ERROR bytes until `consume_output`. They may be sent only
/// between whole messages.
class connection {
 public:
  /// Many connections may share their settings.
  connection(std::shared_ptr<const config> settings, time_point now);
  connection(config settings, time_point now);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // -- in
  /// Takes the bytes that were read next. Shares them; nothing is copied but frames split between two chunks.
  /// Encrypted ones are decrypted where they are, and passwords overwritten: nobody else may look at them.
  void handle_input(bytes chunk);
  /// If not empty: read into this memory instead (it is inside a partly received large message and never
  /// reaches past that frame's end), then call handle_direct. Valid until the next call of any other
  /// function.
  [[nodiscard]] std::span<std::byte> direct_room();
  void handle_direct(std::size_t size);
  /// The next event in wire order, at most `max_messages` messages in a `messages`. std::monostate: nothing
  /// more without more input. After `failed` nothing but std::monostate follows. `max_messages` 0: everything
  /// that comes before the next message.
  [[nodiscard]] event poll_event(std::uint32_t max_messages = UINT32_MAX);
  /// The short way to a `messages` event, if that is the next; else, with nothing done, one of none.
  [[nodiscard]] messages poll_messages(std::uint32_t max_messages);
  /// True if poll_event would have nothing, and let go of nothing, without more input; may be false then,
  /// too.
  [[nodiscard]] bool at_rest() const noexcept;
  /// What was decided about a claim. Without effect on a connection that has failed meanwhile.
  void handle_verdict(verdict decided);
  /// The peer closed its side.
  void handle_eof();
  /// Time has passed: handshake deadline. Results show in poll_event.
  void handle_timeout(time_point now);
  /// When handle_timeout wants to be called; time_point::max() if never.
  [[nodiscard]] time_point next_timeout() const noexcept;

  // -- out
  [[nodiscard]] std::span<const std::byte> output() const noexcept;
  void consume_output(std::size_t size) noexcept;
  /// Appends to `out` what subscribes this side to (or cancels) `topic` as this peer understands it, a
  /// SUBSCRIBE/CANCEL command for ZMTP 3.1, a message starting with 1 or 0 for older ones, in canonical form.
  /// Of a DISH: a JOIN/LEAVE command, of any group's name.
  void encode_subscription(bool add, std::span<const std::byte> topic, std::vector<std::byte>& out) const;
  /// Appends a PING (ZMTP 3.1 only; otherwise nothing). `ttl` in tenths of a second.
  void encode_ping(std::uint16_t ttl_ds, std::span<const std::byte> context,
                   std::vector<std::byte>& out) const;
  /// Appends a PONG that answers nothing (ZMTP 3.1 only; otherwise nothing): a mere sign of life.
  void encode_sign_of_life(std::vector<std::byte>& out) const;
  /// How everything is to be written that follows the handshake's output, commands too; null: in canonical
  /// form. Once, after handshake_done.
  [[nodiscard]] std::unique_ptr<frame_form> take_form();

  // -- state
  [[nodiscard]] bool ready() const noexcept;  ///< the handshake is done and nothing failed
  [[nodiscard]] bool has_failed() const noexcept;
  [[nodiscard]] bool greeted() const noexcept;  ///< the peer's greeting has come, whole
  /// Bytes held for a message that is not complete yet.
  [[nodiscard]] std::size_t pending_bytes() const noexcept;
  /// Input that was not looked at yet. Not zero after std::monostate only if `max_messages` 0 held it back.
  [[nodiscard]] std::size_t unread_bytes() const noexcept;
  /// The time to live in the peer's last PING: it asks to be given up when nothing more comes from it for so
  /// long. 0: it never asked.
  [[nodiscard]] std::chrono::milliseconds peer_ttl() const noexcept;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace monocoque::zmtp
