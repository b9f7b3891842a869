#pragma once

#include "base/short_frame.hpp"
#include "base/wire.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/pipe.hpp"
#include "engine/send_time.hpp"
#include "engine/transcript.hpp"
#include "engine/write_list.hpp"
#include "io/loop.hpp"
#include "io/stream.hpp"
#include "transport/unique_fd.hpp"
#include "zmtp/connection.hpp"
#include "zmtp/heartbeat.hpp"

#include <monocoque/authentication.hpp>
#include <monocoque/error.hpp>
#include <monocoque/event.hpp>
#include <monocoque/options.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace monocoque::engine {

class socket_core;

/// Told how its link fares: the dialer that made it. Loop thread.
class link_owner {
 public:
  virtual void on_link_ready() noexcept = 0;
  virtual void on_link_over(const error& reason) noexcept = 0;

 protected:
  ~link_owner() = default;
};

/// One connection: a stream, the ZMTP connection that makes sense of its bytes, and the pipe of the peer
/// behind it.
///
/// Lives on its loop's thread; registered with its socket from `start` to its end, and kept alive by its
/// pending operations and posted work. Application threads touch it under the socket's monitor only, through
/// its pipe. What is sent goes out by one write at a time: the driver's or, on an idle link, the sending
/// thread's own (design D5).
///
/// Without memory for what a peer has sent, or is to be told, its connection is closed; without memory to
/// read or to write with, that is tried again later.
class link : public std::enable_shared_from_this<link> {
 public:
  /// What all links of a listener or dialer have in common, and share.
  struct terms {
    std::string endpoint{};                                        ///< the bound or connected endpoint
    std::shared_ptr<const monocoque::socket_options> of_socket{};  ///< as they were when it was made
    zmtp::config protocol{};
    bytes assigned_routing_id{};
    bool dialled = false;  ///< connected by us, not accepted
  };

  /// `pipe`: the dialer's, if it has one.
  link(std::shared_ptr<socket_core> socket, io::loop& loop, transport::unique_fd fd,
       std::shared_ptr<const terms> options, std::string peer_address, std::shared_ptr<engine::pipe> pipe,
       link_owner* owner);
  ~link();

  /// On another thread than the loop's. In place of `start`.
  void start_soon() noexcept;

  // -- loop thread
  void start() noexcept;
  /// Ends the connection now; owner and socket are told once.
  void close(error reason) noexcept;
  /// Ends it as soon as everything queued is written and has arrived at the peer's system, at the latest when
  /// the socket's linger time is over.
  void close_when_drained() noexcept;
  /// The owner goes away and is not told any more.
  void forget_owner() noexcept { owner_ = nullptr; }
  [[nodiscard]] io::loop& loop() noexcept { return loop_; }
  [[nodiscard]] const terms& options() const noexcept { return *options_; }
  [[nodiscard]] const std::string& peer_address() const noexcept { return peer_address_; }
  [[nodiscard]] std::shared_ptr<const std::string> endpoint() const noexcept {
    return {options_, &options_->endpoint};
  }
  /// Its dialer has had such a connection before. Before `start`.
  void mark_again() noexcept { again_ = true; }
  [[nodiscard]] bool is_again() const noexcept { return again_; }
  /// Not once it is over.
  [[nodiscard]] int descriptor() const noexcept { return stream_->fd(); }
  /// Of ipc: the process at the other end. Not once it is over.
  [[nodiscard]] std::optional<peer_process> process() const;
  /// Adds how far the handshake came, and when, to an event about its end, and who has refused whom.
  void describe_handshake(event& of) const;
  /// Adds its ends to an event. Not once it is over.
  void describe_ends(event& of) const;

