#include "event_printer.hpp"

#include "event_digest.hpp"
#include "output.hpp"

#include <utility>

namespace tool {

event_printer::~event_printer() { finish(); }

void event_printer::finish() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void event_printer::follow(monocoque::socket& socket, std::string name, bool print, handler also) {
  if (!name.empty()) name += ": ";
  threads_.emplace_back(
      [this, events = socket.monitor(), prefix = std::move(name), print, handle = std::move(also)]() mutable {
        event_digest digest([&](const monocoque::event& shown) {
          if (print) note(prefix + shown.text());
        });
        for (;;) {
          const auto event = events.receive_for(monocoque::as_result, digest.wait_time());
          if (event) {
            digest.add(*event);
            remember(*event);
            if (handle) handle(*event);
          } else if (event.error() != monocoque::errc::timed_out) {
            return;
          } else {
            digest.show_held();
          }
        }
      });
}

void event_printer::remember(const monocoque::event& happened) {
  using enum monocoque::event_kind;
  const std::lock_guard lock(mutex_);
  if (happened.kind == handshake_done) last_trouble_.clear();
  if (happened.kind != connect_retried && happened.kind != handshake_failed) return;
  last_trouble_ = happened.endpoint + ": " + happened.reason.code().message();
  if (!happened.reason.detail().empty()) last_trouble_.append(", ").append(happened.reason.detail());
}

std::string event_printer::last_trouble() const {
  const std::lock_guard lock(mutex_);
  return last_trouble_;
}

}  // namespace tool
