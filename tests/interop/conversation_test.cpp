// Every legal pair of socket types talks, with libzmq's C API and with pyzmq on the other side.

#include "tests/interop/convert.hpp"
#include "tests/interop/script.hpp"
#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/any_socket.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <future>
#include <semaphore>
#include <tuple>

namespace monocoque::test {
namespace {

using enum socket_type;

enum class style { blocking, coroutines };
enum class other { libzmq, pyzmq };

struct pairing {
  socket_type ours, theirs;
};

constexpr pairing legal_pairs[] = {
    {pair, pair},     {pub, sub},    {sub, pub},    {pub, xsub},      {xsub, pub},      {xpub, sub},
    {sub, xpub},      {xpub, xsub},  {xsub, xpub},  {req, rep},       {rep, req},       {req, router},
    {router, req},    {dealer, rep}, {rep, dealer}, {dealer, dealer}, {dealer, router}, {router, dealer},
    {router, router}, {push, pull},  {pull, push}};

using setup = std::tuple<pairing, wire, bool /* we bind */, style, other>;

std::string test_name(const testing::TestParamInfo<setup>& info) {
  const auto& [types, transport, we_bind, how, peer] = info.param;
  return std::string(name_of(types.ours)) + (we_bind ? "_bound_" : "_connected_") + "to_" +
         std::string(name_of(types.theirs)) + (transport == wire::tcp ? "_tcp" : "_ipc") +
         (how == style::blocking ? "_blocking" : "_coroutines") +
         (peer == other::libzmq ? "_libzmq" : "_pyzmq");
}

/// One side of the conversation: its script, and what both sides know of each other's progress.
struct role {
  std::vector<action> script;
  envelope wrap;
  std::counting_semaphore<>& heard;

  [[nodiscard]] bool takes(const action& expected, frames received) {
    if (expected.what == action::kind::receive_raw) {
      EXPECT_EQ(received, expected.content);
      return true;
    }
    frames body = wrap.strip(std::move(received));
    if (body == frames{sync_word}) {
      heard.release();
      return false;
    }
    EXPECT_TRUE(body == expected.content) << "of " << expected.content.size() << " frames, "
                                          << expected.content[0].size() << " bytes in the first";
    return true;
  }
  [[nodiscard]] frames outgoing(const action& todo) const {
    return wrap.dress(todo.content,
                      todo.what == action::kind::send_elsewhere ? "elsewhere" : subscribed_topic);
  }
  [[nodiscard]] frames nudge() const { return wrap.dress({sync_word}); }
};

/// Plays a role with plain calls; `Side` has send(frames) and receive().
template <class Side>
void play(Side& side, role& part) {
  for (const action& todo : part.script) {
    switch (todo.what) {
      case action::kind::send:
      case action::kind::send_elsewhere: side.send(part.outgoing(todo)); break;
      case action::kind::nudge:
        do side.send(part.nudge());
        while (!part.heard.try_acquire_for(std::chrono::milliseconds(5)));
        break;
      case action::kind::receive:
      case action::kind::receive_raw:
        while (!part.takes(todo, side.receive())) {
        }
        break;
    }
  }
}

task<> play_as_coroutine(any_socket& side, role& part) {
  for (const action& todo : part.script) {
    if (todo.what == action::kind::nudge) {
      do {
        message word = to_message(part.nudge());
        co_await side.async_send(std::move(word));
        co_await sleep_for(std::chrono::milliseconds(5));
      } while (!part.heard.try_acquire());
    } else if (todo.what == action::kind::send || todo.what == action::kind::send_elsewhere) {
      message what = to_message(part.outgoing(todo));
      co_await side.async_send(std::move(what));
    } else {
      for (bool taken = false; !taken;) {
        const message received = co_await side.async_receive();
        taken = part.takes(todo, to_frames(received));
      }
    }
  }
}

struct blocking_side {
  any_socket& socket;
  void send(const frames& what) const { socket.send(to_message(what)); }
  [[nodiscard]] frames receive() const { return to_frames(socket.receive()); }
};

class conversation : public testing::TestWithParam<setup> {
 protected:
  static std::unique_ptr<context> make_context(style how) {
    if (how == style::blocking) return std::make_unique<context>();
    return std::make_unique<context>(inline_loop);
  }
  std::unique_ptr<foreign_peer> make_peer(other kind, socket_type type) {
    if (kind == other::libzmq) return std::make_unique<zmq_peer>(libzmq_, type);
    return std::make_unique<python_peer>(type);
  }

  temporary_folder folder_;
  zmq_context libzmq_;
  std::counting_semaphore<> heard_{0};
};

TEST_P(conversation, goes_through_all_sizes_and_shapes) {
  const auto& [types, transport, we_bind, how, peer_kind] = GetParam();
  const auto ours_type = types.ours;
  const auto theirs_type = types.theirs;
  const bool we_begin = may_begin(ours_type, theirs_type) && (we_bind || !may_begin(theirs_type, ours_type));

  const std::unique_ptr<context> ctx = make_context(how);
  socket_options options;
  options.linger = patience;
  const auto theirs = make_peer(peer_kind, theirs_type);
  if (ours_type == router && theirs_type == router) {
    options.routing_id = bytes::copy("ours");
    options.probe_router = !we_begin;
    theirs->set("routing_id", "theirs");
    if (we_begin) theirs->set("probe_router", "1");
  }
  const auto ours = any_socket::make(ours_type, *ctx, options);
  if (ours_type == sub || ours_type == xsub) ours->subscribe(subscribed_topic);

  const std::string endpoint = fresh_endpoint(transport, folder_);
  if (we_bind) {
    ours->base().bind(endpoint);
    theirs->connect(ours->base().last_endpoint());
  } else {
    ours->base().connect(theirs->bind(endpoint));
  }
  if (theirs_type == sub || theirs_type == xsub) theirs->subscribe(subscribed_topic);

  role our_role{script_of(ours_type, theirs_type, we_begin), envelope(ours_type, theirs_type), heard_};
  role their_role{script_of(theirs_type, ours_type, !we_begin), envelope(theirs_type, ours_type), heard_};
  auto their_side = std::async(std::launch::async, [&] { play(*theirs, their_role); });
  if (how == style::blocking) {
    blocking_side side{*ours};
    EXPECT_NO_THROW(play(side, our_role));
  } else {
    EXPECT_NO_THROW(ctx->run(play_as_coroutine(*ours, our_role)));
    ours->base().close(patience);
  }
  EXPECT_NO_THROW(their_side.get());
}

INSTANTIATE_TEST_SUITE_P(blocking, conversation,
                         testing::Combine(testing::ValuesIn(legal_pairs),
                                          testing::Values(wire::tcp, wire::ipc), testing::Bool(),
                                          testing::Values(style::blocking), testing::Values(other::libzmq)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(coroutines, conversation,
                         testing::Combine(testing::ValuesIn(legal_pairs),
                                          testing::Values(wire::tcp, wire::ipc), testing::Bool(),
                                          testing::Values(style::coroutines), testing::Values(other::libzmq)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(python, conversation,
                         testing::Combine(testing::ValuesIn(legal_pairs), testing::Values(wire::tcp),
                                          testing::Bool(), testing::Values(style::blocking),
                                          testing::Values(other::pyzmq)),
                         test_name);

}  // namespace
}  // namespace monocoque::test
