#include "io/stream.hpp"

#include "io/driver.hpp"

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace monocoque::io {

// -- reading

read_half::own_operation::own_operation(read_half& its_half, descriptor& its_descriptor) noexcept
    : read_operation(kind::read_some, its_descriptor, &read_half::finished), half(its_half) {}

void read_half::begin(operation::kind what, callback<read_outcome&> done) {
  assert(!pending());
  done_ = done;
  operation_.what = what;
  loop_.active_driver().start(operation_);
}

void read_half::read_some(callback<read_outcome&> done) { begin(operation::kind::read_some, done); }

void read_half::read_into(std::span<std::byte> into, callback<read_outcome&> done) {
  assert(!into.empty());
  operation_.into = into;
  begin(operation::kind::read_into, done);
}

void read_half::cancel() noexcept { loop_.active_driver().cancel(operation_); }

void read_half::finished(operation& op) noexcept {
  auto& own = static_cast<own_operation&>(op);
  const auto done = std::exchange(own.half.done_, {});
  read_outcome outcome{
      .error = own.error, .size = own.error == 0 ? own.size : 0, .data = std::move(own.data)};
  done(outcome);  // which may destroy the half
}

// -- writing

write_half::own_operation::own_operation(write_half& its_half, descriptor& its_descriptor) noexcept
    : write_operation(its_descriptor, &write_half::finished), half(its_half) {}

void write_half::write(std::span<const iovec> parts, callback<write_outcome&> done) {
  assert(!pending() && !parts.empty() && parts.size() <= 64);
  done_ = done;
  operation_.header.msg_iov = const_cast<iovec*>(parts.data());  // which sendmsg does not write to
  operation_.header.msg_iovlen = parts.size();
  loop_.active_driver().start(operation_);
}

void write_half::cancel() noexcept { loop_.active_driver().cancel(operation_); }

write_outcome write_half::try_write(std::span<const iovec> parts) noexcept {
  return loop_.active_driver().try_write(*operation_.on, parts);
}

void write_half::finished(operation& op) noexcept {
  auto& own = static_cast<own_operation&>(op);
  const auto done = std::exchange(own.half.done_, {});
  write_outcome outcome{.error = own.error, .size = own.error == 0 ? own.size : 0};
  done(outcome);
}

// -- the stream

stream::stream(loop& owner, int fd) noexcept
    : loop_(owner), descriptor_(fd), reader_(owner, descriptor_), writer_(owner, descriptor_) {}

stream::~stream() {
  assert(!reader_.pending() && !writer_.pending());
  loop_.active_driver().close(descriptor_);
}

void stream::shutdown_write() noexcept { loop_.active_driver().shutdown_write(descriptor_); }

void stream::abandon() noexcept { loop_.active_driver().abandon(descriptor_); }

// -- accepting

acceptor::own_operation::own_operation(acceptor& its_acceptor, descriptor& its_descriptor) noexcept
    : accept_operation(its_descriptor, &acceptor::finished), owner(its_acceptor) {}

acceptor::acceptor(loop& owner, int listening_fd) noexcept
    : loop_(owner), descriptor_(listening_fd), operation_(*this, descriptor_) {}

acceptor::~acceptor() {
  assert(!pending() && !operation_.pending());
  loop_.active_driver().close(descriptor_);
}

void acceptor::start(callback<outcome&> on_connection) {
  assert(!pending());
  on_connection_ = on_connection;
  stopping_ = false;
  loop_.active_driver().start(operation_);
}

void acceptor::resume() {
  if (pending() && !stopping_ && !operation_.pending()) loop_.active_driver().start(operation_);
}

void acceptor::stop() noexcept {
  if (!pending() || stopping_) return;
  stopping_ = true;
  if (operation_.pending()) {
    loop_.active_driver().cancel(operation_);
  } else {
    loop_.defer(stop_work_);  // paused, so the driver has nothing to say
  }
}

void acceptor::say_stopped(work& item) noexcept {
  static_cast<stop_work&>(item).owner.report({.error = ECANCELED, .fd = -1});
}

void acceptor::finished(operation& op) noexcept {
  auto& own = static_cast<own_operation&>(op);
  outcome what{.error = own.error, .fd = own.accepted};
  if (own.owner.stopping_ && what.error != 0) what.error = ECANCELED;  // whatever it was, it is over
  own.owner.report(what);
}

void acceptor::report(outcome what) noexcept {
  const auto tell = on_connection_;
  if (what.error == ECANCELED) on_connection_ = {};
  tell(what);  // which may stop it, and after ECANCELED destroy it
}

// -- connecting

connector::own_operation::own_operation(connector& its_connector) noexcept
    : connect_operation(&connector::finished), owner(its_connector) {}

void connector::start(int fd, const void* address, unsigned address_size, callback<int> done) {
  assert(!pending() && address_size <= sizeof operation_.address);
  done_ = done;
  operation_.fd = fd;
  std::memcpy(&operation_.address, address, address_size);
  operation_.address_size = address_size;
  loop_.active_driver().start(operation_);
}

void connector::cancel() noexcept { loop_.active_driver().cancel(operation_); }

void connector::finished(operation& op) noexcept {
  auto& own = static_cast<own_operation&>(op);
  const auto done = std::exchange(own.owner.done_, {});
  done(own.error);
}

// -- waiting for somebody else's descriptor

fd_watch::own_operation::own_operation(fd_watch& its_watch) noexcept
    : poll_operation(&fd_watch::finished), owner(its_watch) {}

void fd_watch::start(int fd, short events, callback<outcome&> done) {
  assert(!pending());
  done_ = done;
  operation_.fd = fd;
  operation_.events = events;
  loop_.active_driver().start(operation_);
}

void fd_watch::cancel() noexcept { loop_.active_driver().cancel(operation_); }

void fd_watch::finished(operation& op) noexcept {
  auto& own = static_cast<own_operation&>(op);
  const auto done = std::exchange(own.owner.done_, {});
  outcome what{.error = own.error, .ready = own.error == 0 ? own.ready : short{0}};
  done(what);
}

}  // namespace monocoque::io
