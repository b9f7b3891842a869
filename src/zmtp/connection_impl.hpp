#pragma once

#include "base/ring.hpp"
#include "zmtp/connection.hpp"
#include "zmtp/foreign_reader.hpp"
#include "zmtp/frame_decoder.hpp"
#include "zmtp/greeting.hpp"
#include "zmtp/mechanism/mechanism.hpp"
#include "zmtp/octets.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace monocoque::zmtp {

/// The states of a connection: greeting, then the identity frame (ZMTP 1.0 and 2.0) or the mechanism's
/// commands (3.x), then traffic. Bounds: the decoder's, and of encrypted traffic the opener's; two events;
/// unsent output of a handshake and a few PONGs.
struct connection::impl {
  enum class phase : std::uint8_t { greeting, identity, handshake, traffic };

  impl(std::shared_ptr<const config> wanted, time_point now);
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  // -- in
  void handle_input(bytes chunk);
  void handle_eof() { eof = true; }
  void handle_timeout(time_point now);
  [[nodiscard]] event poll_event(std::uint32_t max_messages);
  void handle_verdict(verdict decided);
  [[nodiscard]] bool in_handshake() const noexcept { return now_in != phase::traffic && !over; }

  // -- steps
  [[nodiscard]] bytes read_greeting(bytes chunk);
  void begin_raw();
  void greeting_done();
  [[nodiscard]] bool accept_old_peer();
  void handle_identity(const message_batch& batch);
  void handle_handshake_command(const command_frame& frame);
  void wipe(command_frame& read) noexcept;
  void go_on(result<mechanism::progress> reached);
  void ask_for_verdict(claim shown);
  [[nodiscard]] event handle_traffic_command(const command_frame& frame);
  void handle_ping(octets data);
  void handshake_finished(peer_info peer);
  void handshake_refused(error reason, peer_info peer);
  void describe(peer_info& peer) const;
  void check_unfinished();
  void handle_end_of_input();
  void fail(error reason, std::shared_ptr<const peer_info> announced = nullptr);

  [[nodiscard]] frame_rules identity_rules() const;
  [[nodiscard]] frame_rules handshake_rules() const;
  [[nodiscard]] frame_rules traffic_rules() const;
  [[nodiscard]] bool speaks_v1() const noexcept;
  [[nodiscard]] bool speaks_v3() const noexcept;
  [[nodiscard]] bool publishes() const noexcept;
  [[nodiscard]] bool hears_secrets() const noexcept;
  [[nodiscard]] std::string waiting_for() const;
  [[nodiscard]] bool open_more();
  [[nodiscard]] std::size_t partial_bytes() const noexcept {
    return decoder.partial_bytes() + (opener ? opener->partial_bytes() : 0);
  }

  /// What only the handshake needs.
  struct opening {
    opening(const config& settings, time_point now);
    std::unique_ptr<mechanism> security;
    greeting_exchange greeting;
    bool judging = false;               // a claim was made, and is to be decided
    verdict approval{};                 // once it was
    std::uint16_t refused_with = 0;     // the status of a verdict against it
    std::string failed_at;              // the command, if the mechanism did not take one
    std::optional<peer_info> old_peer;  // of a ZMTP 1.0 or 2.0 peer that is being judged
  };

  const std::shared_ptr<const config> settings;
  time_point deadline;
  phase now_in = phase::greeting;
  std::unique_ptr<opening> start;          // null when the handshake is done
  std::optional<dialect> spoken;           // from the end of the greeting on
  std::unique_ptr<foreign_reader> reader;  // of input that is not in canonical form; null: it is
  std::unique_ptr<curve_opener> opener;
  std::unique_ptr<frame_form> form;  // until it is taken
  frame_decoder decoder;
  base::ring<event> events;
  std::size_t opening_size = 0;  // input before the chunk that came last, until the handshake is done
  bool eof = false;
  bool over = false;  // `failed` has been put into `events`
  std::chrono::milliseconds ttl{0};

  std::vector<std::byte> out;
};

}  // namespace monocoque::zmtp
