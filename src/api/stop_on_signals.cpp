#include <monocoque/stop_on_signals.hpp>

#include "io/signal_watch.hpp"

namespace monocoque {

struct stop_on_signals::watch : io::signal_watch {
  using io::signal_watch::signal_watch;
};

stop_on_signals::stop_on_signals(std::initializer_list<int> signals)
    : watch_(std::make_unique<watch>(signals)) {}
stop_on_signals::~stop_on_signals() = default;

std::stop_token stop_on_signals::token() const noexcept { return watch_->token(); }
int stop_on_signals::signal() const noexcept { return watch_->first(); }

}  // namespace monocoque
