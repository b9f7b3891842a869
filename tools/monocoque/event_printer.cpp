#include "event_printer.hpp"

#include "output.hpp"

#include <utility>

namespace tool {

event_printer::~event_printer() {
  for (std::thread& thread : threads_) thread.join();
}

void event_printer::follow(monocoque::socket& socket, std::string name) {
  if (!name.empty()) name += ": ";
  threads_.emplace_back([events = socket.monitor(), prefix = std::move(name)]() mutable {
    while (const auto event = events.receive(monocoque::as_result)) {
      note(prefix + event->text());
    }
  });
}

}  // namespace tool
