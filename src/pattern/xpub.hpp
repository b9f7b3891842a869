#pragma once

#include "pattern/pub.hpp"

#include <deque>

namespace monocoque::pattern {

/// XPUB (RFC 29): PUB whose application gets the subscriptions, as messages (a 1 or a 0, the topic), and
/// whatever else its peers send. Of subscriptions to one topic it gets the first and of cancellations the
/// last, unless told to be verbose. When a peer goes, the topics that nobody else has are cancelled.
///
/// At most `room` messages, or `room_bytes`, wait for the application before the owner stops admitting;
/// beyond these there is at most one for each topic of peers that have gone meanwhile.
class xpub final : public pub {
 public:
  static constexpr std::size_t room = 65'536;
  static constexpr std::size_t room_bytes = 16 * 1024 * 1024;

  explicit xpub(const settings& options);

  /// When the application takes over what is subscribed (manual mode), peers have asked for what they have;
  /// when it lets go of that, they have what it made of it.
  void change_settings(const settings& options) override;
  void detach(peer_id peer) override;
  [[nodiscard]] send_verdict route_by_topic(std::span<const std::byte> first) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool can_receive() const override { return !local_.empty(); }
  [[nodiscard]] errc why_no_source() const override { return errc::would_block; }
  [[nodiscard]] bool has_room() const override { return local_.size() < room && local_bytes_ < room_bytes; }
  [[nodiscard]] std::optional<message> take_local() override;
  [[nodiscard]] peer_id local_source() const override { return source_; }
  bool on_subscription(peer_id peer, bool add, const bytes& topic) override;
  result<void> subscribe_last_peer(std::span<const std::byte> topic, bool add) override;

 private:
  struct local_message {
    message content;
    peer_id subscriber;  // manual mode: who sent this subscription
    bool subscription = false;
  };

  bool handle_subscription(peer_id peer, bool add, std::span<const std::byte> topic);
  void keep(local_message what);
  void tell(peer_id peer, bool add, std::span<const std::byte> topic);

  bool manual_;
  subscription_index requested_;  // manual mode: what peers asked for, whatever the application made of it
  std::deque<local_message> local_;
  std::size_t local_bytes_ = 0;  // of their payloads
  peer_id last_;                 // manual mode: whose subscription the application took last
  peer_id source_;               // of the message that take_local gave last
};

}  // namespace monocoque::pattern
