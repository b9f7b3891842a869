#include "capi/poller.hpp"

#include "capi/error_numbers.hpp"
#include "capi/poll.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace monocoque::capi {
namespace {

constexpr zmq_poller_event_t about_nothing{nullptr, -1, nullptr, 0};

/// A descriptor that nothing is asked of is not looked at: it would tell of errors all the same.
zmq_pollitem_t item_for(void* socket, int fd, short events) noexcept {
  return {socket, events != 0 && socket == nullptr ? fd : -1, events, 0};
}

bool is_thread_safe(c_socket& socket) {
  int answer = 0;
  std::size_t size = sizeof answer;
  return socket.get_option(ZMQ_THREAD_SAFE, &answer, &size) == 0 && answer != 0;
}

}  // namespace

poller* poller::in(void* handle) noexcept {
  auto* const found = static_cast<poller*>(handle);
  if (found != nullptr && found->tag_ == alive) return found;
  fail(EFAULT);
  return nullptr;
}

/// `size` if it is not there.
std::size_t poller::index_of(void* socket, int fd) const noexcept {
  const auto found = std::ranges::find_if(members_, [&](const member& each) { return each.is(socket, fd); });
  return static_cast<std::size_t>(found - members_.begin());
}

int poller::add(void* socket, int fd, void* user_data, short events) {
  if (index_of(socket, fd) != members_.size()) return fail(EINVAL);
  const bool thread_safe = socket != nullptr && is_thread_safe(*static_cast<c_socket*>(socket));
  member added{socket, fd, user_data, nullptr};
  if (thread_safe && watches_) {
    if (const result<void> watched = watch(added); !watched) return fail(watched.error());
  }
  items_.reserve(items_.size() + 1);
  members_.push_back(std::move(added));
  items_.push_back(item_for(socket, fd, events));
  has_thread_safe_ = has_thread_safe_ || thread_safe;
  return 0;
}

int poller::modify(void* socket, int fd, short events) {
  const std::size_t index = index_of(socket, fd);
  if (index == members_.size()) return fail(EINVAL);
  items_[index] = item_for(socket, fd, events);
  watch_again();
  return 0;
}

int poller::remove(void* socket, int fd) {
  const std::size_t index = index_of(socket, fd);
  if (index == members_.size()) return fail(EINVAL);
  const auto place = static_cast<std::ptrdiff_t>(index);
  if (members_[index].watch) watches_->remove(members_[index].watch->fd());
  members_.erase(members_.begin() + place);
  items_.erase(items_.begin() + place);
  return 0;
}

int poller::wait(std::span<zmq_poller_event_t> into, long timeout) {
  const bool waits_for_something =
      std::ranges::any_of(items_, [](const zmq_pollitem_t& each) { return each.events != 0; });
  if (timeout < 0 && !waits_for_something) return fail(EFAULT);
  for (const member& each : members_) {
    if (each.watch) each.watch->begin_anew();
  }
  const int found = poll(items_, deadline_after(timeout));
  const int why = errno;
  watch_again();
  if (found < 0) return fail(why);
  const int told = tell(into);
  return told != 0 ? told : fail(EAGAIN);
}

int poller::tell(std::span<zmq_poller_event_t> into) const noexcept {
  std::size_t told = 0;
  for (std::size_t i = 0; i < items_.size() && told < into.size(); ++i) {
    const short events = items_[i].revents;
    if (events == 0) continue;
    const member& about = members_[i];
    into[told++] = {about.socket, about.socket != nullptr ? -1 : about.fd, about.user_data, events};
  }
  if (told != 0) std::ranges::fill(into.subspan(told), about_nothing);
  return static_cast<int>(told);
}

/// The descriptor is to become readable for what is waited for, at once if that is so.
void poller::watch_again() noexcept {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    event_descriptor* const watching = members_[i].watch.get();
    if (watching == nullptr) continue;
    if ((items_[i].events & ZMQ_POLLIN) != 0) watching->arm(engine::direction::receive);
    if ((items_[i].events & ZMQ_POLLOUT) != 0) watching->arm(engine::direction::send);
  }
}

result<void> poller::watch(member& what) {
  c_socket* const socket = c_socket::in(what.socket);
  if (socket == nullptr) return error::from_errno(ENOTSOCK);
  auto made = event_descriptor::make(socket->core().shared_from_this());
  if (!made) return std::move(made).error();
  if (result<void> set = watches_->set((*made)->fd(), io::poll_flags::readable); !set) return set;
  what.watch = *std::move(made);
  return {};
}

