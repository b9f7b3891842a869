#include "capi/poll.hpp"

#include "capi/error_numbers.hpp"
#include "engine/context_core.hpp"
#include "engine/deadline.hpp"
#include "engine/polling_waiter.hpp"
#include "io/poll_set.hpp"
#include "io/signal_poll.hpp"

#include <cerrno>
#include <chrono>
#include <deque>
#include <optional>
#include <vector>

namespace monocoque::capi {
namespace {

using engine::direction;
using flags = io::poll_flags;

/// zmq.h's flags of a descriptor, as poll(2) has them, and back.
short system_events(short events) noexcept {
  return static_cast<short>(((events & ZMQ_POLLIN) != 0 ? flags::readable : 0) |
                            ((events & ZMQ_POLLOUT) != 0 ? flags::writable : 0) |
                            ((events & ZMQ_POLLPRI) != 0 ? flags::urgent : 0));
}

short from_system_events(short wanted, short found) noexcept {
  short events = 0;
  if ((found & flags::readable) != 0) events |= ZMQ_POLLIN;
  if ((found & flags::writable) != 0) events |= ZMQ_POLLOUT;
  if ((found & flags::urgent) != 0) events |= ZMQ_POLLPRI;
  if ((found & ~(flags::readable | flags::writable | flags::urgent)) != 0) events |= ZMQ_POLLERR;
  return static_cast<short>(events & (wanted | ZMQ_POLLERR));
}

/// One call of zmq_poll.
class polling {
 public:
  polling(std::span<zmq_pollitem_t> items, io::signal_poll& signals, const ::sigset_t* mask)
      : items_(items), signals_(signals), mask_(mask) {}

  result<int> run(io::time_point until) {
    if (result<void> known = look_up(); !known) return std::move(known).error();
    for (;;) {
      const bool over = until != io::time_point::max() && std::chrono::steady_clock::now() >= until;
      const result<int> sockets = look_at_sockets();
      if (!sockets) return sockets.error();
      const bool waits = *sockets == 0 && !over;
      if (waits) {
        const result<bool> visited = visit(until);
        if (!visited) return visited.error();
        if (*visited) continue;
      }
      // Whether descriptors are ready is asked once: while waiting, or at once if a socket is.
      const auto ready = wait_for_descriptors(waits && join() ? until : io::time_point::min());
      leave();
      if (!ready) return ready.error();
      int found = *ready + *sockets;
      if (waits) {
        const result<int> sockets_now = look_at_sockets();
        if (!sockets_now) return sockets_now.error();
        found = *ready + *sockets_now;
      }
      if ((found != 0 || over) && mask_ != nullptr) {
        // A signal that came before goes first, of which the system says nothing where something is ready.
        signals_.consume();
        if (const auto undisturbed = signals_.wait({}, io::time_point::min(), mask_); !undisturbed)
          return undisturbed.error();
      }
      if (found != 0 || over) return found;
    }
  }

 private:
  struct watched {
    watched(io::signal_poll& signals, c_socket& what) : of(&what), reader(signals), writer(signals) {}
    c_socket* of;
    engine::polling_waiter reader;
    engine::polling_waiter writer;
  };

  /// Nothing is waited for before all of them are known to be what they should be.
  result<void> look_up() {
    for (zmq_pollitem_t& item : items_) {
      item.revents = 0;
      if (item.socket == nullptr) {
        descriptors_.push_back({item.fd, system_events(item.events), 0});
        continue;
      }
      c_socket* const found = c_socket::in(item.socket);
      if (found == nullptr) return error::from_errno(ENOTSOCK);
      sockets_.emplace_back(signals_, *found);
    }
    return {};
  }

  result<int> look_at_sockets() {
    int found = 0;
    auto next = sockets_.begin();
    for (zmq_pollitem_t& item : items_) {
      if (item.socket == nullptr) continue;
      const result<short> ready = (next++)->of->ready(item.events);
      if (!ready) return ready.error();
      item.revents = *ready;
      if (*ready != 0) ++found;
    }
    return found;
  }

