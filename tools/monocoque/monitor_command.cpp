#include "monitor_command.hpp"

#include "exit_status.hpp"
#include "format.hpp"
#include "output.hpp"

#include <monocoque/context.hpp>
#include <monocoque/sockets.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using monocoque::event;
using monocoque::event_kind;
using monocoque::socket_type;
using fractional_ms = std::chrono::duration<double, std::milli>;

/// What a peer of that type talks to, if there is one that takes no message from its other peers.
std::optional<socket_type> harmless_partner(socket_type of) {
  using enum socket_type;
  switch (of) {
    case rep:
    case router: return req;
    case pub:
    case xpub: return sub;
    case sub:
    case xsub: return pub;
    case pull: return push;
    case server: return client;
    case gather: return scatter;
    default: return std::nullopt;
  }
}

/// A socket of a type that is known at run time.
struct any_socket {
  std::shared_ptr<monocoque::socket> socket;
  std::function<void()> drop_what_came;
};

template <class Socket>
any_socket make(monocoque::context& context, const monocoque::socket_options& options) {
  const auto made = std::make_shared<Socket>(context, options);
  const auto drop = [made] {
    if constexpr (requires { made->try_receive(monocoque::as_result); }) {
      while (made->try_receive(monocoque::as_result)) continue;
    }
  };
  return {made, drop};
}

any_socket make_socket(socket_type type, monocoque::context& context,
                       const monocoque::socket_options& options) {
  using enum socket_type;
  switch (type) {
    case socket_type::pair: return make<monocoque::pair>(context, options);
    case pub: return make<monocoque::pub>(context, options);
    case sub: return make<monocoque::sub>(context, options);
    case req: return make<monocoque::req>(context, options);
    case rep: return make<monocoque::rep>(context, options);
    case dealer: return make<monocoque::dealer>(context, options);
    case router: return make<monocoque::router>(context, options);
    case pull: return make<monocoque::pull>(context, options);
    case push: return make<monocoque::push>(context, options);
    case xpub: return make<monocoque::xpub>(context, options);
    case xsub: return make<monocoque::xsub>(context, options);
    case client: return make<monocoque::client>(context, options);
    case scatter: return make<monocoque::scatter>(context, options);
    case gather: return make<monocoque::gather>(context, options);
    case channel: return make<monocoque::channel>(context, options);
    default: break;  // the command line does without them
  }
  throw wrong_usage("unknown socket type");
}

std::string shown(const monocoque::error& reason) {
  std::string line = reason.code().message();
  if (!reason.detail().empty()) line.append(", ").append(reason.detail());
  return line;
}

/// Who refused us, if it said: in its READY, or by ending its refusal with its type as Monocoque does.
std::optional<socket_type> type_of_refuser(const event& failed) {
  if (failed.peer && !failed.peer->socket_type.empty())
    return monocoque::socket_type_from(failed.peer->socket_type);
  const std::string_view detail = failed.reason.detail();
  return monocoque::socket_type_from(detail.substr(detail.rfind(' ') + 1));
}

/// One run of the command, on one thread.
class probe {
 public:
  probe(const monitor_command& command, interruption& stop)
      : command_(command),
        stop_(stop),
        options_(options_for(command)),
        end_context_(stop.token(), ending{context_}) {}

  int run() {
    std::optional<socket_type> as = command_.as.value_or(untried_.front());
    while (as) {
      if (const auto refusal = meet(*as)) {
        std::erase(untried_, *as);
        as = command_.as ? std::nullopt : another(*refusal);
        continue;
      }
      if (!stop_.token().stop_requested() && command_.count != 0) watch_heartbeats();
      // What has no end of its own is done when it is stopped.
      const bool cut_short = stop_.token().stop_requested() && (command_.count || heartbeats_ == 0);
      return cut_short ? 128 + stop_.signal() : exit_done;
    }
    throw std::runtime_error(command_.endpoint + ": no handshake");
  }

 private:
  struct ending {
    monocoque::context& context;
    void operator()() const { context.shutdown(); }
  };

  [[nodiscard]] static monocoque::socket_options options_for(const monitor_command& command) {
    monocoque::socket_options chosen;
    security_settings security = command.security;
    take_from_environment(security, {});
    apply(security, {}, chosen);
    chosen.linger = 0ms;
    // How long an answer may take is watched here: whatever else the peer sends is none.
    chosen.heartbeat_timeout = 0ms;
    if (command.count != 0) chosen.heartbeat_interval = std::chrono::milliseconds(command.interval_ms);
    chosen.ipv6 = command.ipv6 || command.endpoint.find("://[") != std::string::npos;
    return chosen;
  }

  /// A line; control characters, which the peer may have chosen, are shown as \xNN.
  template <class... Arguments>
  void say(clock::time_point when, fmt::format_string<Arguments...> form, Arguments&&... arguments) {
    // An event's own time and what is reckoned from it are not of the same look at the clock.
    when = last_ = std::max(last_, when);
    out_.print(monocoque::message(fmt::format("{:8.1f} ms  ", fractional_ms(when - start_).count()) +
                                  fmt::format(form, std::forward<Arguments>(arguments)...)));
    out_.flush();
  }

  /// The event by which the peer refused a handshake; none: it is done, or we were told to stop.
  std::optional<event> meet(socket_type as) {
    own_ = make_socket(as, context_, options_);
    events_.emplace(socket().monitor());
    start_ = clock::now();
    say(start_, "connecting to {} as {}", command_.endpoint, name_of(as));
    socket().connect(command_.endpoint);
    const auto deadline = start_ + std::chrono::milliseconds(command_.timeout_ms);
    for (;;) {
      while (auto next = events_->try_receive()) {
        show(*next);
        if (next->kind == event_kind::handshake_done) return std::nullopt;
        if (next->kind == event_kind::handshake_failed) return next;
      }
      if (stop_.token().stop_requested()) return std::nullopt;
      wait_until(deadline, "no handshake");
    }
  }

