#pragma once

#include "capi/c_socket.hpp"
#include "capi/event_descriptor.hpp"
#include "io/poll_set.hpp"

#include <zmq.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace monocoque::capi {

/// What `zmq_poller_new` answers: sockets and descriptors to wait for, each once, which are told about in the
/// order in which they were added. For one thread at a time. Functions answer as those of zmq.h do.
class poller {
 public:
  poller() noexcept = default;
  ~poller() { tag_ = 0; }
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// Null, with `errno` EFAULT, if that is none.
  [[nodiscard]] static poller* in(void* handle) noexcept;

  [[nodiscard]] int size() const noexcept { return static_cast<int>(members_.size()); }
  /// `socket`, or if that is null `fd`. Errors: EINVAL (it is there already), ENOMEM.
  int add(void* socket, int fd, void* user_data, short events);
  /// Errors of both: EINVAL (it is not there).
  int modify(void* socket, int fd, short events);
  int remove(void* socket, int fd);
  /// Waits up to `timeout` milliseconds (-1: for ever) and tells of as many as there is room for; the rest of
  /// the room is told to be about nothing. Errors: EAGAIN (nothing happened in time), EFAULT (for ever, for
  /// nothing), and those of zmq_poll.
  int wait(std::span<zmq_poller_event_t> into, long timeout);
  /// A descriptor that is readable while there may be something to wait for no more, of sockets that may be
  /// used by several threads. Errors: EINVAL (there was none of these yet), and the system's.
  int descriptor(int* into);

 private:
  struct member {
    void* socket;  // null: a descriptor
    int fd;
    void* user_data;
    std::unique_ptr<event_descriptor> watch;  // only if somebody has asked for `descriptor`

    [[nodiscard]] bool is(void* other, int other_fd) const noexcept {
      return socket == other && (socket != nullptr || fd == other_fd);
    }
  };

  [[nodiscard]] std::size_t index_of(void* socket, int fd) const noexcept;
  [[nodiscard]] result<void> watch(member& what);
  void watch_again() noexcept;
  int tell(std::span<zmq_poller_event_t> into) const noexcept;

  static constexpr std::uint32_t alive = 0xcafebabe;
  std::uint32_t tag_ = alive;
  bool has_thread_safe_ = false;       // or had
  std::vector<zmq_pollitem_t> items_;  // of each member what zmq_poll is asked; another descriptor than -1 if
                                       // there are events to wait for
  std::vector<member> members_;
  std::unique_ptr<io::poll_set> watches_;
};

}  // namespace monocoque::capi