  /// The context whose loop may be run by this thread while it waits: that of all there is to wait for.
  engine::context_core* only_context() const {
    if (!descriptors_.empty() || mask_ != nullptr) return nullptr;
    engine::context_core* only = nullptr;
    for (const watched& each : sockets_) {
      engine::context_core& its = each.of->core().context();
      if (each.of->core().waits_for_inproc_alone() || (only != nullptr && only != &its)) return nullptr;
      only = &its;
    }
    return only;
  }

  /// Runs the loop as a guest until something is ready, or time is over. False: this thread may not, or has
  /// nothing to wait for.
  result<bool> visit(io::time_point until) {
    engine::context_core* const context = only_context();
    if (context == nullptr) return false;
    const engine::context_core::guest running(*context);
    if (!running) return false;
    bool undisturbed = true;
    for (bool over = false; undisturbed && !over && join(&context->main_loop());) {
      over = until != io::time_point::max() && std::chrono::steady_clock::now() >= until;
      undisturbed = over || context->run_as_guest(until);
      leave();
    }
    leave();
    if (!undisturbed) return error::from_errno(EINTR);
    return true;
  }

  /// For who waits in that loop; null: for who waits for descriptors and signals. False if one is ready, so
  /// that nothing needs to be waited for.
  bool join(io::loop* in = nullptr) {
    auto next = sockets_.begin();
    for (const zmq_pollitem_t& item : items_) {
      if (item.socket == nullptr) continue;
      watched& each = *next++;
      engine::socket_core& core = each.of->core();
      each.reader.waits_in(in);
      each.writer.waits_in(in);
      if (in == nullptr && !on_duty_) on_duty_.emplace(core.context());
      if ((item.events & ZMQ_POLLIN) != 0 && !core.join(direction::receive, each.reader)) return false;
      if ((item.events & ZMQ_POLLOUT) != 0 && !core.join(direction::send, each.writer)) return false;
    }
    return true;
  }

  void leave() noexcept {
    for (watched& each : sockets_) {
      each.of->core().leave(direction::receive, each.reader);
      each.of->core().leave(direction::send, each.writer);
    }
    on_duty_.reset();
  }

  result<int> wait_for_descriptors(io::time_point until) {
    if (descriptors_.empty() && until == io::time_point::min()) return 0;
    const result<int> ready = signals_.wait(descriptors_, until, mask_);
    if (!ready) return ready.error();
    auto next = descriptors_.begin();
    int found = 0;
    for (zmq_pollitem_t& item : items_) {
      if (item.socket != nullptr) continue;
      item.revents = from_system_events(item.events, (next++)->revents);
      if (item.revents != 0) ++found;
    }
    return found;
  }

  std::span<zmq_pollitem_t> items_;
  io::signal_poll& signals_;
  const ::sigset_t* mask_;
  std::vector<io::polled_descriptor> descriptors_;
  std::deque<watched> sockets_;
  std::optional<engine::context_core::relying> on_duty_;
};

}  // namespace

io::time_point deadline_after(long timeout_ms) {
  if (timeout_ms == 0) return io::time_point::min();
  if (timeout_ms < 0) return io::time_point::max();
  return engine::deadline_after(std::chrono::milliseconds(timeout_ms));
}

int poll(std::span<zmq_pollitem_t> items, io::time_point until, const ::sigset_t* mask) {
  const result<io::signal_poll*> signals = io::signal_poll::of_this_thread();
  if (!signals) return fail(signals.error());
  const result<int> found = polling(items, **signals, mask).run(until);
  return found ? *found : fail(found.error());
}

}  // namespace monocoque::capi

using monocoque::capi::fail;
using monocoque::capi::guard;

int zmq_ppoll(zmq_pollitem_t* items, int nitems, long timeout, const sigset_t* sigmask) {
  if (nitems < 0) return fail(EINVAL);
  if (items == nullptr && nitems > 0) return fail(EFAULT);
  return guard(-1, [&] {
    return monocoque::capi::poll({items, static_cast<std::size_t>(nitems)},
                                 monocoque::capi::deadline_after(timeout), sigmask);
  });
}

int zmq_poll(zmq_pollitem_t* items, int nitems, long timeout) {
  return zmq_ppoll(items, nitems, timeout, nullptr);
}
