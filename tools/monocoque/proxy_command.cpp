#include "proxy_command.hpp"

#include "event_printer.hpp"
#include "exit_status.hpp"
#include "metrics_of.hpp"
#include "output.hpp"

#include <monocoque/context.hpp>
#include <monocoque/proxy.hpp>
#include <monocoque/sockets.hpp>

#include <algorithm>
#include <optional>

namespace tool {
namespace {

using namespace std::chrono_literals;

// What was taken from one side may still go out to the other this long after the end.
constexpr auto default_linger = 200ms;

void open(monocoque::socket& socket, const std::vector<std::string>& binds,
          const std::vector<std::string>& connects) {
  for (const std::string& endpoint : binds) socket.bind(endpoint);
  for (const std::string& endpoint : connects) socket.connect(endpoint);
}

monocoque::socket_options options_for(monocoque::socket_type type, const proxy_command& command,
                                      const security_settings& own_security, const setting_list& own) {
  monocoque::socket_options options{.linger = default_linger};
  setting_list all = command.settings;
  all.insert(all.end(), own.begin(), own.end());
  apply(own_security.are_given() ? own_security : command.security, all, options);
  apply(command.settings, options);
  apply(own, options);
  check(type, options);
  return options;
}

monocoque::socket_options options_of_capture(const proxy_command& command) {
  monocoque::socket_options options{.linger = default_linger};
  apply(command.security, {}, options);
  check(monocoque::socket_type::pub, options);
  return options;
}

/// That a peer does not let us in is said without -v too; it is tried again.
event_printer::handler denial_notes(const std::vector<std::string>& connects) {
  return [&connects](const monocoque::event& what) {
    if (what.kind != monocoque::event_kind::handshake_failed ||
        !(what.reason == monocoque::errc::authentication_failed) ||
        std::ranges::find(connects, what.endpoint) == connects.end())
      return;
    complain(monocoque::error(what.reason).with_endpoint(what.endpoint).with_peer({}).message());
  };
}

template <class Frontend, class Backend>
void forward(const proxy_command& command, const interruption& stop, monocoque::socket_type front,
             monocoque::socket_type back) {
  const auto of_frontend = options_for(front, command, command.frontend_security, command.frontend_settings);
  const auto of_backend = options_for(back, command, command.backend_security, command.backend_settings);
  monocoque::context context;
  event_printer events;
  Frontend frontend(context, of_frontend);
  Backend backend(context, of_backend);
  std::optional<monocoque::pub> capture;
  if (!command.captures.empty()) capture.emplace(context, options_of_capture(command));

  struct closer {  // ends the printers, which outlive the sockets
    Frontend& frontend;
    Backend& backend;
    std::optional<monocoque::pub>& capture;
    ~closer() {
      frontend.close(frontend.options().linger);
      backend.close(backend.options().linger);
      if (capture) capture->close(default_linger);
    }
  } const close_at_end{frontend, backend, capture};
  const metrics_of metrics(context, command.metrics);  // of all of them from the first answer on

  events.follow(frontend, "frontend", command.verbose, denial_notes(command.frontend_connects));
  events.follow(backend, "backend", command.verbose, denial_notes(command.backend_connects));
  if (capture) events.follow(*capture, "capture", command.verbose);
  open(frontend, command.frontend_binds, command.frontend_connects);
  open(backend, command.backend_binds, command.backend_connects);
  if (capture) open(*capture, command.captures, {});
  monocoque::proxy(frontend, backend, capture ? &*capture : nullptr, stop.token());
}

}  // namespace

int run(const proxy_command& command, interruption& stop) {
  using enum monocoque::socket_type;
  switch (command.type) {
    case proxy_type::queue:
      forward<monocoque::router, monocoque::dealer>(command, stop, router, dealer);
      break;
    case proxy_type::forwarder: forward<monocoque::xsub, monocoque::xpub>(command, stop, xsub, xpub); break;
    case proxy_type::streamer: forward<monocoque::pull, monocoque::push>(command, stop, pull, push); break;
  }
  return exit_done;
}

}  // namespace tool
