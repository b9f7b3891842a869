#include "engine/listener.hpp"

#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"
#include "transport/network.hpp"

#include <cerrno>
#include <utility>

namespace monocoque::engine {
namespace {

/// How long accepting pauses when the system has no descriptor (or no memory) for another connection.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

listener::listener(std::shared_ptr<socket_core> socket, io::loop& loop, transport::endpoint where,
                   transport::listening_socket listening)
    : socket_(std::move(socket)),
      loop_(loop),
      where_(std::move(where)),
      listening_(std::move(listening)),
      last_endpoint_(listening_.last_endpoint()),
      terms_(std::make_shared<const link::terms>(
          link::terms{.endpoint = last_endpoint_, .protocol = socket_->protocol_settings(true)})) {
  resume_alarm_.owner = this;
  resume_alarm_.fire = [](detail::timer& fired) noexcept {
    listener& self = *static_cast<alarm&>(fired).owner;
    if (self.acceptor_) self.acceptor_->resume();
  };
}

listener::~listener() = default;

void listener::begin() {
  keep_ = shared_from_this();
  loop_.post([self = keep_] {
    if (self->stopping_) return;
    self->acceptor_.emplace(self->loop_, self->listening_.release_fd());
    self->accept_unless_paused();
  });
}

void listener::pause(bool pause) {
  loop_.post([self = shared_from_this(), pause] {
    self->paused_ = pause;
    if (self->stopping_ || !self->acceptor_) return;
    if (pause && self->acceptor_->pending()) {
      self->loop_.stop(self->resume_alarm_);
      self->acceptor_->stop();
    } else {
      self->accept_unless_paused();
    }
  });
}

void listener::accept_unless_paused() {
  if (paused_ || acceptor_->pending()) return;
  acceptor_->start(io::bind_callback<&listener::on_accept>(this));
}

void listener::end() {
  ending_ = true;
  loop_.post([self = shared_from_this()] { self->stop(); });
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
    if (std::exchange(exhausted_, false))
      socket_->report({.kind = event_kind::accept_resumed, .endpoint = last_endpoint_});
    adopt(got.fd);
  }
}

/// The system has no descriptor or no memory for another connection: tried again from time to time, and told
/// once.
void listener::on_exhausted(int errno_value) {
  if (!std::exchange(exhausted_, true)) {
    socket_->report({.kind = event_kind::accept_failed,
                     .endpoint = last_endpoint_,
                     .reason = error::from_errno(errno_value, "accept").with_endpoint(last_endpoint_),
                     .delay = accept_pause});
  }
  loop_.start(resume_alarm_, loop_.now() + accept_pause);
}

void listener::adopt(int fd) {
  transport::network& network = socket_->context().network();
  transport::unique_fd accepted = network.own(fd);
  const result<void> prepared = network.prepare_accepted(fd, socket_->stream_settings());
  if (!prepared) {  // the peer has gone already
    socket_->report(
        {.kind = event_kind::accept_failed, .endpoint = last_endpoint_, .reason = prepared.error()});
    return;
  }
  std::string peer = network.peer_endpoint(fd, last_endpoint_);
  if (result<void> admitted = socket_->admit(peer); !admitted) {
    error reason = std::move(admitted).error().with_endpoint(last_endpoint_).with_peer(peer);
    socket_->report({.kind = event_kind::refused,
                     .endpoint = last_endpoint_,
                     .peer_address = peer,
                     .reason = std::move(reason)});
    return;
  }
  socket_->report({.kind = event_kind::accepted, .endpoint = last_endpoint_, .peer_address = peer});
  io::loop& home = socket_->context().next_loop();
  if (&home == &loop_) {
    std::make_shared<link>(socket_, home, accepted.release(), terms_, std::move(peer), nullptr, nullptr)
        ->start();
    return;
  }
  home.post([socket = socket_, &home, held = std::make_shared<transport::unique_fd>(std::move(accepted)),
             terms = terms_, peer = std::move(peer)]() mutable {
    std::make_shared<link>(socket, home, held->release(), terms, std::move(peer), nullptr, nullptr)->start();
  });
}

}  // namespace monocoque::engine
