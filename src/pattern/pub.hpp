#pragma once

#include "pattern/distribution.hpp"
#include "pattern/pattern.hpp"
#include "pattern/subscription_index.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace monocoque::pattern {

/// PUB (RFC 29): a message goes to each peer that subscribed to a prefix of its first frame. Peers that are
/// full lose it, or, with `xpub_no_drop`, block it for all. What peers send other than subscriptions is
/// ignored.
///
/// Who gets a message is worked out anew only if other topics match than did the last time, or if a peer or a
/// subscription has changed since.
class pub : public pattern {
 public:
  explicit pub(const settings& options);

  void change_settings(const settings& options) override;
  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  void detach(peer_id peer) override;
  void set_writable(peer_id peer, bool writable) override;
  void set_readable(peer_id peer, bool readable) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  [[nodiscard]] send_verdict route_by_topic(std::span<const std::byte> first) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override;
  [[nodiscard]] peer_id next_source() override;
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool can_receive() const override { return false; }
  [[nodiscard]] errc why_no_source() const override { return errc::not_supported; }
  [[nodiscard]] bool admits_on_arrival() const override { return true; }
  bool on_subscription(peer_id peer, bool add, const bytes& topic) override;
  [[nodiscard]] std::size_t topic_count() const override { return index_.topic_count(); }

 protected:
  /// What a topic is of the messages that it stands for.
  enum class topic_is : bool { beginning, whole };
  pub(const settings& options, topic_is of_message);

  /// Adds or removes one subscription, counting as the options say.
  subscription_index::change apply(subscription_index& to, peer_id peer, std::span<const std::byte> topic,
                                   bool add) const;
  /// The same on `index_`; not_found if the peer is not attached.
  subscription_index::change subscribe_peer(peer_id peer, std::span<const std::byte> topic, bool add);
  /// Counts anew what each peer has subscribed to: what it has in `in`.
  void count_all(const subscription_index& in);
  /// Counts what became of a subscription of the peer's own. False if it has more than it may now.
  bool count(peer_id peer, std::size_t topic_size, subscription_index::change what);
  /// For a message with these topics of `index_`.
  [[nodiscard]] send_verdict route_to(std::span<const subscription_index::topic_id> topics);
  /// What route answers once `peers_` has selected.
  [[nodiscard]] send_verdict verdict_of_selection();
  /// The selection of the last message cannot be used again.
  void forget_selection() noexcept {
    changed_ = true;
    sole_target_ = {};
  }

  settings options_;
  distribution peers_;
  subscription_index index_;

 private:
  /// What a peer has subscribed to.
  struct share {
    std::size_t topics = 0;
    std::size_t size = 0;
    bool unlimited = false;
  };

  void select(std::span<const subscription_index::topic_id> topics);
  [[nodiscard]] bool turns_to_one(std::span<const subscription_index::topic_id> topics);
  [[nodiscard]] send_verdict verdict_of_one();
  [[nodiscard]] bool selects_the_same(std::span<const subscription_index::topic_id> topics) const;

  const topic_is topics_;
  std::vector<share> shares_;     // by slot
  bool changed_ = true;           // the selection of the last message cannot be used again
  bool for_any_message_ = false;  // nobody has a topic but the empty one, which matches everything
  std::uint64_t selection_ = 0;   // changes with each selection
  std::uint32_t only_slot_ = subscription_index::nobody;  // of the selection, if it is one peer's alone
  peer_id one_;           // who got the last message that was for one peer alone
  bool blocked_ = false;  // xpub_no_drop: a message found a full peer, and no peer has changed since
  std::vector<subscription_index::topic_id> last_topics_;
};

}  // namespace monocoque::pattern