  void wait_until(clock::time_point deadline, std::string_view what) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
    if (left <= 0ms) throw gave_up(fmt::format("{} within {} ms", what, command_.timeout_ms));
    context_.run_for(left);
  }

  void show(const event& what) {
    switch (what.kind) {
      case event_kind::connected:
        connected_at_ = what.when;
        say(what.when, "connected to {}", what.peer_address);
        break;
      case event_kind::connect_retried:
        say(what.when, "no connection: {}; next attempt in {} ms", shown(what.reason), what.delay.count());
        break;
      case event_kind::handshake_done:
        show_peer(what);
        peer_ = what.peer;
        say(what.when, "handshake done");
        break;
      case event_kind::handshake_failed:
        show_peer(what);
        say(what.when, "handshake failed: {}", shown(what.reason));
        break;
      case event_kind::disconnected: say(what.when, "disconnected: {}", shown(what.reason)); break;
      default: break;
    }
  }

  void show_peer(const event& what) {
    if (!what.peer) return;
    const monocoque::peer_info& peer = *what.peer;
    say(connected_at_ + what.greeting_time, "greeting: ZMTP {}.{}, mechanism {}", peer.zmtp_major,
        peer.zmtp_minor, peer.mechanism);
    std::string who = peer.socket_type.empty() ? "type unknown" : peer.socket_type;
    if (!peer.routing_id.empty())
      who.append(", identity ").append(monocoque::message(peer.routing_id).view());
    say(what.when, "peer: {}", who);
    for (const auto& [name, value] : peer.metadata) {
      if (name == "Socket-Type" || name == "Identity") continue;
      say(what.when, "      {}: {}", name, value);
    }
  }

  /// Those of the socket itself: tells of each when it is answered.
  void watch_heartbeats() {
    if (peer_->zmtp_major != 3 || peer_->zmtp_minor < 1)
      throw std::runtime_error("the peer speaks no ZMTP 3.1, so it has no heartbeats");
    const auto limit = std::chrono::milliseconds(command_.interval_ms + command_.timeout_ms);
    auto deadline = clock::now() + limit;
    while (!stop_.token().stop_requested()) {
      own_.drop_what_came();
      if (note_answer()) deadline = clock::now() + limit;
      if (command_.count && heartbeats_ == *command_.count) break;
      fail_if_disconnected();
      wait_until(deadline, "no answer to a heartbeat");
    }
    if (heartbeats_ == 0) return;
    say(clock::now(), "{} heartbeat{}: least {:.3f} ms, mean {:.3f} ms, most {:.3f} ms", heartbeats_,
        heartbeats_ == 1 ? "" : "s", least_.count(), sum_.count() / static_cast<double>(heartbeats_),
        most_.count());
  }

  bool note_answer() {
    const std::vector<monocoque::peer_status> peers = socket().peers();
    if (peers.empty() || peers.front().heartbeats == answered_) return false;
    answered_ = peers.front().heartbeats;
    note_heartbeat(peers.front().heartbeat_round_trip);
    return true;
  }

  void fail_if_disconnected() {
    while (const auto next = events_->try_receive()) {
      if (next->kind == event_kind::disconnected) throw std::runtime_error(next->reason.message());
    }
  }

  [[nodiscard]] monocoque::socket& socket() const { return *own_.socket; }

  void note_heartbeat(fractional_ms took) {
    ++heartbeats_;
    sum_ += took;
    least_ = heartbeats_ == 1 ? took : std::min(least_, took);
    most_ = std::max(most_, took);
    say(clock::now(), "heartbeat {}: {:.3f} ms", heartbeats_, took.count());
  }

  /// What to be instead of a type that the peer refused. libzmq may close the connection before it has said
  /// what it is itself: then it is found out by trying.
  [[nodiscard]] std::optional<socket_type> another(const event& refusal) const {
    const auto peer = type_of_refuser(refusal);
    if (peer && !harmless_partner(*peer)) {
      throw std::runtime_error(fmt::format(
          "{} would lose messages or its place to us; --as TYPE connects all the same", name_of(*peer)));
    }
    const auto is_left = [this](socket_type type) {
      return std::ranges::find(untried_, type) != untried_.end();
    };
    if (peer) return is_left(*harmless_partner(*peer)) ? harmless_partner(*peer) : std::nullopt;
    const bool may_be_the_type = refusal.reason == monocoque::errc::peer_disconnected ||
                                 refusal.reason == monocoque::errc::refused_by_peer;
    return may_be_the_type && !untried_.empty() ? std::optional(untried_.front()) : std::nullopt;
  }

  const monitor_command& command_;
  interruption& stop_;
  const monocoque::socket_options options_;  // the same keys in each attempt
  monocoque::context context_{monocoque::inline_loop};
  const std::stop_callback<ending> end_context_;
  output out_{message_format::text, ""};
  std::vector<socket_type> untried_{socket_type::req, socket_type::sub, socket_type::push, socket_type::pub};
  any_socket own_;
  std::optional<monocoque::monitor> events_;
  clock::time_point start_;
  clock::time_point last_;  // what was said last happened then
  clock::time_point connected_at_;
  std::shared_ptr<const monocoque::peer_info> peer_;
  std::uint64_t answered_ = 0;  // heartbeats, as the socket counts them
  std::int64_t heartbeats_ = 0;
  fractional_ms sum_{}, least_{}, most_{};
};

}  // namespace

int run(const monitor_command& command, interruption& stop) { return probe(command, stop).run(); }

}  // namespace tool
