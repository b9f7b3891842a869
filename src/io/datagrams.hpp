#pragma once

#include "io/callback.hpp"
#include "io/loop.hpp"
#include "io/stream.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>

namespace monocoque::io {

/// A socket for datagrams, non-blocking, owned. Loop thread only, but for `send`. Nothing is waited for when
/// it is destroyed: cancel, and wait for the completions. Destroyed before its loop.
class datagrams {
 public:
  datagrams(loop& owner, int fd) noexcept : fd_(fd), readable_(owner), writable_(owner) {}
  ~datagrams();
  datagrams(const datagrams&) = delete;
  datagrams& operator=(const datagrams&) = delete;

  struct received {
    int error = 0;         ///< errno; EAGAIN: there is none now; EMSGSIZE: it was longer than there is room
    std::size_t size = 0;  ///< 0 is an empty datagram
    sockaddr_storage from{};
    socklen_t from_size = 0;
  };
  /// The next datagram, at once.
  [[nodiscard]] received receive(std::span<std::byte> into) const noexcept;
  /// One datagram of all the parts, at once; errno, EAGAIN if the system has no room for it now. Any thread,
  /// if the caller makes sure that it is not destroyed meanwhile.
  [[nodiscard]] int send(std::span<iovec> parts, const sockaddr* to, socklen_t to_size) const noexcept;

  /// Calls once when there may be something to receive, or something has gone wrong, which `receive` tells.
  void await_readable(callback<fd_watch::outcome&> done);
  /// The same when there may be room to send.
  void await_writable(callback<fd_watch::outcome&> done);
  [[nodiscard]] bool pending() const noexcept { return readable_.pending() || writable_.pending(); }
  [[nodiscard]] bool awaits_readable() const noexcept { return readable_.pending(); }
  [[nodiscard]] bool awaits_writable() const noexcept { return writable_.pending(); }
  /// What is awaited completes soon, with ECANCELED.
  void cancel() noexcept;
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  const int fd_;
  fd_watch readable_;
  fd_watch writable_;
};

}  // namespace monocoque::io
