#pragma once

#include "base/make_room.hpp"
#include "engine/admission.hpp"
#include "engine/attempt.hpp"
#include "engine/counters.hpp"
#include "engine/derived_settings.hpp"
#include "engine/event_queue.hpp"
#include "engine/hold.hpp"
#include "engine/monitor_mutex.hpp"
#include "engine/pipe.hpp"
#include "engine/pipe_table.hpp"
#include "engine/send_time.hpp"
#include "engine/waiters.hpp"
#include "engine/write_list.hpp"
#include "io/kept_work.hpp"
#include "io/loop.hpp"
#include "pattern/pattern.hpp"
#include "transport/endpoint.hpp"
#include "transport/stream_options.hpp"
#include "zmtp/connection.hpp"

#include <monocoque/detail/payload.hpp>
#include <monocoque/detail/socket_operation.hpp>
#include <monocoque/message.hpp>
#include <monocoque/monitor.hpp>
#include <monocoque/options.hpp>
#include <monocoque/peer_status.hpp>
#include <monocoque/result.hpp>
#include <monocoque/socket_type.hpp>
#include <monocoque/stats.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque::engine {

class context_core;
class datagram_end;
class dialer;
class event_log;
class inproc_channel;
class link;
class listener;
class operation_state;
struct queue_lengths;

/// One socket: a monitor (design D3) over its pattern, its table of peers and their pipes. Application
/// threads call the upper half; links, dialers and listeners, each on its loop's thread, call the lower half.
/// One mutex guards it all; it is held for the time of appending to a queue or taking a message from one, and
/// across one non-blocking write when a link is idle (D5). No two sockets' monitors are ever held at once.
class socket_core final : public std::enable_shared_from_this<socket_core> {
 public:
  using shared_options = std::shared_ptr<const socket_options>;
  /// Errors: options out of range or not for this type.
  [[nodiscard]] static result<std::shared_ptr<socket_core>> make(std::shared_ptr<context_core> context,
                                                                 socket_type type, socket_options options);
  socket_core(std::shared_ptr<context_core> context, socket_type type, socket_options options);
  ~socket_core();

  [[nodiscard]] socket_type type() const noexcept { return type_; }
  /// The options it was made with, whatever has become of them (`change_options`). Valid as long as it is.
  [[nodiscard]] const socket_options& options() const noexcept { return *made_with_; }
  [[nodiscard]] context_core& context() const noexcept { return *context_; }
  [[nodiscard]] monitor_mutex& mutex() noexcept { return mutex_; }
  /// For the application's thread of an inline context; never open in a threaded one.
  [[nodiscard]] detail::lanes& lanes() noexcept { return mutex_.lanes().for_application(); }

  // -- messages (socket_send.cpp, socket_receive.cpp)
  /// Sends if somebody takes it now. `what` is left empty on success, untouched otherwise. If the answer is
  /// would_block, `joining` is put into the queue of those who wait.
  attempt_code try_send(message& what, waiter* joining = nullptr);
  /// A message of one frame whose payload is the caller's.
  attempt_code try_send(std::span<const std::byte> payload, waiter* joining = nullptr);
  /// A message of one frame whose payload `fill` writes where it goes out from, or of several. False, with
  /// nothing done, if that is not possible now, for whatever reason.
  bool try_send_in_place(std::size_t size, const detail::payload_writer& fill);
  bool try_send_in_place(std::span<const std::size_t> sizes, const detail::frames_writer& fill);
  /// Of several; of none: one empty frame.
  attempt_code try_send(std::span<const frame_view> frames, waiter* joining = nullptr);
  /// What a try_send of a message that begins with this frame would answer now. Sends and changes nothing.
  attempt_code probe_send(std::span<const std::byte> first_frame, waiter* joining = nullptr);
  /// Receives into `into`, which must be empty, if there is something now.
  attempt_code try_receive(message& into, waiter* joining = nullptr);
  /// Blocking forms: what follows a first attempt, which ended so. On a thread that runs one of the context's
  /// loops: would_deadlock instead of waiting.
  template <class Content>  // whatever try_send takes
  error send_after(attempt_code first, Content& what, std::chrono::milliseconds timeout,
                   const std::stop_token& stop, on_signal then = on_signal::go_on);
  error probe_after(attempt_code first, std::span<const std::byte> frame, std::chrono::milliseconds timeout,
                    on_signal then);
  error receive_after(attempt_code first, message& into, std::chrono::milliseconds timeout,
                      const std::stop_token& stop, on_signal then = on_signal::go_on);
  /// With the first attempt.
  error send(message& what, std::chrono::milliseconds timeout, const std::stop_token& stop);
  error receive(message& into, std::chrono::milliseconds timeout, const std::stop_token& stop);

