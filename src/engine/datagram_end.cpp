#include "engine/datagram_end.hpp"

#include "base/wire.hpp"
#include "engine/context_core.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/pipe.hpp"
#include "engine/socket_core.hpp"
#include "engine/write_list.hpp"
#include "zmtp/group_datagram.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

namespace monocoque::engine {
namespace {

namespace wire = base::wire;
using time_point = std::chrono::steady_clock::time_point;

/// So many datagrams are read or written before others have their turn.
constexpr int most_at_once = 64;

/// A message in canonical form that may fit into a datagram: a group or an address, and the payload.
constexpr std::size_t longest_first_frame = 255;
constexpr std::size_t largest_message = 2 + longest_first_frame + wire::max_header_size + zmtp::max_datagram;

}  // namespace

datagram_end::datagram_end(std::shared_ptr<socket_core> socket, io::loop& loop, transport::endpoint where,
                           transport::datagram_socket opened, std::shared_ptr<pipe> peer)
    : socket_(std::move(socket)),
      loop_(loop),
      where_(std::move(where)),
      last_endpoint_(std::move(opened.last_endpoint)),
      sends_to_(opened.target),
      descriptor_(opened.fd.fd()),
      family_(transport::socket_address::of_socket(descriptor_).family()),
      peer_(std::move(peer)),
      received_(loop.slabs().shared_from_this()) {
  if (is_bound()) datagram_ = std::make_unique<std::byte[]>(zmtp::max_datagram);
  alarm_.owner = this;
  alarm_.fire = [](detail::timer& fired) noexcept { static_cast<own_alarm&>(fired).owner->go_on(); };
  io_.emplace(loop, opened.fd.release());
}

datagram_end::~datagram_end() = default;

void datagram_end::begin() noexcept {
  keep_ = shared_from_this();
  loop_.post(wish_work_, keep_);
}

void datagram_end::end(time_point deadline) noexcept {
  wished_end_ = true;
  deadline_ = std::min(deadline_, deadline);
  loop_.post(wish_work_, shared_from_this());
}

// -- out

void datagram_end::on_queued() noexcept {
  if (!waits_to_write_) write_some();
}

/// As much as the system takes; the rest is the loop's.
void datagram_end::write_some() noexcept {
  waits_to_write_ = false;
  for (int i = 0; !peer_->out.empty() && !waits_to_write_; ++i)
    waits_to_write_ = i == most_at_once || write_next() == sent::none_now;
  if (waits_to_write_) loop_.post(wish_work_, shared_from_this());
  socket_->after_write(*peer_);
}

datagram_end::sent datagram_end::write_next() noexcept {
  std::array<iovec, write_list::max_pieces> pieces;  // NOLINT: filled as far as it is read
  const std::size_t count = peer_->out.gather_first_message(pieces);
  std::array<std::byte, largest_message> whole;  // NOLINT: the same
  std::size_t size = 0;
  for (const iovec& piece : std::span(pieces).first(count)) {
    if (size + piece.iov_len <= whole.size()) std::memcpy(whole.data() + size, piece.iov_base, piece.iov_len);
    size += piece.iov_len;
  }
  const int failed = size <= whole.size() ? send(std::span(whole).first(size)) : EMSGSIZE;
  if (failed == EAGAIN) return sent::none_now;
  peer_->out.written(size);
  if (failed == 0) {
    peer_->counters.sent += {1, size};
  } else {
    socket_->drop_datagram(*peer_, failed == ENOMEM ? drop_reason::no_memory : drop_reason::unroutable);
  }
  return sent::one;
}

/// errno.
int datagram_end::send(std::span<const std::byte> message) noexcept {
  const std::span<const std::byte> first = wire::next_frame(message).payload;
  const std::span<const std::byte> payload = wire::next_frame(message).payload;
  const auto part = [](std::span<const std::byte> data) {
    return iovec{const_cast<std::byte*>(data.data()), data.size()};  // NOLINT: to be read
  };
  if (!is_bound()) {
    if (first.size() > longest_first_frame || 1 + first.size() + payload.size() > zmtp::max_datagram)
      return EMSGSIZE;
    const auto size = static_cast<std::byte>(first.size());
    std::array parts{part({&size, 1}), part(first), part(payload)};
    return io_->send(parts, sends_to_.data(), sends_to_.size());
  }
  try {
    std::string_view text = zmtp::as_text(first);
    if (text.ends_with('\0')) text.remove_suffix(1);  // as libzmq tells them
    const auto to = transport::address_in_digits(text, family_);
    if (!to) return EINVAL;
    std::array parts{part(payload)};
    return io_->send(parts, to->data(), to->size());
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
}

void datagram_end::on_writable(io::fd_watch::outcome& ready) noexcept {
  const std::shared_ptr<datagram_end> keep = shared_from_this();
  if (stopping_) return finish_if_idle();
  if (ready.error != 0) return try_again_later();
  {
    const std::lock_guard lock(socket_->mutex());
    write_some();
  }
  go_on();
}

// -- in

void datagram_end::on_readable(io::fd_watch::outcome& ready) noexcept {
  const std::shared_ptr<datagram_end> keep = shared_from_this();
  if (stopping_) return finish_if_idle();
  if (ready.error != 0) return try_again_later();
  read_some();
  go_on();
}

/// What the system tells of one datagram, such as that an earlier one did not arrive, says nothing of the
/// next.
void datagram_end::read_some() noexcept {
  for (int i = 0; i < most_at_once; ++i) {
    const io::datagrams::received got = io_->receive({datagram_.get(), zmtp::max_datagram});
    if (got.error == EAGAIN) return;
    if (got.error != 0 && got.error != EMSGSIZE) continue;
    with_memory([&] { socket_->deliver_datagram(*peer_, got.error == 0 ? as_message(got) : bytes()); },
                [&] {
                  const std::lock_guard lock(socket_->mutex());
                  socket_->drop_datagram(*peer_, drop_reason::no_memory);
                });
  }
}

/// Empty if it makes none.
bytes datagram_end::as_message(const io::datagrams::received& got) {
  const std::span<const std::byte> datagram(datagram_.get(), got.size);
  if (socket_->type() != socket_type::dgram) {
    const auto found = zmtp::parse_group_datagram(datagram);
    return found ? message_of(zmtp::as_text(found->group), found->payload) : bytes();
  }
  const transport::socket_address from(reinterpret_cast<const sockaddr*>(&got.from), got.from_size);
  std::string text = from.to_host_and_port();
  if (socket_->context().behaves_as_libzmq()) text += '\0';  // which programs in C rely on
  return message_of(text, datagram);
}

bytes datagram_end::message_of(std::string_view first, std::span<const std::byte> payload) {
  const std::span<std::byte> room =
      received_.room(wire::header_size(first.size()) + first.size() + wire::max_header_size + payload.size());
  std::size_t end = wire::put_header(room.data(), first.size(), wire::flag_more);
  const auto put = [&](const void* data, std::size_t size) {
    if (size != 0) std::memcpy(room.data() + end, data, size);
    end += size;
  };
  put(first.data(), first.size());
  end += wire::put_header(room.data() + end, payload.size(), 0);
  put(payload.data(), payload.size());
  return received_.commit(end);
}

// -- the end

/// Waits for what there is to wait for, if it does not already; or ends.
void datagram_end::go_on() noexcept {
  if (stopping_) return;
  bool writes = false;
  bool ends = false;
  time_point deadline;
  {
    const std::lock_guard lock(socket_->mutex());
    writes = waits_to_write_;
    ends = wished_end_;
    deadline = deadline_;
  }
  if (ends && (!writes || loop_.now() >= deadline)) {
    stopping_ = true;
    loop_.stop(alarm_);
    io_->cancel();
    return finish_if_idle();
  }
  if (ends && deadline != time_point::max()) {
    loop_.stop(alarm_);
    loop_.start(alarm_, deadline);
  }
  if (!ends && is_bound() && !io_->awaits_readable())
    io_->await_readable(io::bind_callback<&datagram_end::on_readable>(this));
  if (writes && !io_->awaits_writable())
    io_->await_writable(io::bind_callback<&datagram_end::on_writable>(this));
}

/// There was no memory, or no descriptor, to wait with.
void datagram_end::try_again_later() noexcept {
  if (!alarm_.armed()) loop_.start(alarm_, loop_.now() + memory_pause);
}

void datagram_end::finish_if_idle() noexcept {
  if (io_->pending()) return;
  const std::shared_ptr<datagram_end> keep = std::move(keep_);
  {
    const std::lock_guard lock(socket_->mutex());
    peer_->datagrams = nullptr;
  }
  io_.reset();
  socket_->datagrams_over(*this);
}

}  // namespace monocoque::engine
