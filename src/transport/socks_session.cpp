#include "transport/socks_session.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace monocoque::transport {
namespace {

/// False: it has to be waited for. EINTR does not count.
result<bool> judge(ssize_t done) {
  if (done >= 0 || errno == EINTR) return true;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
  return error::from_errno(errno);
}

}  // namespace

result<bool> socks_session::send_some() {
  const std::span<const std::byte> output = handshake_.output();
  const ssize_t sent = ::send(fd_, output.data(), output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) handshake_.consume_output(static_cast<std::size_t>(sent));
  return judge(sent);
}

result<bool> socks_session::read_some() {
  std::array<std::byte, longest_socks_text + sizeof(std::uint16_t)> buffer{};
  const ssize_t got = ::recv(fd_, buffer.data(), handshake_.wanted(), MSG_DONTWAIT);
  if (got == 0) return error::from_errno(ECONNRESET).with_detail("SOCKS proxy: it closed the connection");
  if (got > 0) {
    result<void> taken = handshake_.take(std::span(buffer).first(static_cast<std::size_t>(got)));
    if (!taken) return std::move(taken).error();
  }
  return judge(got);
}

result<short> socks_session::go_on() {
  for (;;) {
    const bool sends = !handshake_.output().empty();
    if (!sends && handshake_.is_done()) return short{0};
    const result<bool> went_on = sends ? send_some() : read_some();
    if (!went_on) return went_on.error();
    if (!*went_on) return static_cast<short>(sends ? POLLOUT : POLLIN);
  }
}

}  // namespace monocoque::transport