int poller::descriptor(int* into) {
  if (!has_thread_safe_) return fail(EINVAL);
  if (!watches_) {
    auto made = io::poll_set::make();
    if (!made) return fail(made.error());
    watches_ = *std::move(made);
    for (member& each : members_) {
      if (each.socket == nullptr || !is_thread_safe(*static_cast<c_socket*>(each.socket))) continue;
      if (const result<void> watched = watch(each); !watched) {
        for (member& other : members_) other.watch.reset();
        watches_.reset();
        return fail(watched.error());
      }
    }
  }
  *into = watches_->fd();
  return 0;
}

}  // namespace monocoque::capi

namespace {

using monocoque::capi::c_socket;
using monocoque::capi::fail;
using monocoque::capi::guard;
using monocoque::capi::poller;

constexpr int all_events = ZMQ_POLLIN | ZMQ_POLLOUT | ZMQ_POLLERR | ZMQ_POLLPRI;

/// Calls `change` with the poller if all that was given is as it should be. Errors: EFAULT, ENOTSOCK or
/// EBADF, EINVAL.
template <class Change>
int with_member(void* handle, void* socket, short events, Change change) {
  poller* const changing = poller::in(handle);
  if (changing == nullptr || c_socket::in(socket) == nullptr) return -1;
  if ((events & ~all_events) != 0) return fail(EINVAL);
  return guard(-1, [&] { return change(*changing); });
}

template <class Change>
int with_descriptor(void* handle, zmq_fd_t fd, short events, Change change) {
  poller* const changing = poller::in(handle);
  if (changing == nullptr) return -1;
  if (fd == -1) return fail(EBADF);
  if ((events & ~all_events) != 0) return fail(EINVAL);
  return guard(-1, [&] { return change(*changing); });
}

}  // namespace

void* zmq_poller_new() {
  return guard(static_cast<void*>(nullptr), []() -> void* { return new poller; });
}

int zmq_poller_destroy(void** poller_p) {
  if (poller_p == nullptr) return fail(EFAULT);
  poller* const ending = poller::in(*poller_p);
  if (ending == nullptr) return -1;
  delete ending;
  *poller_p = nullptr;
  return 0;
}

int zmq_poller_size(void* handle) {
  const poller* const asked = poller::in(handle);
  return asked != nullptr ? asked->size() : -1;
}

int zmq_poller_add(void* handle, void* socket, void* user_data, short events) {
  return with_member(handle, socket, events,
                     [&](poller& to) { return to.add(socket, -1, user_data, events); });
}

int zmq_poller_modify(void* handle, void* socket, short events) {
  return with_member(handle, socket, events, [&](poller& in) { return in.modify(socket, -1, events); });
}

int zmq_poller_remove(void* handle, void* socket) {
  return with_member(handle, socket, 0, [&](poller& from) { return from.remove(socket, -1); });
}

int zmq_poller_add_fd(void* handle, zmq_fd_t fd, void* user_data, short events) {
  return with_descriptor(handle, fd, events,
                         [&](poller& to) { return to.add(nullptr, fd, user_data, events); });
}

int zmq_poller_modify_fd(void* handle, zmq_fd_t fd, short events) {
  return with_descriptor(handle, fd, events, [&](poller& in) { return in.modify(nullptr, fd, events); });
}

int zmq_poller_remove_fd(void* handle, zmq_fd_t fd) {
  return with_descriptor(handle, fd, 0, [&](poller& from) { return from.remove(nullptr, fd); });
}

int zmq_poller_wait_all(void* handle, zmq_poller_event_t* events, int n_events, long timeout) {
  poller* const waiting = poller::in(handle);
  if (waiting == nullptr) return -1;
  if (events == nullptr) return fail(EFAULT);
  if (n_events < 0) return fail(EINVAL);
  return guard(-1, [&] { return waiting->wait({events, static_cast<std::size_t>(n_events)}, timeout); });
}

int zmq_poller_wait(void* handle, zmq_poller_event_t* event, long timeout) {
  const int found = zmq_poller_wait_all(handle, event, 1, timeout);
  if (found >= 0) return 0;
  if (event != nullptr) *event = monocoque::capi::about_nothing;
  return found;
}

int zmq_poller_fd(void* handle, zmq_fd_t* fd) {
  poller* const asked = poller::in(handle);
  if (asked == nullptr) return -1;
  return guard(-1, [&] { return asked->descriptor(fd); });
}