  // -- any thread, with the socket's monitor held
  /// Something was appended to the pipe: the flush rules of D5.
  void on_queued() noexcept {
    send_time when;
    on_queued(when);
  }
  void on_queued(send_time& when) noexcept {
    if (silent_room(when) == 0) consider_write(when);
  }
  /// So many bytes more may be appended without a call of `on_queued`: they go out with those that are there.
  [[nodiscard]] std::size_t silent_room(send_time& when) const noexcept {
    if (writing_ || broken_ || refused_) return SIZE_MAX;
    const std::size_t unwritten = pipe_->out.unwritten_bytes();
    return goes_anyway(when) && unwritten < tick_write_size ? tick_write_size - unwritten : 0;
  }
  /// True while the kernel takes no more, or is being asked to.
  [[nodiscard]] bool is_held_up() const noexcept { return refused_ || writing_; }
  /// True while the kernel takes no more and so much waits for it that another message would only make the
  /// queue colder than the processor's caches.
  [[nodiscard]] bool is_congested() const noexcept {
    return is_held_up() && pipe_->out.unwritten_bytes() >= congested_size;
  }
  /// True once so much of it is gone that the next write needs more.
  [[nodiscard]] bool is_relieved() const noexcept { return pipe_->out.unwritten_bytes() < tick_write_size; }
  /// Writes now, on the calling thread, if no write is under way; true if something was written.
  bool flush_now() noexcept;
  /// True if the message, a short one, is an answer to be written at once, with nothing in its way: then
  /// `write_answer` is to follow. True from that if all of it is out, without ever having been queued; if
  /// not, it is queued now, and what is out already counts as written.
  [[nodiscard]] bool takes_answer(std::span<const std::byte> prefix, std::span<const bytes> message) {
    return message.size() == 1 && message.front().size() <= base::wire::max_short_payload &&
           prefix.size() <= max_answer_prefix && has_clear_way() && answers_now();
  }
  [[nodiscard]] bool write_answer(std::span<const std::byte> prefix, std::span<const bytes> message);
  /// Tells the peer of a subscription, between messages.
  void queue_subscription(bool add, std::span<const std::byte> topic) noexcept;
  /// Sends a message of one frame between others, behind what was told the peer before.
  void queue_greeting(const bytes& frame) noexcept;
  /// There is room in the pipe again.
  void resume_reading() noexcept { ask(wish_read); }
  /// The same when nobody may be about to run the loop.
  void resume_reading_soon() noexcept {
    ask(wish_read);
    loop_.wake();
  }
  /// The same as `close`, `close_when_drained` on the loop's thread.
  void close_soon(error reason) noexcept;
  void close_when_drained_soon() noexcept { ask(wish_drain); }
  [[nodiscard]] const std::shared_ptr<engine::pipe>& pipe() const noexcept { return pipe_; }
  void set_pipe(std::shared_ptr<engine::pipe> pipe) noexcept { pipe_ = std::move(pipe); }
  /// Bytes of a long message that has not come whole. Any thread.
  [[nodiscard]] std::size_t partial_bytes() const noexcept {
    return partial_bytes_.load(std::memory_order_relaxed);
  }
  /// Its place in the socket's list of links.
  std::size_t place = 0;

 private:
  enum class state : std::uint8_t { handshake, active, closing, over };
  enum wish : std::uint8_t {
    wish_flush = 1,
    wish_read = 2,
    wish_drain = 4,
    wish_close = 8,
    wish_start = 16,
    wish_retry = 32,
    wish_verdict = 64,
  };
  /// What goes in front of an answer that is written without being queued: the envelopes of a few brokers.
  static constexpr std::size_t max_answer_prefix = 64;
  /// Answers to a peer's commands that may wait to be written.
  static constexpr std::size_t max_control_backlog = 16 * 1024;
  using clock = std::chrono::steady_clock;
  /// So much queued is written in mid-tick, or in the middle of a burst (design D5).
  static constexpr std::size_t tick_write_size = 128 * 1024;
  static constexpr std::size_t congested_size = 2 * tick_write_size;
  static constexpr std::uint64_t not_out = UINT64_MAX;

  struct posted : detail::work {
    link* owner = nullptr;
    std::shared_ptr<link> keep;  // while it is queued
  };
  struct own_alarm : detail::timer {
    link* owner = nullptr;
  };
  class verdict_sink;
  struct revocation;
  /// Of a peer about which somebody is, or was, to decide.
  struct judgement {
    judgement() noexcept;
    ~judgement();
    zmtp::time_point deadline = zmtp::time_point::max();  // max(): it was decided
    std::stop_source over;                                // nobody waits for the answer any more
    std::unique_ptr<revocation> revoked;                  // of one who was let in for the time being
  };

  // link.cpp
  template <class Step>
  void with_memory_or_close(Step step) noexcept {
    with_memory(step, [this] { close(out_of_memory()); });
  }
  void ask(std::uint8_t wishes) noexcept;
  void grant_wishes() noexcept;
  void arm_timeout() noexcept;
  /// Memory ran out in the middle of what came in: what is left of it means nothing.
  [[nodiscard]] static bool lost_track(const error& reason) noexcept {
    return reason.code() == std::errc::not_enough_memory;
  }
  void on_alarm() noexcept;
  void retry_later() noexcept;
  void retry_if_due();
  void say_last_words() noexcept;
  void finish_if_idle() noexcept;
  void give_pipe_back() noexcept;

  // link_parting.cpp
  void part() noexcept;
  [[nodiscard]] bool has_arrived();
  void look_after_parting() noexcept;

  // link_auth.cpp
  void ask_for_verdict(zmtp::claim shown);
  void decide_soon(auth_verdict verdict) noexcept;
  void give_up_verdict();
  void take_verdict(auth_verdict verdict);

  // link_heartbeat.cpp
  void beat();
  void introduce_heartbeats();
  void send_ping(bool is_waited_for);
  bool encode_ping();
  void note_pong(const bytes& context);
  void note_peer_ttl();
  void look_after_ping(zmtp::time_point now);
  void look_at_acknowledged();
  void begin_waiting(zmtp::time_point now);
  void plan_sign_of_life();
  void give_sign_of_life();

  // link_in.cpp
  void read_more();
  void note_partial();
  void on_read(io::read_outcome& got) noexcept;
  void take_in(io::read_outcome& got);
  void take_last(io::read_outcome& got);
  void take(io::read_outcome& got);
  bool take_events();
  void deliver_rest();
  std::optional<std::uint32_t> take(zmtp::event& what);
  void become_ready(peer_info who);
  void send_protocol_output();