  // -- the pace of senders in an inline context (socket_pace.cpp)
  /// So long at most a sender waits for the kernel to take something: long enough for a peer that reads, and
  /// not worth mentioning if it does not.
  static constexpr std::chrono::microseconds pace_patience{200};
  /// True if whoever sent just now had better let the loop write before it sends more.
  [[nodiscard]] bool is_congested() const noexcept;
  /// True if peers of this socket may be coroutines of the same thread.
  [[nodiscard]] bool may_have_own_peers() const noexcept { return inline_ && speaks_inproc_; }
  /// True if, beyond that, it is likely that the kernel will take something within `pace_patience`.
  [[nodiscard]] bool expects_relief() const noexcept;
  /// `joining` is woken when that has happened.
  void join_paced(waiter& joining) noexcept;
  /// It has not.
  void note_stall() noexcept;
  /// After a blocking call has sent: what coroutines do by suspending.
  void keep_pace();

  // -- what is said of calls that failed (socket_complaint.cpp)
  /// Of a send or a receive: what, where, and why where the code alone does not say it. `first` is the first
  /// frame of what was to be sent.
  [[nodiscard]] error complaint(direction doing, const error& failed, std::span<const std::byte> first = {});

  // -- waiting (socket_wait.cpp)
  /// errc::closed or errc::terminated once it is over, of what `doing` says.
  result<void> require_usable(std::string_view doing);
  [[nodiscard]] bool ready_for(direction wanted);
  /// ROUTER, REP: whether a message to the peer known by that id would find room. Errors: unroutable,
  /// not_supported (another type), closed, terminated.
  result<bool> has_room_for(std::span<const std::byte> routing_id);
  /// For a thread that is about to wait for room: writes itself where that makes some. True if it may have.
  [[nodiscard]] bool make_room();
  /// Joins the queue of those who wait, unless `wanted` is possible (or the socket over) already: then false.
  bool join(direction wanted, waiter& joining);
  /// An inline socket, from a thread that is not its loop's: has the loop wake all who wait.
  void wake_from_elsewhere() noexcept;
  /// True if it was still queued, so that it has not been woken and will not be.
  bool leave(direction wanted, waiter& leaving);
  /// Keeps the states of asynchronous operations for reuse, so that steady traffic allocates nothing.
  [[nodiscard]] std::unique_ptr<operation_state> take_operation();
  void give_back(std::unique_ptr<operation_state> used) noexcept;
  /// True if no I/O thread is needed for anything to happen here.
  [[nodiscard]] bool waits_for_inproc_alone();

  // -- options while it is in use (socket_change.cpp)
  /// Makes these its options. Errors, with nothing changed: as of `make`; wrong_state: other `conflate` or
  /// `when_full` with an endpoint or peer; closed, terminated.
  ///
  /// At once count timeouts, linger (at the end), limits of queues (what is beyond stays queued), limits on
  /// connections that come in, and what patterns go by (correlate from the next request on, probe and welcome
  /// from the next peer on). All else counts for endpoints bound or connected from now on: the others, and
  /// their connections, go on with what held when they were made.
  result<void> change_options(socket_options changed);
  [[nodiscard]] shared_options current_options();
  /// How long an operation waits that does not say; without the monitor held.
  [[nodiscard]] std::chrono::milliseconds timeout(direction of) const noexcept {
    return (of == direction::send ? send_timeout_ : receive_timeout_).load(std::memory_order_relaxed);
  }

