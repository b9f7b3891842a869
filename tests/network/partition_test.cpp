// Two hosts that cannot reach each other for a while. Who asks for heartbeats, or has the kernel look, learns
// of it; afterwards everything goes on by itself, and only what the kernel had taken is lost.

#include "tests/network/two_hosts.hpp"

#include <latch>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// Long enough that heartbeats, the user timeout and keep-alive of these tests are all over.
constexpr std::chrono::seconds long_partition{30};
/// TCP tries again 0.2, 0.6, 1.4, 3 and 6.2 seconds after it has lost the first packet.
constexpr milliseconds short_partition{2200}, a_retransmission_takes{1500};
constexpr std::uint64_t some = 50;  ///< messages before it, and after it
constexpr std::uint64_t into_the_void = 10;

socket_options plain() { return {.linger = 0ms, .reconnect_interval = 50ms, .connect_timeout = 1s}; }
socket_options beating() {
  socket_options options = plain();
  options.heartbeat_interval = 500ms;
  options.heartbeat_timeout = 2s;
  return options;
}
/// For partitions of a few seconds.
socket_options beating_fast() {
  socket_options options = plain();
  options.connect_timeout = 200ms;
  options.heartbeat_interval = 200ms;
  options.heartbeat_timeout = 1s;
  return options;
}
socket_options asking_to_be_left() {
  socket_options options = beating();
  options.heartbeat_ttl = 2s;
  return options;
}
constexpr end_options beating_end{.heartbeat = 500ms, .heartbeat_timeout = 2s, .connect_timeout = 1s};

/// When the pairs of a test have met, and when the wire works again.
struct course {
  explicit course(std::size_t pairs) : met(static_cast<std::ptrdiff_t>(pairs)) {}

  std::latch met, cut{1}, healed{1};
};

/// One pair's view of it. Its end counts as a meeting, so that nobody waits for one that failed.
class turn {
 public:
  explicit turn(course& of) : of_(of) {}
  ~turn() {
    if (!counted_) of_.met.count_down();
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

  void await_cut() {
    of_.met.count_down();
    counted_ = true;
    of_.cut.wait();
  }
  void await_healing() const { of_.healed.wait(); }

 private:
  course& of_;
  bool counted_ = false;
};

class partition : public two_hosts {
 protected:
  using encounter = std::function<void(turn&)>;

  /// The pairs meet, then the wire carries only `what` for `length`, then all again.
  void part(const std::vector<encounter>& pairs, carries what, milliseconds length) {
    course all(pairs.size());
    std::jthread wire_keeper([&] {
      all.met.wait();
      wire_->carry(what);
      all.cut.count_down();
      std::this_thread::sleep_for(length);
      wire_->carry(carries::all);
      all.healed.count_down();
    });
    std::vector<std::function<void()>> works;
    for (const encounter& each : pairs) {
      works.emplace_back([&all, &each] {
        turn mine(all);
        each(mine);
      });
    }
    side_by_side(works);
  }

  [[nodiscard]] std::pair<std::unique_ptr<end>, std::string> end_there(library which, socket_type type,
                                                                       const end_options& options) const {
    const stay at(*server_);
    std::unique_ptr<end> made = end::make(which, type, options);
    std::string place = made->bind(server_endpoint());
    return {std::move(made), std::move(place)};
  }

