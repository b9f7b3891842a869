#include "monitor_command.hpp"

#include "exit_status.hpp"
#include "format.hpp"
#include "output.hpp"

#include <monocoque/context.hpp>
#include <monocoque/sockets.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace tool {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using monocoque::event;
using monocoque::event_kind;
using monocoque::socket_type;
using fractional_ms = std::chrono::duration<double, std::milli>;

/// What a peer of that type talks to, if there is one that takes no message from its other peers.
std::optional<socket_type> harmless_partner(socket_type peer) {
  using enum socket_type;
  switch (peer) {
    case rep:
    case router: return req;
    case pub:
    case xpub: return sub;
    case sub:
    case xsub: return pub;
    case pull: return push;
    default: return std::nullopt;
  }
}

std::shared_ptr<monocoque::socket> make_socket(socket_type type, monocoque::context& context,
                                               const monocoque::socket_options& options) {
  using enum socket_type;
  switch (type) {
    case socket_type::pair: return std::make_shared<monocoque::pair>(context, options);
    case pub: return std::make_shared<monocoque::pub>(context, options);
    case sub: return std::make_shared<monocoque::sub>(context, options);
    case req: return std::make_shared<monocoque::req>(context, options);
    case rep: return std::make_shared<monocoque::rep>(context, options);
    case dealer: return std::make_shared<monocoque::dealer>(context, options);
    case router: return std::make_shared<monocoque::router>(context, options);
    case pull: return std::make_shared<monocoque::pull>(context, options);
    case push: return std::make_shared<monocoque::push>(context, options);
    case xpub: return std::make_shared<monocoque::xpub>(context, options);
    case xsub: return std::make_shared<monocoque::xsub>(context, options);
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
      : command_(command), stop_(stop), end_context_(stop.token(), ending{context_}) {}

  int run() {
    std::optional<socket_type> as = command_.as.value_or(socket_type::req);
    while (as) {
      if (const auto refusal = meet(*as)) {
        as = command_.as ? std::nullopt : another(*refusal);
        continue;
      }
      return stop_.token().stop_requested() ? 128 + stop_.signal() : exit_done;
    }
    throw std::runtime_error(command_.endpoint + ": no handshake");
  }

 private:
  struct ending {
    monocoque::context& context;
    void operator()() const { context.shutdown(); }
  };

  [[nodiscard]] monocoque::socket_options options() const {
    monocoque::socket_options chosen;
    chosen.linger = 0ms;
    chosen.ipv6 = command_.ipv6 || command_.endpoint.find("://[") != std::string::npos;
    return chosen;
  }

  /// A line; control characters, which the peer may have chosen, are shown as \xNN.
  template <class... Arguments>
  void say(clock::time_point when, fmt::format_string<Arguments...> form, Arguments&&... arguments) {
    out_.print(monocoque::message(fmt::format("{:8.1f} ms  ", fractional_ms(when - start_).count()) +
                                  fmt::format(form, std::forward<Arguments>(arguments)...)));
    out_.flush();
  }

  /// The event by which the peer refused a handshake; none: it is done, or we were told to stop.
  std::optional<event> meet(socket_type as) {
    socket_ = make_socket(as, context_, options());
    monocoque::monitor events = socket_->monitor();
    start_ = clock::now();
    say(start_, "connecting to {} as {}", command_.endpoint, name_of(as));
    socket_->connect(command_.endpoint);
    const auto deadline = start_ + std::chrono::milliseconds(command_.timeout_ms);
    for (;;) {
      while (const auto next = events.try_receive()) {
        show(*next);
        if (next->kind == event_kind::handshake_done) return std::nullopt;
        if (next->kind == event_kind::handshake_failed) return *next;
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

  /// What to be instead of a type that the peer refused.
  [[nodiscard]] std::optional<socket_type> another(const event& refusal) {
    if (untried_.empty()) return std::nullopt;
    const auto peer = type_of_refuser(refusal);
    // libzmq at times closes before it has said what it is.
    if (!peer) return *std::exchange(untried_, untried_.subspan(1)).begin();
    untried_ = {};
    if (const auto partner = harmless_partner(*peer)) return partner;
    throw std::runtime_error(fmt::format(
        "{} would lose messages or its place to us; --as TYPE connects all the same", name_of(*peer)));
  }

  static constexpr socket_type fallbacks[] = {socket_type::sub, socket_type::push, socket_type::pub};

  const monitor_command& command_;
  interruption& stop_;
  std::span<const socket_type> untried_ = fallbacks;
  monocoque::context context_{monocoque::inline_loop};
  const std::stop_callback<ending> end_context_;
  output out_{message_format::text, ""};
  std::shared_ptr<monocoque::socket> socket_;
  clock::time_point start_;
  clock::time_point connected_at_;
};

}  // namespace

int run(const monitor_command& command, interruption& stop) { return probe(command, stop).run(); }

}  // namespace tool
