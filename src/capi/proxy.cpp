// zmq_proxy and its kin.

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "capi/numbered_peers.hpp"
#include "capi/poll.hpp"

#include <zmq.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace monocoque::capi {
namespace {

/// Messages handed on before the other direction, and the control socket, have their turn.
constexpr int burst = 1000;

struct counters {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;

  void count(const message& passed) noexcept {
    ++messages;
    bytes += passed.byte_count();
  }
};

/// One direction. What was received and cannot be sent yet waits in `held`, so that nothing is lost.
struct lane {
  c_socket& from;
  c_socket& to;
  c_socket* capture;
  counters received{};
  counters sent{};
  std::optional<message> held{};
};

/// What ends a lane's turn without being an error.
bool is_no_error(engine::attempt_code tried) noexcept {
  return tried == engine::succeeded || tried == errc::would_block || tried == errc::wrong_state;
}

/// Waits until it has been taken, or a signal was handled.
error send(engine::socket_core& to, engine::attempt_code tried, message& what) {
  const auto timeout = to.timeout(engine::direction::send);
  return to.send_after(tried, what, timeout, {}, engine::on_signal::fail);
}

/// Does not wait, unless the socket is ready all the same: then what is full is one of several peers, and
/// there is nothing else to wait for. `failed`: what the wait ended with.
engine::attempt_code pass_on(c_socket& to, message& what, error& failed) {
  const engine::attempt_code tried = to.send_now(what);
  const bool waits = tried == errc::would_block && to.core().ready_for(engine::direction::send) &&
                     to.core().timeout(engine::direction::send) > std::chrono::milliseconds::zero();
  if (!waits) return tried;
  failed = send(to.core(), tried, what);
  if (!failed) return engine::succeeded;
  if (failed != errc::unroutable) return tried;
  failed = {};
  return errc::unroutable;
}

/// Waits until it has been taken, as libzmq does: everything is to be captured.
error copy_to(c_socket* capture, message& copy) {
  if (capture == nullptr) return {};
  const error failed = send(capture->core(), capture->core().try_send(copy), copy);
  return failed == errc::invalid_argument ? error() : failed;  // no address in it, to a ROUTER
}

/// Hands on what there is, up to a burst. Errors: those of the sockets.
error hand_on(lane& on) {
  for (int i = 0; i < burst; ++i) {
    if (!on.held) {
      message next;
      const engine::attempt_code taken = on.from.core().try_receive(next);
      if (taken == errc::not_supported) return {};  // of a PUSH, say, nothing ever comes
      if (taken != engine::succeeded) return is_no_error(taken) ? error() : error(taken);
      readdress(next, on.from.core().type(), on.to.core().type());
      on.received.count(next);
      on.held = std::move(next);
    }
    const std::size_t size = on.held->byte_count();
    message copy = on.capture != nullptr ? *on.held : message();
    error failed;
    const engine::attempt_code sent = pass_on(on.to, *on.held, failed);
    if (failed) return failed;
    if (sent != engine::succeeded) {
      // A message to nobody, of a ROUTER that insists, is dropped as libzmq's proxy does.
      if (sent != errc::unroutable) return is_no_error(sent) ? error() : error(sent);
    } else {
      ++on.sent.messages;
      on.sent.bytes += size;
      if (failed = copy_to(on.capture, copy); failed) return failed;
    }
    on.held.reset();
  }
  return {};
}

class steered_proxy {
 public:
  steered_proxy(c_socket& frontend, c_socket& backend, c_socket* capture, c_socket* control)
      : forth_{frontend, backend, capture}, back_{backend, frontend, capture}, control_(control) {}

  /// 0 once it is told to end, or -1.
  int run() {
    while (state_ != state::terminated) {
      if (wait() < 0) return -1;
      if (control_ != nullptr) {
        if (const error failed = obey()) return fail(failed);
      }
      if (state_ != state::active) continue;
      for (lane* const each : {&forth_, &back_}) {
        if (const error failed = hand_on(*each)) return fail(failed);
        if (&forth_.from == &forth_.to) break;  // one socket at both ends: one direction
      }
    }
    return 0;
  }

 private:
  enum class state : std::uint8_t { active, paused, terminated };

  /// Until there is something to do: a message, and where it goes to has room.
  int wait() {
    std::array<zmq_pollitem_t, 3> items{};
    std::size_t count = 0;
    if (control_ != nullptr) items[count++] = {control_, -1, ZMQ_POLLIN, 0};
    if (state_ == state::active) {
      // The room is waited for only when it lacks, since mostly there is some.
      const auto interest = [](const lane& coming, const lane& going) {
        return static_cast<short>((coming.held ? 0 : ZMQ_POLLIN) | (going.held ? ZMQ_POLLOUT : 0));
      };
      items[count++] = {&forth_.from, -1, interest(forth_, back_), 0};
      if (&forth_.from != &forth_.to) items[count++] = {&back_.from, -1, interest(back_, forth_), 0};
    }
    return poll(std::span(items).first(count), io::time_point::max());
  }

  error obey() {
    message told;
    const engine::attempt_code taken = control_->core().try_receive(told);
    if (taken != engine::succeeded) return is_no_error(taken) ? error() : error(taken);
    const std::string_view command = told.view();
    if (command == "PAUSE") state_ = state::paused;
    if (command == "RESUME") state_ = state::active;
    if (command == "TERMINATE") state_ = state::terminated;
    if (command == "STATISTICS") return answer(statistics());
    // A REP has to answer whatever it was told.
    return control_->core().type() == socket_type::rep ? answer(message()) : error();
  }

  /// Eight numbers, a frame each: messages and bytes received and sent, in front and behind.
  [[nodiscard]] message statistics() const {
    message told;
    bool is_first = true;
    for (const counters& each : {forth_.received, back_.sent, back_.received, forth_.sent}) {
      for (const std::uint64_t number : {each.messages, each.bytes}) {
        bytes frame = bytes::copy(std::as_bytes(std::span(&number, 1)));
        if (std::exchange(is_first, false)) {
          told = message(std::move(frame));
        } else {
          told.push_back(std::move(frame));
        }
      }
    }
    return told;
  }

  /// One that is not there to listen misses it.
  error answer(message what) {
    const engine::attempt_code sent = control_->core().try_send(what);
    return is_no_error(sent) || sent == errc::not_supported ? error() : error(sent);
  }

  lane forth_;
  lane back_;
  c_socket* control_;
  state state_ = state::active;
};

}  // namespace
}  // namespace monocoque::capi

using monocoque::capi::c_socket;
using monocoque::capi::fail;
using monocoque::capi::guard;

int zmq_proxy_steerable(void* frontend, void* backend, void* capture, void* control) {
  if (frontend == nullptr || backend == nullptr) return fail(EFAULT);
  c_socket* const front = c_socket::in(frontend);
  c_socket* const behind = c_socket::in(backend);
  c_socket* const copies = capture != nullptr ? c_socket::in(capture) : nullptr;
  c_socket* const steering = control != nullptr ? c_socket::in(control) : nullptr;
  if (front == nullptr || behind == nullptr || (capture != nullptr && copies == nullptr) ||
      (control != nullptr && steering == nullptr))
    return -1;
  return guard(-1, [&] { return monocoque::capi::steered_proxy(*front, *behind, copies, steering).run(); });
}

int zmq_proxy(void* frontend, void* backend, void* capture) {
  return zmq_proxy_steerable(frontend, backend, capture, nullptr);
}

int zmq_device(int /*type*/, void* frontend, void* backend) { return zmq_proxy(frontend, backend, nullptr); }