  // -- endpoints (socket_endpoints.cpp)
  result<void> bind(std::string_view endpoint);
  /// `known_as` is told what the peer is known by from now on, if it is before it is there.
  result<void> connect(std::string_view endpoint, const connect_options& peer, bytes* known_as = nullptr);
  result<std::uint32_t> connect_peer(std::string_view endpoint);  // socket_numbers.cpp
  result<void> unbind(std::string_view endpoint);
  result<void> disconnect(std::string_view endpoint);
  [[nodiscard]] std::string last_endpoint();
  [[nodiscard]] bytes last_routing_id();  // of the peer that came last, or is to come; empty: there is none

  // -- who connects to us (socket_admission.cpp)
  void pause_accept(bool pause);
  result<void> disconnect(const peer_info& peer);
  result<void> disconnect_peer(std::uint32_t routing_id);
  [[nodiscard]] std::vector<peer_status> peers();

  // -- subscriptions, and groups that are joined (socket_subscribe.cpp)
  result<void> subscribe(std::string_view topic, bool add);
  result<void> subscribe_last_peer(std::string_view topic, bool add);
  [[nodiscard]] std::size_t topic_count();  // of peers, or our own; different ones

  // -- state
  [[nodiscard]] std::size_t peer_count();
  [[nodiscard]] std::uint64_t dropped_count();
  [[nodiscard]] std::shared_ptr<event_queue> add_monitor();
  [[nodiscard]] socket_stats stats();  // socket_stats.cpp
  [[nodiscard]] std::vector<queue_lengths> all_queue_lengths();

  // -- ending (socket_close.cpp)
  /// No more calls from the application; what is queued lingers. Does not wait. Idempotent.
  void begin_close() noexcept;
  /// The same on behalf of the context, which was shut down before.
  void begin_close_of_context() noexcept;
  /// The same, and waits for the end, as finish_close. On a loop's own thread, where waiting is impossible,
  /// what is queued lingers in the background until `deadline`, and the answer is the number of messages
  /// dropped so far.
  std::size_t close(std::chrono::steady_clock::time_point deadline);
  /// Waits until everything is over, at most until `deadline`, then drops the rest. Returns how many messages
  /// were dropped.
  std::size_t finish_close(std::chrono::steady_clock::time_point deadline);
  /// The context shuts down: every wait ends with errc::terminated.
  void terminate() noexcept;
  [[nodiscard]] bool is_over();
  /// False if it is over. Else `joining` is woken when it may be.
  bool join_end(waiter& joining);
  void leave_end(waiter& leaving) noexcept;
  /// Waits until what was given up may be bound again.
  void await_listeners_end() noexcept;
  /// In a child process (fork_watch).
  void become_foreign() noexcept;