  /// PUSH connects, PULL binds. Whoever finds out first, both see the connection end.
  void pipeline(turn& mine, const socket_options& connects, const socket_options& binds) const;
  void given_up_by_the_sender_alone(turn& mine) const;
  void pipeline_from_libzmq(turn& mine) const;
  void pipeline_to_libzmq(turn& mine) const;
  void identity_that_comes_back(turn& mine) const;
  void user_timeout(turn& mine) const;
  void keepalive(turn& mine) const;
  void questions(turn& mine) const;
  void undisturbed(turn& mine, library binds, library connects) const;
};

template <class Socket>
void send_numbers(Socket& to, std::uint64_t from, std::uint64_t end) {
  for (; from < end; ++from) to.send(to_message(write({"source", from})));
}
void send_numbers(end& to, std::uint64_t from, std::uint64_t end) {
  for (; from < end; ++from) ASSERT_TRUE(to.send_for(write({"source", from}), patience));
}

template <class Socket>
frames next_from(Socket& from) {
  return to_frames(must_receive(from));
}
frames next_from(end& from) {
  std::optional<frames> received = from.receive_for(patience);
  if (!received) throw std::runtime_error("nothing comes");
  return *std::move(received);
}

/// One more in order, and not twice; nothing is missing from `safe` on.
void expect_next(const frames& received, std::uint64_t& next, std::uint64_t safe) {
  const numbered got = read(received);
  ASSERT_GE(got.number, next) << "twice, or too late";
  ASSERT_LE(got.number, std::max(next, safe)) << "what should have come before is missing";
  next = got.number + 1;
}
/// Takes what comes up to `end`.
template <class Socket>
void expect_numbers(Socket& from, std::uint64_t next, std::uint64_t safe, std::uint64_t end) {
  while (next < end && !testing::Test::HasFatalFailure()) expect_next(next_from(from), next, safe);
}

/// Until the peer has answered a PING, and so has read the time to live in it; nothing else comes meanwhile.
template <class Socket>
void await_heartbeat(Socket& asking, pull& idle) {
  while (asking.peers().at(0).heartbeat_round_trip == 0ns) ASSERT_FALSE(idle.receive_for(10ms));
}

void partition::pipeline(turn& mine, const socket_options& connects, const socket_options& binds) const {
  const auto sink = there<pull>(binds);
  const auto source = here<push>(connects, sink->socket.last_endpoint());
  send_numbers(source->socket, 0, some);
  expect_numbers(sink->socket, 0, 0, some);
  if (connects.heartbeat_interval > 0ms) await_heartbeat(source->socket, sink->socket);
  if (binds.heartbeat_interval > 0ms) await_heartbeat(sink->socket, sink->socket);
  mine.await_cut();
  constexpr std::uint64_t safe = some + into_the_void, last = safe + some;
  send_numbers(source->socket, some, safe);
  await_event(source->events, event_kind::disconnected);
  await_event(sink->events, event_kind::disconnected);
  EXPECT_GT(source->socket.stats().events_of(event_kind::heartbeat_missed) +
                sink->socket.stats().events_of(event_kind::heartbeat_missed),
            0U);
  // Where its packets still arrived, so did these; later they would be taken by turns with what comes then.
  std::uint64_t next = some;
  while (const std::optional<message> came = sink->socket.try_receive())
    expect_next(to_frames(*came), next, safe);
  send_numbers(source->socket, safe, last);
  mine.await_healing();
  await_event(source->events, event_kind::handshake_done);
  await_event(sink->events, event_kind::handshake_done);
  expect_numbers(sink->socket, next, safe, last);
}

/// The receiver's connection stays open and takes what the kernel of the sender still tries to bring. None of
/// it may come after what was sent later, over the next connection.
void partition::given_up_by_the_sender_alone(turn& mine) const {
  const auto sink = there<pull>(plain());
  const auto source = here<push>(beating_fast(), sink->socket.last_endpoint());
  send_numbers(source->socket, 0, some);
  expect_numbers(sink->socket, 0, 0, some);
  mine.await_cut();
  constexpr std::uint64_t safe = some + into_the_void, last = safe + some;
  send_numbers(source->socket, some, safe);
  await_event(source->events, event_kind::disconnected);
  mine.await_healing();
  await_event(source->events, event_kind::handshake_done);
  for (std::uint64_t number = safe; number < last; ++number) {
    send_numbers(source->socket, number, number + 1);
    expect_numbers(sink->socket, number == safe ? some : number, safe, number + 1);
  }
  EXPECT_FALSE(sink->socket.receive_for(a_retransmission_takes));
}

void partition::pipeline_from_libzmq(turn& mine) const {
  const auto sink = there<pull>(beating());
  const std::unique_ptr<end> source = end::make(library::libzmq, socket_type::push, beating_end);
  source->connect(sink->socket.last_endpoint());
  send_numbers(*source, 0, some);
  expect_numbers(sink->socket, 0, 0, some);
  mine.await_cut();
  constexpr std::uint64_t safe = some + into_the_void, last = safe + some;
  send_numbers(*source, some, safe);
  await_event(sink->events, event_kind::heartbeat_missed);
  mine.await_healing();
  await_event(sink->events, event_kind::handshake_done);
  send_numbers(*source, safe, last);
  expect_numbers(sink->socket, some, safe, last);
}

void partition::pipeline_to_libzmq(turn& mine) const {
  const auto [sink, place] = end_there(library::libzmq, socket_type::pull, beating_end);
  const auto source = here<push>(beating(), place);
  send_numbers(source->socket, 0, some);
  expect_numbers(*sink, 0, 0, some);
  mine.await_cut();
  constexpr std::uint64_t safe = some + into_the_void, last = safe + some;
  send_numbers(source->socket, some, safe);
  await_event(source->events, event_kind::heartbeat_missed);
  await_event(source->events, event_kind::disconnected);
  send_numbers(source->socket, safe, last);
  mine.await_healing();
  await_event(source->events, event_kind::handshake_done);
  expect_numbers(*sink, some, safe, last);
}

/// The ROUTER learns nothing of the end: its connection stays half open, and the peer comes back over a new
/// one while the old one still has the identity.
void partition::identity_that_comes_back(turn& mine) const {
  socket_options handing_over = plain();
  handing_over.router_mandatory = handing_over.router_handover = true;
  const auto control = there<router>(handing_over);
  socket_options named = beating();
  named.routing_id = bytes::copy("welder");
  const auto robot = here<dealer>(named, control->socket.last_endpoint());
  const auto order = [&](std::uint64_t number) {
    frames parts = write({"source", number});
    parts.insert(parts.begin(), "welder");
    control->socket.send(to_message(parts));
  };
  const auto expect_report = [&](std::uint64_t number) {
    const frames report = next_from(control->socket);
    ASSERT_EQ(report.front(), "welder");
    ASSERT_EQ(read(report), (numbered{"source", number}));
  };
  send_numbers(robot->socket, 0, 1);
  expect_report(0);
  order(0);
  expect_numbers(robot->socket, 0, 0, 1);
  mine.await_cut();
  order(1);  // into the void
  await_event(robot->events, event_kind::heartbeat_missed);
  await_event(robot->events, event_kind::disconnected);
  EXPECT_EQ(control->socket.peer_count(), 1U);
  mine.await_healing();
  await_event(robot->events, event_kind::handshake_done);
  send_numbers(robot->socket, 1, some);
  for (std::uint64_t number = 1; number < some; ++number) expect_report(number);
  for (std::uint64_t number = 2; number < some; ++number) order(number);
  expect_numbers(robot->socket, 1, 2, some);
}

void partition::user_timeout(turn& mine) const {
  const auto sink = there<pull>(plain());
  socket_options impatient = plain();
  impatient.tcp_user_timeout = 3s;
  const auto source = here<push>(impatient, sink->socket.last_endpoint());
  send_numbers(source->socket, 0, some);
  expect_numbers(sink->socket, 0, 0, some);
  mine.await_cut();
  constexpr std::uint64_t safe = some + into_the_void, last = safe + some;
  send_numbers(source->socket, some, safe);
  EXPECT_EQ(await_event(source->events, event_kind::disconnected).reason.code(), std::errc::timed_out);
  send_numbers(source->socket, safe, last);
  mine.await_healing();
  await_event(source->events, event_kind::handshake_done);
  expect_numbers(sink->socket, some, safe, last);
}

/// A subscriber that never sends anything finds out all the same, and subscribes anew.
void partition::keepalive(turn& mine) const {
  socket_options verbose = plain();
  verbose.report_subscriptions = subscription_reports::verbose;
  const auto source = there<xpub>(verbose);
  socket_options watching = plain();
  watching.tcp_keepalive = true;
  watching.tcp_keepalive_idle = watching.tcp_keepalive_interval = 1s;
  watching.tcp_keepalive_count = 2;
  const auto sink = std::make_unique<watched<sub>>(watching);
  sink->socket.subscribe("source");
  sink->socket.connect(source->socket.last_endpoint());
  EXPECT_EQ(next_from(source->socket), frames{"\1source"});
  send_numbers(source->socket, 0, some);
  expect_numbers(sink->socket, 0, 0, some);
  mine.await_cut();
  EXPECT_EQ(await_event(sink->events, event_kind::disconnected).reason.code(), std::errc::timed_out);
  mine.await_healing();
  EXPECT_EQ(next_from(source->socket), frames{"\1source"});
  send_numbers(source->socket, some, 2 * some);
  expect_numbers(sink->socket, some, some, 2 * some);
}

void partition::questions(turn& mine) const {
  const auto server = there<rep>(plain());
  const std::jthread serving([&](const std::stop_token& stop) {
    while (result<message> question = server->socket.receive(as_result, stop)) {
      if (!server->socket.send(as_result, *std::move(question), stop)) return;
    }
  });
  socket_options asking = beating();
  asking.req_relaxed = asking.req_correlate = true;
  const auto client = here<req>(asking, server->socket.last_endpoint());
  std::uint64_t number = 0;
  const auto ask = [&] { client->socket.send(to_message(write({"client", number++}))); };
  const auto expect_answer = [&] { EXPECT_EQ(read(next_from(client->socket)).number, number - 1); };
  ask();
  expect_answer();
  mine.await_cut();
  ask();
  await_event(client->events, event_kind::disconnected);
  ask();
  EXPECT_FALSE(client->socket.try_receive());
  mine.await_healing();
  expect_answer();
  for (std::uint64_t i = 0; i < some; ++i) {
    ask();
    expect_answer();
  }
}

TEST_F(partition, of_half_a_minute_is_noticed_and_mended) {
  part({[this](turn& mine) { pipeline(mine, beating(), beating()); },
        [this](turn& mine) { pipeline(mine, plain(), asking_to_be_left()); },
        [this](turn& mine) { pipeline(mine, asking_to_be_left(), plain()); },
        [this](turn& mine) { pipeline_from_libzmq(mine); }, [this](turn& mine) { pipeline_to_libzmq(mine); },
        [this](turn& mine) { identity_that_comes_back(mine); }, [this](turn& mine) { user_timeout(mine); },
        [this](turn& mine) { keepalive(mine); }, [this](turn& mine) { questions(mine); }},
       carries::nothing, long_partition);
}

TEST_F(partition, of_what_the_server_sends_is_noticed_on_both_sides) {
  part({[this](turn& mine) { pipeline(mine, beating_fast(), beating_fast()); }}, carries::to_second,
       short_partition);
}

TEST_F(partition, of_what_the_client_sends_is_noticed_on_both_sides) {
  part({[this](turn& mine) { pipeline(mine, beating_fast(), beating_fast()); }}, carries::to_first,
       short_partition);
}

TEST_F(partition, brings_nothing_of_an_earlier_connection_after_what_came_over_a_later_one) {
  part({[this](turn& mine) { given_up_by_the_sender_alone(mine); }}, carries::nothing, short_partition);
}

void partition::undisturbed(turn& mine, library binds, library connects) const {
  const auto [sink, place] = end_there(binds, socket_type::pull, {});
  const std::unique_ptr<end> source = end::make(connects, socket_type::push);
  source->connect(place);
  send_numbers(*source, 0, some);
  expect_numbers(*sink, 0, 0, some);
  mine.await_cut();
  send_numbers(*source, some, 2 * some);
  mine.await_healing();
  send_numbers(*source, 2 * some, 3 * some);
  expect_numbers(*sink, some, some, 3 * some);
}

TEST_F(partition, that_is_over_before_anybody_gives_up_loses_nothing) {
  part({[this](turn& mine) { undisturbed(mine, library::monocoque, library::monocoque); },
        [this](turn& mine) { undisturbed(mine, library::monocoque, library::libzmq); },
        [this](turn& mine) { undisturbed(mine, library::libzmq, library::monocoque); }},
       carries::nothing, short_partition);
}

}  // namespace
}  // namespace monocoque::test
