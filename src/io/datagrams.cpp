#include "io/datagrams.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace monocoque::io {

datagrams::~datagrams() { ::close(fd_); }

datagrams::received datagrams::receive(std::span<std::byte> into) const noexcept {
  received got;
  iovec room{into.data(), into.size()};
  msghdr header{};
  header.msg_name = &got.from;
  header.msg_namelen = sizeof got.from;
  header.msg_iov = &room;
  header.msg_iovlen = 1;
  ssize_t size = 0;
  do {
    size = ::recvmsg(fd_, &header, MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    got.error = errno;
    return got;
  }
  got.size = static_cast<std::size_t>(size);
  got.from_size = header.msg_namelen;
  if ((header.msg_flags & MSG_TRUNC) != 0) got.error = EMSGSIZE;
  return got;
}

int datagrams::send(std::span<iovec> parts, const sockaddr* to, socklen_t to_size) const noexcept {
  msghdr header{};
  header.msg_name = const_cast<sockaddr*>(to);  // NOLINT: sendmsg does not write to it
  header.msg_namelen = to_size;
  header.msg_iov = parts.data();
  header.msg_iovlen = parts.size();
  for (;;) {
    if (::sendmsg(fd_, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return 0;
    if (errno != EINTR) return errno;
  }
}

void datagrams::await_readable(callback<fd_watch::outcome&> done) { readable_.start(fd_, POLLIN, done); }

void datagrams::await_writable(callback<fd_watch::outcome&> done) { writable_.start(fd_, POLLOUT, done); }

void datagrams::cancel() noexcept {
  readable_.cancel();
  writable_.cancel();
}

}  // namespace monocoque::io