  // -- for links, dialers and listeners, without the monitor held (socket_peers.cpp, socket_endpoints.cpp)
  // `options`: those that the endpoint goes by.
  [[nodiscard]] zmtp::config protocol_settings(const socket_options& options, bool as_server) const;
  [[nodiscard]] transport::stream_options stream_settings(const socket_options& options) const;
  /// A connection from there came in; an error: it is to be closed at once.
  result<void> admit(const std::string& peer_address);
  /// It did not become a link.
  void dismiss(const std::string& peer_address) noexcept;
  /// False if the socket is closing: the link is to end at once.
  bool add_link(const std::shared_ptr<link>& joining);
  void remove_link(link& leaving) noexcept;
  /// The handshake is done; `who` has the address filled in. An error refuses the peer.
  result<void> link_ready(link& ready, peer_info who);
  void link_over(link& over, bool was_ready, const error& reason) noexcept;
  /// Whole messages came in; `count` of them. Answers as `room_for` would now.
  std::uint32_t deliver(link& from, bytes run, std::uint32_t count);
  /// The same of what had been read when the connection ended, and had no room until then.
  void deliver_last(link& from, bytes run, std::uint32_t count);
  /// After `link_over`: now nothing more comes of its last read either.
  void input_over(const link& over) noexcept;
  void on_subscription(link& from, bool add, const bytes& topic);
  /// How many messages may be delivered now; 0: the link must wait for resume_reading.
  [[nodiscard]] std::uint32_t room_for(link& from);
  /// True if commands of peers, too, must wait while there is no room (subscriptions that the application is
  /// to see).
  [[nodiscard]] bool holds_commands_back() const { return admits_on_arrival_; }
  /// Something happened: it is counted and, if somebody looks, told as `describe()` has it. False if there is
  /// no memory to do so: then it is missed.
  template <class Describe>
  bool report(event_kind kind, Describe describe) noexcept;
  /// The pipe of a dialer that has ended is given up: what is queued in it is dropped.
  void dialer_over(dialer& over, const std::shared_ptr<pipe>& kept) noexcept;
  void listener_over(listener& over) noexcept;
  void datagrams_over(datagram_end& over) noexcept;                   // socket_datagrams.cpp
  void deliver_datagram(pipe& from, bytes message_or_none) noexcept;  // none: it made no sense
  void drop_datagram(pipe& of, drop_reason why) noexcept { count_drops(why, 1, &of); }  // monitor held
  [[nodiscard]] bool has_unsent(const pipe& kept);
  [[nodiscard]] std::chrono::steady_clock::time_point linger_until();

  // -- for the other socket of an inproc connection, with no monitor held (socket_inproc.cpp)
  /// That one was waiting for somebody to bind the name, or we have bound it.
  /// Answers what `inproc_answered` of that one was told.
  error accept_inproc(const std::shared_ptr<inproc_channel>& channel) noexcept;
  /// What came of it at the side that has bound the name, which is `binder`; `refused`: nothing. Without
  /// memory there may be no `binder`.
  void inproc_answered(inproc_channel& channel, const inproc_party* binder, const error& refused) noexcept;
  /// Something has changed at the other side: it has sent, taken or closed.
  void attend(inproc_channel& channel, inproc_side side) noexcept;

  // -- for links, with the monitor held
  void after_write(pipe& target) noexcept;
  [[nodiscard]] bool is_inline() const noexcept { return inline_; }
  /// Changes whenever the application received something (in a threaded context: or tried to, or polled), so
  /// that a link can tell a burst of sends from a first one.
  [[nodiscard]] std::uint64_t turn() const noexcept { return turn_; }
  [[nodiscard]] bool has_input() const { return pattern_->can_receive(); }
  [[nodiscard]] write_lists& lists() noexcept { return write_lists_; }

 private:
  // socket_inproc.cpp
  result<void> bind_inproc(const transport::endpoint& where);
  result<void> connect_inproc(const transport::endpoint& where, const bytes& routing_id, bytes* known_as);

  result<void> open_datagrams(const transport::endpoint& where, transport::purpose wanted);
  bool close_datagrams(std::string_view endpoint, transport::purpose opened_to) noexcept;  // monitor held
  // socket_endpoints.cpp
  [[nodiscard]] bool keeps_pipe_to(const bytes& assigned_id, const socket_options& options) const;
  [[nodiscard]] result<void> check_target(const transport::endpoint& where, bool ipv6) const;

