#include "engine/listener.hpp"

#include "engine/context_core.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/socket_core.hpp"
#include "transport/network.hpp"

#include <cerrno>
#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

/// How long accepting pauses when the system has no descriptor (or no memory) for another connection.
constexpr std::chrono::milliseconds accept_pause = memory_pause;

}  // namespace

listener::listener(std::shared_ptr<socket_core> socket, std::shared_ptr<const socket_options> options,
                   io::loop& loop, transport::endpoint where, transport::listening_socket listening)
    : socket_(std::move(socket)),
      loop_(loop),
      where_(std::move(where)),
      listening_(std::move(listening)),
      last_endpoint_(listening_.last_endpoint()),
      descriptor_(listening_.fd()),
      terms_(std::make_shared<const link::terms>(
          link::terms{.endpoint = last_endpoint_,
                      .of_socket = options,
                      .protocol = socket_->protocol_settings(*options, true)})),
      filter_(*options) {
  no_memory_ = describe_exhaustion(ENOMEM);
  resume_alarm_.owner = this;
  resume_alarm_.fire = [](detail::timer& fired) noexcept {
    listener& self = *static_cast<alarm&>(fired).owner;
    if (!self.acceptor_) return;
    self.acceptor_->resume();
    self.accept_unless_paused();
  };
}

listener::~listener() = default;

void listener::begin() noexcept {
  keep_ = shared_from_this();
  loop_.post(wish_work_, keep_);
}

void listener::pause(bool pause) noexcept {
  wished_pause_ = pause;
  if (keep_) loop_.post(wish_work_, keep_);
}

void listener::end() noexcept {
  wished_end_ = true;
  loop_.post(wish_work_, shared_from_this());
}

void listener::on_wish() noexcept {
  bool ends = false;
  {
    const std::lock_guard lock(socket_->mutex());
    paused_ = wished_pause_;
    ends = wished_end_;
  }
  if (stopping_) return;
  if (ends) return stop();
  if (!acceptor_) acceptor_.emplace(loop_, listening_.release_fd());
  if (paused_ && acceptor_->pending()) {
    loop_.stop(resume_alarm_);
    acceptor_->stop();
  } else {
    accept_unless_paused();
  }
}

void listener::accept_unless_paused() noexcept {
  if (paused_ || acceptor_->pending() || resume_alarm_.armed()) return;
  acceptor_->start(io::bind_callback<&listener::on_accept>(this));
}

void listener::stop() noexcept {
  if (std::exchange(stopping_, true)) return;
  loop_.stop(resume_alarm_);
  if (acceptor_ && acceptor_->pending()) {
    acceptor_->stop();
    return;
  }
  over();
}

void listener::over() noexcept {
  const std::shared_ptr<listener> keep = std::move(keep_);
  acceptor_.reset();
  listening_.close();
  socket_->listener_over(*this);
}

void listener::on_accept(io::acceptor::outcome& got) noexcept {
  const std::shared_ptr<listener> keep = shared_from_this();
  if (stopping_) {
    socket_->context().network().own(std::exchange(got.fd, -1)).reset();
    if (got.error != 0) over();
    return;
  }
  if (got.error == ECANCELED) {
    accept_unless_paused();  // resumed before the pause had begun
  } else if (got.error != 0) {
    on_exhausted(got.error);
  } else {
    with_memory([&] { adopt(socket_->context().network().own(got.fd)); },
                [&] {
                  on_exhausted(ENOMEM);
                  acceptor_->stop();
                });
  }
}

/// The system has no descriptor or no memory for another connection, or we have not: tried again from time to
/// time, and told once.
void listener::on_exhausted(int errno_value) noexcept {
  loop_.start(resume_alarm_, loop_.now() + accept_pause);
  if (told_) return;
  told_ = socket_->report(event_kind::accept_failed, [&] {
    return errno_value == ENOMEM && no_memory_ ? *std::exchange(no_memory_, std::nullopt)
                                               : describe_exhaustion(errno_value);
  });
}

event listener::describe_exhaustion(int errno_value) const {
  return {.endpoint = last_endpoint_,
          .reason = error::from_errno(errno_value, "accept").with_endpoint(last_endpoint_),
          .delay = accept_pause};
}

void listener::note_accepted() noexcept {
  if (!std::exchange(told_, false)) return;
  with_memory([this] { no_memory_ = describe_exhaustion(ENOMEM); }, [] {});
  socket_->report(event_kind::accept_resumed, [&] { return event{.endpoint = last_endpoint_}; });
}

/// Whether its place is one that connections may come from.
result<void> listener::look_at(int accepted, const std::string& peer) const {
  if (where_.scheme == transport::scheme::tcp) return filter_.check_address(peer);
  if (!filter_.asks_for_process()) return {};
  const auto process = socket_->context().network().credentials_of_peer(accepted);
  return process ? filter_.check_process(*process) : process.error();
}

result<void> listener::admit(int accepted, const std::string& peer) {
  if (result<void> seen = look_at(accepted, peer); !seen) return seen;
  return socket_->admit(peer);
}

void listener::adopt(transport::unique_fd accepted) {
  transport::network& network = socket_->context().network();
  const result<void> prepared =
      network.prepare_accepted(accepted.fd(), socket_->stream_settings(*terms_->of_socket));
  if (!prepared) {  // the peer has gone already
    socket_->report(event_kind::accept_failed,
                    [&] { return event{.endpoint = last_endpoint_, .reason = prepared.error()}; });
    return;
  }
  std::string peer = network.peer_endpoint(accepted.fd(), last_endpoint_);
  if (result<void> admitted = admit(accepted.fd(), peer); !admitted) {
    socket_->report(event_kind::refused, [&] {
      return event{.endpoint = last_endpoint_,
                   .peer_address = peer,
                   .reason = std::move(admitted).error().with_endpoint(last_endpoint_).with_peer(peer)};
    });
    return;
  }
  const int descriptor = accepted.fd();
  std::shared_ptr<link> made;
  io::loop& home = socket_->context().next_loop(options().io_thread_affinity);
  try {
    made = std::make_shared<link>(socket_, home, std::move(accepted), terms_, peer, nullptr, nullptr);
  } catch (...) {
    socket_->dismiss(peer);
    throw;
  }
  note_accepted();
  socket_->report(event_kind::accepted, [&] {
    return event{.endpoint = last_endpoint_,
                 .peer_address = peer,
                 .descriptor = descriptor,
                 .local_address = network.local_endpoint(descriptor)};
  });
  if (&home == &loop_) {
    made->start();
  } else {
    made->start_soon();
  }
}

}  // namespace monocoque::engine
