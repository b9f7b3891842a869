#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace monocoque::zmtp {

using time_point = std::chrono::steady_clock::time_point;

/// What one side wants of heartbeats (RFC 37, "Heartbeats").
struct heartbeat_terms {
  std::chrono::milliseconds interval{0};  ///< between two PINGs; 0: none are sent
  std::chrono::milliseconds timeout{0};   ///< silence after a PING that ends the connection; 0: none does
  std::chrono::milliseconds ttl{0};       ///< what the peer is told to allow, in steps of 100 ms; 0: nothing
};

/// Is the peer still there? Says when a PING is due, and when silence has lasted too long: after a PING of
/// ours, or for the time to live that the peer's last PING asked for. Whatever comes from the peer counts as
/// a sign of life. Pure; one a connection, called by its owner, from the end of the handshake on.
class heartbeat {
 public:
  enum class verdict : std::uint8_t {
    nothing,
    ping,    ///< send one
    missed,  ///< the peer is gone
  };

  /// The terms must outlive it.
  void start(const heartbeat_terms& wanted, time_point now) noexcept;
  /// Something came in.
  void heard(time_point now) noexcept { heard_ = now; }
  /// As the peer's last PING says; 0: it does not ask.
  void set_peer_ttl(std::chrono::milliseconds ttl) noexcept { peer_ttl_ = ttl; }
  [[nodiscard]] std::chrono::milliseconds peer_ttl() const noexcept { return peer_ttl_; }

  /// When handle_timeout wants to be called; time_point::max() if never.
  [[nodiscard]] time_point next_timeout() const noexcept;
  /// `excused`: the silence is no fault of the peer's, since nothing was read. A peer that seems gone is
  /// given another moment, after which input that was there all the time has been read for sure, however late
  /// this is called.
  [[nodiscard]] verdict handle_timeout(time_point now, bool excused) noexcept;
  /// True if a PING is out and nothing has come since, and silence after it counts.
  [[nodiscard]] bool waits() const noexcept;
  /// The last PING was the first since something was heard: it is its answer that is waited for.
  [[nodiscard]] bool asks_anew() const noexcept { return asks_anew_; }
  /// That PING lies behind other bytes: handle_timeout wants to be called more often, until `arrived`.
  void look_often(time_point now) noexcept;
  void arrived() noexcept { next_look_ = never; }
  /// It is still on its way, or was until now: the time for its answer begins only now.
  void delayed(time_point now) noexcept { pinged_ = now; }
  /// Why the last verdict was `missed`, in words.
  [[nodiscard]] std::string complaint() const;

 private:
  [[nodiscard]] time_point deadline() const noexcept;

  static constexpr time_point never = time_point::max();

  const heartbeat_terms* terms_ = nullptr;
  time_point heard_{};
  time_point next_ping_ = never;
  time_point pinged_ = time_point::min();  // the first PING since something was heard
  bool asks_anew_ = false;
  time_point next_look_ = never;    // while the PING is on its way
  time_point second_look_ = never;  // the silence has lasted too long; last chance
  std::chrono::milliseconds peer_ttl_{0};
};

}  // namespace monocoque::zmtp