  // All with the monitor held. socket_change.cpp
  [[nodiscard]] bool has_endpoints() const noexcept;
  class renewal;
  // socket_admission.cpp
  void pause_accept_for(pause_reason reason, bool pause) noexcept;
  void note_handshake_over(const link& of) noexcept;
  void note_left(const link& leaving, bool was_ready) noexcept;
  void leave_last_word(const link& over) noexcept;
  void leave_word(pipe& of, const bytes& words) noexcept;
  // socket_inproc.cpp
  [[nodiscard]] inproc_party describe(const std::string& endpoint, const socket_options& options) const;
  [[nodiscard]] shared_options options_of_inproc(const std::string& name) const;
  [[nodiscard]] std::shared_ptr<pipe> make_inproc_pipe(const std::shared_ptr<inproc_channel>& channel,
                                                       inproc_side side, shared_options options);
  result<void> admit_inproc(const std::shared_ptr<inproc_channel>& channel, const inproc_party& own,
                            shared_options options);
  void look_at_room(pipe& target, bool other_limit) noexcept;
  error answer_inproc(const std::shared_ptr<pipe>& made, const inproc_party& binder, const error& refused);
  bool become_ready(const std::shared_ptr<pipe>& ready, const inproc_party& own,
                    const inproc_party& other) noexcept;
  void list_inproc(const std::shared_ptr<pipe>& joining) noexcept;
  void end_inproc(const std::shared_ptr<pipe>& ending, const error& reason) noexcept;
  void abandon_inproc(pipe& waiting) noexcept;
  void part_from_inproc(const std::shared_ptr<pipe>& leaving) noexcept;
  bool unbind_inproc(std::string_view endpoint) noexcept;
  void unbind_inproc_name(std::size_t index) noexcept;
  bool disconnect_inproc(std::string_view endpoint) noexcept;
  void close_inproc() noexcept;
  void inherit(pipe& heir, pipe& older);
  // socket_inproc_traffic.cpp
  // (the first three let go of it)
  template <class Push, class Otherwise>
  attempt_code send_inproc(Push push, Otherwise otherwise);
  attempt_code try_send_inproc(message& what, waiter* joining);
  attempt_code try_send_inproc(std::span<const std::byte> payload, waiter* joining);
  attempt_code try_send_inproc(std::span<const frame_view> frames, waiter* joining);
  bool try_send_in_place_inproc(std::size_t size, const detail::payload_writer& fill);
  attempt_code try_receive_inproc(message& into, waiter* joining);
  void owe_call(const inproc_end& caller) noexcept;
  void after_hand_over(pipe& target, bool tell) noexcept;
  void append_inproc(pipe& target, std::span<const std::byte> prefix, std::span<const bytes> frames);
  void append_inproc(pipe& target, std::span<const bytes> frames) { append_inproc(target, {}, frames); }
  void append_inproc(pipe& target, std::span<const std::byte> payload);
  bool take_inproc(pipe& source, message& into);
  void pop_inproc(pipe& source) noexcept;
  bool look_for_arrivals(pipe& source) noexcept;
  void look_at_input(pipe& source) noexcept;
  void admit_inproc_arrivals(pipe& source) noexcept;
  [[nodiscard]] bool admit_inproc_entry(pipe& source, const inproc_entry& entry) noexcept;
  void discard_inproc(pipe& source) noexcept;
  void settle_sources() noexcept;

