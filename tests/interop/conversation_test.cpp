// Every legal pair of socket types talks, with libzmq's C API and with pyzmq on the other side.

#include "tests/interop/convert.hpp"
#include "tests/interop/script.hpp"
#include "tests/interop/zap_handler.hpp"
#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/any_socket.hpp"
#include "tests/socket/security_support.hpp"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <semaphore>
#include <tuple>
#include <utility>

namespace monocoque::test {
namespace {

using enum socket_type;

enum class style { blocking, coroutines };
enum class other { libzmq, pyzmq };
enum class guarded {
  not_at_all,
  plain_by_us,
  plain_by_them,
  curve_by_us,
  curve_by_them
};  // who is the server

struct pairing {
  socket_type ours, theirs;
};

constexpr pairing legal_pairs[] = {
    {pair, pair},     {pub, sub},    {sub, pub},    {pub, xsub},      {xsub, pub},      {xpub, sub},
    {sub, xpub},      {xpub, xsub},  {xsub, xpub},  {req, rep},       {rep, req},       {req, router},
    {router, req},    {dealer, rep}, {rep, dealer}, {dealer, dealer}, {dealer, router}, {router, dealer},
    {router, router}, {push, pull},  {pull, push}};

using setup = std::tuple<pairing, wire, bool /* we bind */, style, other, guarded>;

std::string name_of(guarded how) {
  constexpr const char* names[] = {"", "_plain_server", "_plain_client", "_curve_server", "_curve_client"};
  return names[static_cast<std::size_t>(how)];
}

std::string test_name(const testing::TestParamInfo<setup>& info) {
  const auto& [types, transport, we_bind, how, peer, security] = info.param;
  return std::string(name_of(types.ours)) + (we_bind ? "_bound_" : "_connected_") + "to_" +
         std::string(name_of(types.theirs)) + (transport == wire::tcp ? "_tcp" : "_ipc") +
         (how == style::blocking ? "_blocking" : "_coroutines") +
         (peer == other::libzmq ? "_libzmq" : "_pyzmq") + name_of(security);
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
  std::unique_ptr<foreign_peer> make_peer(other kind, socket_type type, guarded security) {
    if (kind == other::libzmq) {
      if (security == guarded::plain_by_them) zap_.emplace(libzmq_, allow_joe);
      return std::make_unique<zmq_peer>(libzmq_, type);
    }
    auto made = std::make_unique<python_peer>(type);
    if (security == guarded::plain_by_them) made->tell("allow_password", {joe.username, joe.password});
    return made;
  }
  static frames allow_joe(const zap_question& about) {
    const bool known = about.credentials == frames{joe.username, joe.password};
    return zap_reply(about, known ? "200" : "400");
  }
  /// Ours and theirs.
  static std::pair<security_mechanism, security_mechanism> mechanisms_of(guarded how) {
    switch (how) {
      case guarded::not_at_all: break;
      case guarded::plain_by_us: return {plain_server{}, joe};
      case guarded::plain_by_them: return {joe, plain_server{}};
      case guarded::curve_by_us: return {keys.server(), keys.client()};
      case guarded::curve_by_them: return {keys.client(), keys.server()};
    }
    return {};
  }

  static inline const plain_client joe{.username = "joe", .password = "right"};
  static inline const curve_keys keys;
  temporary_folder folder_;
  zmq_context libzmq_;
  std::optional<zap_handler> zap_;
  std::counting_semaphore<> heard_{0};
};

TEST_P(conversation, goes_through_all_sizes_and_shapes) {
  const auto& [types, transport, we_bind, how, peer_kind, security] = GetParam();
  const bool with_curve = security == guarded::curve_by_us || security == guarded::curve_by_them;
  if (with_curve && !has_curve()) GTEST_SKIP() << "without CURVE";
  const auto ours_type = types.ours;
  const auto theirs_type = types.theirs;
  const bool we_begin = may_begin(ours_type, theirs_type) && (we_bind || !may_begin(theirs_type, ours_type));

  const std::unique_ptr<context> ctx = make_context(how);
  socket_options options;
  options.linger = patience;
  const auto [our_mechanism, their_mechanism] = mechanisms_of(security);
  options.security = our_mechanism;
  if (security == guarded::plain_by_us) options.authenticate = password_is(joe.password);
  const auto theirs = make_peer(peer_kind, theirs_type, security);
  theirs->secure(their_mechanism);
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

using testing::Bool;
using testing::Combine;
using testing::Values;
using testing::ValuesIn;

constexpr guarded servers_and_clients[] = {guarded::plain_by_us, guarded::plain_by_them, guarded::curve_by_us,
                                           guarded::curve_by_them};

INSTANTIATE_TEST_SUITE_P(blocking, conversation,
                         Combine(ValuesIn(legal_pairs), Values(wire::tcp, wire::ipc), Bool(),
                                 Values(style::blocking), Values(other::libzmq), Values(guarded::not_at_all)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(coroutines, conversation,
                         Combine(ValuesIn(legal_pairs), Values(wire::tcp, wire::ipc), Bool(),
                                 Values(style::coroutines), Values(other::libzmq),
                                 Values(guarded::not_at_all)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(python, conversation,
                         Combine(ValuesIn(legal_pairs), Values(wire::tcp), Bool(), Values(style::blocking),
                                 Values(other::pyzmq), Values(guarded::not_at_all)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(secured, conversation,
                         Combine(ValuesIn(legal_pairs), Values(wire::tcp, wire::ipc), Bool(),
                                 Values(style::blocking), Values(other::libzmq),
                                 ValuesIn(servers_and_clients)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(secured_coroutines, conversation,
                         Combine(ValuesIn(legal_pairs), Values(wire::tcp), Values(true),
                                 Values(style::coroutines), Values(other::libzmq),
                                 Values(guarded::curve_by_us, guarded::curve_by_them)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(secured_python, conversation,
                         Combine(Values(pairing{req, rep}, pairing{router, dealer}, pairing{sub, pub},
                                        pairing{pub, sub}, pairing{push, pull}),
                                 Values(wire::tcp), Bool(), Values(style::blocking), Values(other::pyzmq),
                                 ValuesIn(servers_and_clients)),
                         test_name);

}  // namespace
}  // namespace monocoque::test
