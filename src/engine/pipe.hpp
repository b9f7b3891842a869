#pragma once

#include "base/peer_id.hpp"
#include "engine/counters.hpp"
#include "engine/in_queue.hpp"
#include "engine/inproc_channel.hpp"
#include "engine/out_queue.hpp"

#include <monocoque/message.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace monocoque::engine {

class datagram_end;
class link;

/// What a socket keeps for one peer: a queue each way. Owned by the socket's table of peers; its link, while
/// there is one, holds it too. Guarded by the socket's monitor.
///
/// A peer we connect to in a pattern that deals messages out (PUSH, DEALER, REQ, PAIR, ...) has its pipe from
/// `connect` on and keeps it across connections; any other peer has it from the end of the handshake to the
/// end of the connection, or until the application has taken what it sent. The pipe of an inproc connection
/// lives as long as that, and has the queues of the channel instead of its own.
struct pipe {
  /// `send_mark`: the high-water mark, in messages; `of_all`: permits for what all pipes have received, or
  /// null.
  pipe(std::shared_ptr<base::slab_pool> pool, std::uint64_t send_mark, std::size_t receive_byte_limit,
       io::permits* of_all) noexcept
      : slabs(pool), out(std::move(pool)), in(receive_byte_limit, of_all), mark(send_mark) {}

  base::peer_id id;
  std::shared_ptr<base::slab_pool> slabs;  ///< of the loop that its links live on
  out_queue out;
  in_queue in;
  engine::link* link = nullptr;           ///< the connection it goes over now
  std::unique_ptr<inproc_end> inproc;     ///< instead of `out`, `in` and `link`, to a socket of this context
  datagram_end* datagrams = nullptr;      ///< the udp endpoint that it is, instead of `link`
  std::shared_ptr<const peer_info> peer;  ///< who it is, from the handshake on
  detail::peer_ref sender;                ///< the same, for the messages that come from it
  bytes routing_id;                       ///< what the pattern knows it by
  std::shared_ptr<const std::string> endpoint;  ///< the bound or connected one that it is reached over
  pipe_counters counters;
  /// A full queue that had `size` bytes has room again when it is half empty, or when so many bytes have left
  /// it: of large messages half of the queue would be more than fits into caches and spare memory.
  [[nodiscard]] static constexpr std::size_t relief(std::size_t size) noexcept {
    return std::max(std::size_t{1} << 20U, size / 4);
  }
  /// The same by messages, of which half a queue's have gone since a fixed point, not since it became full: a
  /// burst that is as long as the marks of both sides together then always fits.
  [[nodiscard]] std::uint64_t next_relief() const noexcept {
    return counters.sent.messages + half_of_mark() - sent_since_relief();
  }
  [[nodiscard]] std::uint64_t sent_since_relief() const noexcept {
    return counters.sent.messages % half_of_mark();
  }
  [[nodiscard]] std::uint64_t half_of_mark() const noexcept { return mark / 2 + mark % 2; }
  std::size_t full_size = 0;      ///< bytes that `out` had when it became full
  std::uint64_t relieved_at = 0;  ///< when it became full: so many messages sent, and it has room again
  std::uint64_t noted = 0;        ///< messages that had been sent when the sender last took note of it
  std::chrono::steady_clock::time_point noted_at{};  ///< when that was, if it took note though not held up
  std::size_t paused_size = 0;                       ///< bytes that `in` had when reading was paused
  std::uint64_t mark;           ///< at so many messages `out` is full, or old ones are to be dropped
  std::size_t counted_out = 0;  ///< bytes of `out` that are in the socket's total
  bool keeps = false;           ///< survives its connection
  bool attached = false;        ///< known to the pattern
  bool leaving = false;         ///< its connection is over; only `in` is left to be taken
  bool reads_on = false;  ///< its connection is over, but for a read that may have been done all the same
  bool write_pending = false;   ///< a write refers to what `out` gathered last
  bool sends_no_more = false;   ///< given up by the application; only what is queued goes out
  bool full = false;            ///< at the send high-water mark: not writable until it has room again
  bool paced = false;           ///< a sender waits for the kernel to take something
  bool stalled = false;         ///< one did, in vain; the next ones do not until something was taken
  bool reading_paused = false;  ///< its link stopped reading for the receive high-water mark

  /// Messages of the application, whatever it goes over.
  [[nodiscard]] traffic_count sent() const noexcept {
    if (!inproc) return counters.sent;
    return {inproc->out.added() - inproc->subscriptions_out, 0};
  }
  [[nodiscard]] traffic_count received() const noexcept {
    if (!inproc) return counters.received;
    return {inproc->in.taken() - inproc->subscriptions_in, 0};
  }
  /// Nothing can come of it any more.
  [[nodiscard]] bool is_spent() const noexcept { return leaving && !reads_on && in.empty(); }
};

}  // namespace monocoque::engine