  // All with the monitor held. socket_send.cpp
  [[nodiscard]] errc why_unusable() const noexcept;
  template <class Content>
  [[nodiscard]] bool would_refuse(const Content& what) const noexcept;
  [[nodiscard]] error why_unusable(std::string_view doing, std::string_view where = {}) const;
  [[nodiscard]] bool usable() const noexcept { return !closing_ && !terminated_; }
  template <class Payload>
  attempt_code send_from_memory(Payload what, waiter* joining);
  attempt_code after_attempt(attempt_code sent, waiter* joining);
  attempt_code send_now(std::span<const bytes> frames);
  attempt_code send_now(std::span<const std::byte> payload);
  attempt_code send_now(std::span<const frame_view> frames);
  // `Content`: the frames of a message, or the payload of its only one.
  template <class Content>
  attempt_code carry_out(const pattern::send_verdict& verdict, const Content& what);
  template <class Content>
  void pass_on_or_take_back(const pattern::send_verdict& verdict, const Content& what);
  template <class Content>
  void pass_on(const pattern::send_verdict& verdict, const Content& what);
  template <class Append>
  void append_or_drop(pipe& target, Append append_to_it) noexcept;
  template <class Content>
  void pass_to_one(base::peer_id id, const Content& what);
  template <class Content>
  void pass_to_selection(const pattern::send_verdict& verdict, const Content& what);
  void aim(fan_out& all, const pattern::send_verdict& verdict);
  void look_after(fan_out& all);
  static void note_round(fan_out& all, send_time& when);
  void append_as(const pattern::send_verdict& verdict, pipe& target, std::span<const bytes> frames);
  void append_as(const pattern::send_verdict& verdict, pipe& target, std::span<const std::byte> payload);
  void append(pipe& target, std::span<const std::byte> prefix, std::span<const bytes> frames,
              send_time& when);
  void append(pipe& target, std::span<const std::byte> payload, send_time& when);
  void append(pipe& target, std::span<const frame_view> frames, send_time& when);
  class send_limits;
  [[nodiscard]] bool can_send_now() const { return limits_.never_waits || pattern_->can_send(); }
  [[gnu::always_inline]] inline void after_append(pipe& target, send_time& when);
  void open_way_out(pipe& target, send_time& when);
  void replace_unsent(pipe& target);
  void discard_waiting() noexcept;
  void tell_subscription(const pattern::send_verdict& verdict);  // socket_subscribe.cpp
  void part_from(base::peer_id id) noexcept;
  void hear_no_more(pipe& from) noexcept;
  void note_progress(pipe& target) noexcept;
  // socket_receive.cpp
  attempt_code receive_now(message& into);
  bool take_admitted(message& into);
  [[nodiscard]] std::uint32_t room_now(link& from);
  void take_in(pipe& target, bytes run, std::uint32_t count);
  void store(pipe& target, bytes run, std::uint32_t count);
  bool take_filtered(message& into);
  [[nodiscard]] std::uint64_t judge_ahead(const pipe& source, std::uint64_t most) const;
  void take_from(pipe& source, message& into, bool filtered);
  void after_take(pipe& source) noexcept;
  void end_turn(pipe& source, const bytes* first);
  [[nodiscard]] bool drop_unwanted(pipe& source) noexcept;
  void note_turned_away(pipe& source, pattern::receive_kind how) noexcept;
  void admit_arrivals(pipe& source) noexcept;
  void resume_paused() noexcept;
  void resume_after_total() noexcept;
  [[nodiscard]] bool at_receive_limit(const pipe& source) const noexcept;
  [[nodiscard]] bool under_half_of_limit(const pipe& source) const noexcept;
  [[nodiscard]] bool may_read_again(const pipe& source) const noexcept;
  [[nodiscard]] bool slabs_are_scarce(const pipe& source) const noexcept;
  [[nodiscard]] bool memory_is_scarce(const pipe& source) const noexcept;
  // socket_peers.cpp
  [[nodiscard]] pipe* find(base::peer_id id) const noexcept { return peers_.find(id); }
  [[nodiscard]] std::shared_ptr<pipe> make_pipe(io::loop& loop);
  [[nodiscard]] io::permits* permits_of_all() noexcept;
  void give_place(const std::shared_ptr<pipe>& tenant);
  void evict(const std::shared_ptr<pipe>& leaving) noexcept;
  result<void> attach(const std::shared_ptr<pipe>& joining, const bytes& routing_id, bool assigned);
  result<void> introduce(const std::shared_ptr<pipe>& joining, const bytes& routing_id, bool assigned);
  bool take_over_unread(pipe& joining, const bytes& routing_id);
  void retire(const std::shared_ptr<pipe>& leaving, drop_reason why) noexcept;
  void notify(direction what) noexcept;
  void wake_all() noexcept;
  template <class Describe>
  bool report_locked(event_kind kind, Describe describe) noexcept;
  bool tell(event& happened) noexcept;
  void miss_event() noexcept;
  // socket_stats.cpp
  /// True if somebody looks at events.
  [[nodiscard]] bool is_watched() const noexcept { return log_ != nullptr || !monitors_.empty(); }
  [[nodiscard]] static event event_about(const pipe& who);
  void report_high_water(event_kind kind, const pipe& who, bool sending) noexcept;
  /// Messages were dropped: every one goes through here, but for those that full peers of a fan-out miss,
  /// which it counts itself until `report_fan_drops`. `who`: the peer, if there is one.
  void count_drops(drop_reason why, std::uint64_t messages, pipe* who = nullptr) noexcept;
  void count_refused(const pattern::send_verdict& verdict) noexcept;
  void report_fan_drops() noexcept;
  void tell_fan_drops(std::uint64_t dropped) noexcept;
  void add_totals(socket_stats& to) const;
  [[nodiscard]] peer_stats stats_of(const pipe& peer) const;
  // socket_close.cpp
  [[nodiscard]] bool everything_over() const noexcept;
  void close_now(std::chrono::steady_clock::time_point linger_until) noexcept;
  void note_end() noexcept;

