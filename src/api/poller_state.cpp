#include "api/poller_state.hpp"

#include "api/socket_access.hpp"

#include <algorithm>
#include <utility>

namespace monocoque {
namespace {

using flags = io::poll_flags;

short poll_events(readiness wanted) {
  return static_cast<short>((has(wanted, readiness::readable) ? flags::readable : 0) |
                            (has(wanted, readiness::writable) ? flags::writable : 0));
}

/// Also if there is no memory for what was found.
template <class Step>
class at_the_end {
 public:
  explicit at_the_end(Step step) : step_(std::move(step)) {}
  ~at_the_end() { step_(); }
  at_the_end(const at_the_end&) = delete;
  at_the_end& operator=(const at_the_end&) = delete;

 private:
  Step step_;
};

readiness from_poll_events(short events) {
  readiness ready = readiness::none;
  if ((events & (flags::readable | flags::hung_up)) != 0) ready = ready | readiness::readable;
  if ((events & flags::writable) != 0) ready = ready | readiness::writable;
  if ((events & flags::failed) != 0) ready = ready | readiness::failed;
  return ready;
}

}  // namespace

poller::state::state(std::shared_ptr<engine::context_core> owner)
    : context_(std::move(owner)), descriptors_(io::poll_set::make().value()), watch_(context_->main_loop()) {
  run = [](detail::work& item) noexcept { static_cast<state&>(item).run_work(); };
}

poller::state::watched_socket::watched_socket(state& owner, const socket& which_one)
    : which(&which_one),
      core(which_one.core()),
      reader(io::bind_callback<&state::on_socket_ready>(&owner)),
      writer(io::bind_callback<&state::on_socket_ready>(&owner)) {}

bool poller::state::watched_socket::join() {
  return !(has(wanted, readiness::readable) && !core->join(engine::direction::receive, reader)) &&
         !(has(wanted, readiness::writable) && !core->join(engine::direction::send, writer));
}

void poller::state::watched_socket::leave() {
  core->leave(engine::direction::receive, reader);
  core->leave(engine::direction::send, writer);
}

void poller::state::set(const socket& watched, readiness wanted) {
  if (watched.core() == nullptr) throw exception(moved_from("poll"));
  if (&watched.core()->context() != context_.get()) {
    throw exception(error(make_error_code(errc::invalid_argument), "the socket is of another context")
                        .with_doing("poll")
                        .with_endpoint(watched.last_endpoint()));
  }
  const auto known = std::ranges::find(sockets_, &watched, &watched_socket::which);
  watched_socket& entry = known != sockets_.end() ? *known : sockets_.emplace_back(*this, watched);
  entry.wanted = wanted;
}

void poller::state::set(int fd, readiness wanted) {
  descriptors_->set(fd, poll_events(wanted)).value();
  if (std::ranges::find(fds_, fd) == fds_.end()) fds_.push_back(fd);
}

void poller::state::remove(const socket& watched) {
  sockets_.remove_if([&](const watched_socket& entry) { return entry.which == &watched; });
}

void poller::state::remove(int fd) {
  descriptors_->remove(fd);
  std::erase(fds_, fd);
}

std::vector<poller::item> poller::state::collect() {
  std::vector<item> ready;
  for (const watched_socket& entry : sockets_) {
    entry.core->require_usable("poll").value();
    readiness found = readiness::none;
    if (has(entry.wanted, readiness::readable) && entry.core->ready_for(engine::direction::receive)) {
      found = found | readiness::readable;
    }
    if (has(entry.wanted, readiness::writable) && entry.core->ready_for(engine::direction::send)) {
      found = found | readiness::writable;
    }
    if (found != readiness::none) ready.push_back({entry.which, -1, found});
  }
  if (fds_.empty()) return ready;
  for (const auto& [fd, events] : descriptors_->wait(detail::time_point::min())) {
    ready.push_back({nullptr, fd, from_poll_events(events)});
  }
  return ready;
}

void poller::state::drive_if_inline() {
  if (context_->is_inline()) run_loop();
}

void poller::state::block(detail::time_point deadline) {
  if (context_->is_inline()) {
    // This thread is the one that runs the loop: sleep on its descriptor and the others together.
    const int loop_fd = context_->main_loop().fd().value();
    run_loop();
    descriptors_->set(loop_fd, flags::readable).value();
    {
      const at_the_end leave([&] {
        descriptors_->remove(loop_fd);
        leave_all();
      });
      if (join_all()) static_cast<void>(descriptors_->wait(deadline));
    }
    run_loop();
    return;
  }
  if (context_->on_loop_thread()) {
    throw exception(
        error(make_error_code(errc::would_deadlock), "in a coroutine, await the asynchronous call")
            .with_doing("poll"));
  }
  asynchronous_ = false;
  const engine::context_core::relying on_io_threads(*context_);
  const at_the_end leave([&] { leave_all(); });
  if (join_all()) static_cast<void>(descriptors_->wait(deadline));
}

void poller::state::run_loop() {
  if (auto done = context_->poll(); !done) throw exception(std::move(done).error().with_doing("poll"));
}

bool poller::state::join_all() {
  return std::ranges::all_of(sockets_, [](watched_socket& entry) { return entry.join(); });
}

void poller::state::leave_all() {
  for (watched_socket& entry : sockets_) entry.leave();
}

void poller::state::signal() noexcept { descriptors_->signal(); }

void poller::state::on_socket_ready() noexcept {
  if (asynchronous_) {
    wake();
  } else {
    signal();
  }
}

void poller::state::on_descriptors(io::fd_watch::outcome& /*ready*/) noexcept {
  const std::shared_ptr<state> keep = std::move(watch_keeps_);
  wake();
}

void poller::state::wake() noexcept {
  if (posted_.exchange(true)) return;
  work_keeps_ = shared_from_this();
  context_->main_loop().post(*this);
}

void poller::state::run_work() noexcept {
  const std::shared_ptr<state> keep = std::move(work_keeps_);
  posted_.store(false);
  if (waiting_ == nullptr) return;
  change& woken = *waiting_;
  const std::coroutine_handle<> coroutine = woken.coroutine_;
  woken.settle();
  coroutine.resume();
}

poller::state::change::change(std::shared_ptr<state> owner, detail::time_point deadline)
    : owner_(std::move(owner)), deadline_(deadline) {
  fire = [](detail::timer& alarm) noexcept { static_cast<change&>(alarm).owner_->wake(); };
}

bool poller::state::change::suspend(std::coroutine_handle<> coroutine, const std::stop_token& stop) {
  io::loop& loop = owner_->context_->main_loop();
  if (!loop.on_its_thread()) {
    refused_ = error(make_error_code(errc::wrong_thread), "the coroutine runs on another context's loop");
  } else if (owner_->waiting_ != nullptr) {
    refused_ = error(make_error_code(errc::wrong_state), "another coroutine waits for the same poller");
  }
  if (refused_) return false;
  coroutine_ = coroutine;
  owner_->waiting_ = this;
  owner_->asynchronous_ = true;
  if (!owner_->join_all()) {
    settle();
    return false;
  }
  if (!owner_->fds_.empty() && !owner_->watch_.pending()) {
    owner_->watch_keeps_ = owner_;
    owner_->watch_.start(owner_->descriptors_->fd(), flags::readable,
                         io::bind_callback<&state::on_descriptors>(owner_.get()));
  }
  if (deadline_ != detail::time_point::max()) loop.start(*this, deadline_);
  if (stop.stop_possible()) stop_callback_.emplace(stop, request_stop{owner_.get()});
  return true;
}

void poller::state::change::settle() {
  if (owner_->waiting_ != this) return;
  owner_->waiting_ = nullptr;
  owner_->context_->main_loop().stop(*this);
  owner_->leave_all();
  // Its completion comes as a wake-up, which the next wait takes for a change that was none.
  if (owner_->watch_.pending()) owner_->watch_.cancel();
  stop_callback_.reset();
}

}  // namespace monocoque
