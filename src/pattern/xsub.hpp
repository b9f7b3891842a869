#pragma once

#include "pattern/distribution.hpp"
#include "pattern/pattern.hpp"
#include "pattern/rotation.hpp"
#include "pattern/subscription_index.hpp"

#include <cstdint>

namespace monocoque::pattern {

/// XSUB (RFC 29): subscribes at all its peers, takes their messages in turn, unfiltered, and sends messages
/// to all of them. A message of one frame that begins with a 1 or a 0 is a subscription or a cancellation.
/// Peers are told the first subscription to a topic and the last cancellation (see also
/// `xsub_verbose_unsubscribe` and `subscriptions_as_libzmq`). In a message of several frames those that begin
/// so are counted as well, since libzmq's publishers take them for subscriptions, but the message goes out
/// whole (see `only_first_subscribe`).
class xsub : public pattern {
 public:
  explicit xsub(const settings& options);

  /// Peers have been told of the subscriptions there are as it was then: of a topic that was subscribed to
  /// several times before, they may keep one subscription too many or lose the last too soon.
  void change_settings(const settings& options) override;
  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  void detach(peer_id peer) override;
  void set_writable(peer_id peer, bool writable) override;
  void set_readable(peer_id peer, bool readable) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override { return true; }
  [[nodiscard]] peer_id next_source() override;
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool can_receive() const override;
  [[nodiscard]] send_verdict subscribe(std::span<const std::byte> topic, bool add) override;
  void for_each_subscription(const std::function<void(std::span<const std::byte>)>& visit) const override;
  [[nodiscard]] std::size_t topic_count() const override { return index_.topic_count(); }

 protected:
  xsub(const settings& options, traits has);

  /// The application's own subscriptions are those of this one "peer".
  static constexpr std::uint32_t self = 0;

  subscription_index index_;

  /// What of a message says whether it is delivered.
  enum class filter : std::uint8_t { none, first_frame, all_frames };
  void filter_by(filter what) noexcept {
    filter_ = what;
    find_sole_source();
  }

 private:
  [[nodiscard]] bool count(std::span<const std::byte> topic, bool add);

  void find_sole_source() noexcept;

  const bool as_libzmq_;
  bool every_cancellation_;
  bool only_first_;
  filter filter_ = filter::none;
  fair_queue readable_;
  distribution peers_;
};

/// SUB (RFC 29): XSUB that sends no messages, and drops those that match none of its subscriptions (which a
/// peer may send because it does not filter, or because a cancellation is still on its way).
class sub final : public xsub {
 public:
  explicit sub(const settings& options);

  void change_settings(const settings& options) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override { return false; }
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool lets_in(std::span<const std::byte> first) const override;
  bool foresee(std::span<const std::byte> first) const override;
  [[nodiscard]] send_verdict subscribe(std::span<const std::byte> topic, bool add) override;

 private:
  [[nodiscard]] bool filters() const noexcept { return inverted_ ? !index_.empty() : !everything_; }

  bool inverted_;
  bool everything_ = false;  // subscribed to the empty prefix
};

}  // namespace monocoque::pattern
