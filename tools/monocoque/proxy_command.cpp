#include "proxy_command.hpp"

#include "event_printer.hpp"
#include "exit_status.hpp"
#include "metrics_of.hpp"

#include <monocoque/context.hpp>
#include <monocoque/proxy.hpp>
#include <monocoque/sockets.hpp>

#include <optional>

namespace tool {
namespace {

using namespace std::chrono_literals;

// What was taken from one side may still go out to the other this long after the end.
constexpr auto linger = 200ms;

void open(monocoque::socket& socket, const std::vector<std::string>& binds,
          const std::vector<std::string>& connects) {
  for (const std::string& endpoint : binds) socket.bind(endpoint);
  for (const std::string& endpoint : connects) socket.connect(endpoint);
}

template <class Frontend, class Backend>
void forward(const proxy_command& command, const interruption& stop) {
  monocoque::socket_options options;
  options.linger = linger;
  monocoque::context context;
  event_printer events;
  Frontend frontend(context, options);
  Backend backend(context, options);
  std::optional<monocoque::pub> capture;
  if (!command.captures.empty()) capture.emplace(context, options);

  struct closer {  // ends the printers, which outlive the sockets
    Frontend& frontend;
    Backend& backend;
    std::optional<monocoque::pub>& capture;
    ~closer() {
      frontend.close(linger);
      backend.close(linger);
      if (capture) capture->close(linger);
    }
  } const close_at_end{frontend, backend, capture};
  const metrics_of metrics(context, command.metrics);  // of all of them from the first answer on

  if (command.verbose) {
    events.follow(frontend, "frontend");
    events.follow(backend, "backend");
    if (capture) events.follow(*capture, "capture");
  }
  open(frontend, command.frontend_binds, command.frontend_connects);
  open(backend, command.backend_binds, command.backend_connects);
  if (capture) open(*capture, command.captures, {});
  monocoque::proxy(frontend, backend, capture ? &*capture : nullptr, stop.token());
}

}  // namespace

int run(const proxy_command& command, interruption& stop) {
  switch (command.type) {
    case proxy_type::queue: forward<monocoque::router, monocoque::dealer>(command, stop); break;
    case proxy_type::forwarder: forward<monocoque::xsub, monocoque::xpub>(command, stop); break;
    case proxy_type::streamer: forward<monocoque::pull, monocoque::push>(command, stop); break;
  }
  return exit_done;
}

}  // namespace tool
