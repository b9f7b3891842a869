#include "socket_command.hpp"

#include "denials.hpp"
#include "event_printer.hpp"
#include "exit_status.hpp"
#include "metrics_of.hpp"
#include "session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tool {
namespace {

using namespace std::chrono_literals;

// What is queued may still go out this long after Ctrl-C.
constexpr auto interrupted_linger = 200ms;

// Only an XPUB sees its subscribers come, and to a SUB it and a PUB are the same.
monocoque::socket_type type_made(const socket_command& command) {
  const bool plain = command.type != monocoque::socket_type::pub || command.wait_peers == 0U;
  return plain ? command.type : monocoque::socket_type::xpub;
}

// What was asked for must suit the type that was asked for, and the one that is made instead.
void check_settings(const socket_command& command, const monocoque::socket_options& chosen) {
  monocoque::socket_options asked;
  apply(command.settings, asked);
  check(command.type, asked);
  try {
    check(type_made(command), chosen);
  } catch (const wrong_usage& wrong) {
    if (type_made(command) == command.type) throw;
    throw wrong_usage(fmt::format("{}, which this is unless --wait-peers is 0", wrong.what()));
  }
}

// A socket that only listens does not become a client because of what is in the environment.
security_settings security_for(const socket_command& command) {
  security_settings chosen = command.security;
  if (!command.connects.empty()) take_from_environment(chosen, command.settings);
  return chosen;
}

monocoque::socket_options options_for(const socket_command& command) {
  monocoque::socket_options options;
  options.routing_id = monocoque::bytes::copy(command.routing_id);
  if (command.type == monocoque::socket_type::router) options.router_mandatory = true;
  const auto names_ipv6 = [](const std::string& endpoint) {
    return endpoint.find("://[") != std::string::npos;
  };
  options.ipv6 = command.ipv6 || std::ranges::any_of(command.binds, names_ipv6) ||
                 std::ranges::any_of(command.connects, names_ipv6);
  if (type_made(command) == monocoque::socket_type::xpub)
    options.report_subscriptions = monocoque::subscription_reports::verbose;
  options.reconnect_stop.denied = true;  // see `denials`
  apply(security_for(command), command.settings, options);
  apply(command.settings, options);
  check_settings(command, options);
  return options;
}

// However `run` is left, the socket keeps nobody waiting.
class closer {
 public:
  explicit closer(monocoque::socket& socket) : socket_(socket) {}
  ~closer() { socket_.close(0ms); }
  closer(const closer&) = delete;
  closer& operator=(const closer&) = delete;

 private:
  monocoque::socket& socket_;
};

// Waits until what was sent has left, and says how it all went.
int finish(const session& self, monocoque::socket& socket, const interruption& stop) {
  if (!self.stop.stop_requested()) {
    const std::stop_callback abandon(self.stop, [&socket] { socket.close(0ms); });
    const auto limit = std::min(self.command.timeout(), socket.options().linger);
    const std::size_t dropped = socket.close(limit);
    if (dropped > 0 && !self.stop.stop_requested()) {
      // Without a limit it is the endpoint that was given up.
      const std::string within =
          limit == monocoque::infinite ? std::string() : fmt::format(" within {} ms", limit.count());
      throw gave_up(
          fmt::format("{} message{} not delivered{}", dropped, dropped == 1 ? " was" : "s were", within));
    }
    if (dropped == 0) return exit_done;
  } else {
    socket.close(interrupted_linger);
  }
  return self.open_ended || stop.signal() == 0 ? exit_done : 128 + stop.signal();
}

// Whatever came of it, that nobody let us in is why.
void fail_if_denied(const denials& denied, monocoque::socket& socket, event_printer& events) {
  socket.close(0ms);
  events.finish();
  if (const auto reason = denied.reason()) throw monocoque::exception(*reason);
}

template <class Socket, class Use>
int use_socket(const socket_command& command, interruption& stop, Use use) {
  const monocoque::socket_options options = options_for(command);
  std::stop_source end;
  const std::stop_callback end_when_interrupted(stop.token(), [&end] { end.request_stop(); });
  denials denied(command, end);
  session self(command, end.get_token());
  monocoque::context context;
  const metrics_of metrics(context, command.metrics);
  event_printer events;
  Socket socket(context, options);
  events.follow(socket, "", command.verbose, [&denied](const monocoque::event& what) { denied.note(what); });
  const closer close_at_end(socket);
  if constexpr (requires { socket.subscribe(""); }) {
    for (const std::string& prefix : command.prefixes) socket.subscribe(prefix);
    if (command.prefixes.empty()) socket.subscribe("");
  }
  for (const std::string& endpoint : command.binds) socket.bind(endpoint);
  for (const std::string& endpoint : command.connects) socket.connect(endpoint);
  try {
    try {
      use(self, socket);
    } catch (const monocoque::exception& failure) {
      if (!self.stop.stop_requested() || failure.reason() != monocoque::errc::cancelled) throw;
    }
    self.out.flush();
    const int status = finish(self, socket, stop);
    fail_if_denied(denied, socket, events);
    return status;
  } catch (const gave_up& late) {
    fail_if_denied(denied, socket, events);
    // Nobody to talk to is the usual cause: say why nobody is there.
    std::string trouble = events.last_trouble();
    if (trouble.empty()) throw;
    if (const std::string hint = denied.hint(); !hint.empty()) trouble += ", " + hint;
    throw gave_up(fmt::format("{} ({})", late.what(), trouble));
  }
}

}  // namespace

int run(const socket_command& command, interruption& stop) {
  using monocoque::socket_type;
  switch (command.type) {
    case socket_type::push: return use_socket<monocoque::push>(command, stop, send_only);
    case socket_type::pub:
      if (type_made(command) == socket_type::pub) return use_socket<monocoque::pub>(command, stop, send_only);
      return use_socket<monocoque::xpub>(command, stop, publish);
    case socket_type::pull: return use_socket<monocoque::pull>(command, stop, receive_only);
    case socket_type::sub: return use_socket<monocoque::sub>(command, stop, receive_only);
    case socket_type::req: return use_socket<monocoque::req>(command, stop, request);
    case socket_type::rep: return use_socket<monocoque::rep>(command, stop, reply);
    case socket_type::dealer: return use_socket<monocoque::dealer>(command, stop, converse);
    case socket_type::router: return use_socket<monocoque::router>(command, stop, converse);
    case socket_type::pair: return use_socket<monocoque::pair>(command, stop, converse);
    case socket_type::xpub: return use_socket<monocoque::xpub>(command, stop, converse);
    case socket_type::xsub: return use_socket<monocoque::xsub>(command, stop, converse);
    case socket_type::client: return use_socket<monocoque::client>(command, stop, converse);
    case socket_type::scatter: return use_socket<monocoque::scatter>(command, stop, send_only);
    case socket_type::gather: return use_socket<monocoque::gather>(command, stop, receive_only);
    case socket_type::channel: return use_socket<monocoque::channel>(command, stop, converse);
    default: break;  // the command line does without them
  }
  throw wrong_usage("unknown socket type");
}

}  // namespace tool