  // link_out.cpp, all but on_written with the monitor held
  void consider_write(send_time& when) noexcept;
  [[nodiscard]] bool goes_anyway(send_time& when) const noexcept;
  void flush_later() noexcept;
  /// Adds something to be said between messages; without memory for it the connection is closed.
  template <class Encode>
  bool add_control(Encode encode) noexcept {
    const std::size_t before = control_.size();
    try {
      encode();
      return true;
    } catch (const std::bad_alloc&) {
      control_.resize(before);
      close_soon(out_of_memory());
      return false;
    }
  }
  [[nodiscard]] bool answers_now();
  [[nodiscard]] bool has_clear_way() const noexcept;
  enum class holding : std::uint8_t { throughout, but_to_rewrite };
  class rewriting;
  [[nodiscard]] write_list* prepare_write(holding monitor) noexcept;
  bool gather(write_list& into);
  void rewrite(holding monitor);
  void begin_control();
  void let_go_of_control() noexcept;
  void complete_write(std::size_t size) noexcept;
  void note_sent(std::size_t canonical_size) noexcept;
  void end_write() noexcept;
  void start_write() noexcept;
  void on_written(io::write_outcome& done) noexcept;
  [[nodiscard]] bool may_send_messages() const noexcept { return pipe_ && pipe_->link == this; }
  [[nodiscard]] bool drained() const noexcept;
  [[nodiscard]] bool has_output() const noexcept;

  const std::shared_ptr<socket_core> socket_;
  io::loop& loop_;
  std::optional<io::stream> stream_;
  const std::shared_ptr<const terms> options_;
  const std::string peer_address_;
  link_owner* owner_;
  zmtp::connection protocol_;
  state state_ = state::handshake;
  bool close_drained_ = false;
  bool parting_ = false;  // everything is written, and is on its way
  bool again_ = false;
  zmtp::time_point drain_deadline_ = zmtp::time_point::max();
  zmtp::time_point part_until_{};      // unless more of it arrives before
  zmtp::time_point next_part_look_{};  // whether it has
  std::chrono::nanoseconds part_pause_{};
  zmtp::time_point retry_at_ = zmtp::time_point::max();  // there was no memory to read or to write with
  error reason_;
  zmtp::time_point started_{};
  zmtp::time_point greeted_{};                  // the peer's greeting was there; the epoch: it is not
  std::shared_ptr<const peer_info> announced_;  // what a peer that was refused said it is
  std::uint16_t refused_with_ = 0;              // the status of ZAP that one side has refused the other with
  zap_flaw handler_flaw_ = zap_flaw::none;
  std::string failed_at_;  // the command that the handshake failed at
  std::atomic<std::size_t> partial_bytes_{0};
  own_alarm alarm_;
  zmtp::heartbeat heartbeat_;
  std::uint64_t ping_number_ = 0;  // of the last PING, which is its context
  std::uint64_t timed_ping_ = 0;   // of the one whose way there and back is being timed; 0: none
  zmtp::time_point timed_since_{};
  std::uint64_t acknowledged_ = 0;                        // of what was written, when the heartbeat looked
  bool ping_delayed_ = false;                             // the PING that is waited for was not alone
  bool is_pinged_ = false;                                // the peer has heartbeats and was seen to send one
  zmtp::time_point next_sign_ = zmtp::time_point::max();  // while nothing is read
  std::unique_ptr<judgement> judgement_;
  std::shared_ptr<link> keep_;  // from start until nothing is pending any more

  // Guarded by the monitor.
  std::shared_ptr<engine::pipe> pipe_;
  bool writing_ = false;             // a write was prepared and is not completed
  bool refused_ = false;             // the kernel did not take all: the loop is to wait until it takes more
  bool progressed_ = false;          // something was written since the heartbeat looked
  bool ping_is_next_ = false;        // the PING that is waited for is in control_, behind control_out_
  std::uint64_t written_ = 0;        // bytes
  std::uint64_t ping_end_ = 0;       // where the PING ends in them whose answer is waited for, or `not_out`
  bool broken_ = false;              // a write failed; the reading side will find out why
  std::uint64_t answered_turn_ = 0;  // the socket's turn in which this link was last written at once
  clock::time_point last_write_{};   // threaded contexts
  std::vector<std::byte> control_;   // handshake and commands, to go out between messages
  std::size_t handshake_size_ = 0;   // of it, at its begin, goes out as it is, whatever the form
  std::unique_ptr<zmtp::frame_form> form_;  // of what follows the handshake; null: canonical
  std::vector<std::byte> control_out_;      // the part of it that is being sent
  std::size_t control_sent_ = 0;            // of control_out_
  transcript transcript_;                   // messages for a peer that does not take the canonical form
  std::unique_ptr<write_list> in_flight_;   // what the driver writes now
  std::uint8_t wishes_ = 0;
  error wished_reason_;
  std::optional<auth_verdict> decided_;
  posted wish_work_;
  posted flush_work_;
};

}  // namespace monocoque::engine