  // Without the monitor held.
  void await_relief();
  [[nodiscard]] std::string only_endpoint();  // socket_complaint.cpp
  enum class waited : std::uint8_t { over, deadline, impossible };
  waited wait_until_over(std::chrono::steady_clock::time_point deadline);

  const std::shared_ptr<context_core> context_;
  const socket_type type_;
  const shared_options made_with_;
  const bool inline_;

  monitor_mutex mutex_;
  shared_options options_;  // for new endpoints; those there are hold what they got
  queue_limits limits_;
  std::atomic<std::chrono::milliseconds> send_timeout_, receive_timeout_;  // written under the monitor
  std::unique_ptr<pattern::pattern> pattern_;
  const bool admits_on_arrival_;  // the pattern does
  pipe_table peers_;
  std::vector<std::shared_ptr<link>> links_;
  std::vector<std::shared_ptr<dialer>> dialers_;
  std::vector<std::shared_ptr<listener>> listeners_;
  std::vector<std::shared_ptr<datagram_end>> datagram_ends_;
  admission admission_;
  std::uint8_t accept_pauses_ = 0;             // of pause_reason
  std::vector<std::shared_ptr<pipe>> inproc_;  // connections that are not over
  std::vector<inproc_name> inproc_names_;      // that this socket has bound
  bool speaks_inproc_ = false;                 // has or had an inproc endpoint
  const bool single_frames_;                   // as pattern::has_single_frames
  bool needs_detour_ = single_frames_;         // either of them: to send takes more than a short cut
  bool owes_calls_ = false;                    // to inproc peers (inproc_calls)
  waiter_list senders_, receivers_, closers_;
  std::vector<std::shared_ptr<event_queue>> monitors_;
  std::vector<std::unique_ptr<operation_state>> spare_operations_;
  write_lists write_lists_;
  std::string last_endpoint_;
  std::size_t out_total_ = 0;     // bytes in all pipes' `out`, as far as counted; only if limited
  bool waits_for_total_ = false;  // a pipe is full since all together are
  io::kept_work waking_{io::bind_callback<&socket_core::wake_all>(this)};
  io::permits in_total_;           // bytes in all pipes' `in`; only if limited
  bool paused_for_total_ = false;  // a link has stopped reading for it
  std::uint64_t turn_ = 1;
  const std::uint64_t id_;
  event_log* const log_;  // the context's; null: none
  socket_counters counted_;
  std::size_t ready_links_ = 0;
  std::chrono::steady_clock::time_point linger_until_ =
      std::chrono::steady_clock::time_point::max();  // once closing
  bool closing_ = false, closed_by_application_ = false, terminated_ = false;
  bool foreign_ = false;  // the parent process' own
};

}  // namespace monocoque::engine

#include "engine/socket_calls.hpp"
#include "engine/socket_report.hpp"
