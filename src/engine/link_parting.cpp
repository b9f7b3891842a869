#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <utility>

// How a connection ends that everything was written to. Closing it while some of that is still on its way
// would be a gamble: should the peer say anything more, a PING say, then our system answers that nobody is
// there any more, and forgets the rest. So our direction is shut, and the peer heard, until all has arrived.

namespace monocoque::engine {
namespace {

/// A peer's system that takes nothing for so long, because its application does not read or the network is
/// gone, is left to ours.
constexpr std::chrono::seconds part_patience{1};
constexpr std::chrono::milliseconds first_part_pause{1};
constexpr std::chrono::milliseconds longest_part_pause{50};

}  // namespace

void link::close_when_drained() noexcept {
  if (state_ >= state::closing) return;
  close_drained_ = true;
  drain_deadline_ = socket_->linger_until();
  arm_timeout();
  bool done = false;
  bool only_commands = false;
  {
    const std::lock_guard lock(socket_->mutex());
    done = drained();
    only_commands = !done && (!pipe_ || pipe_->out.empty());
  }
  if (only_commands) {  // which a peer that does not read would hold us up with, and nobody misses
    drain_deadline_ = std::min(drain_deadline_, loop_.now() + part_patience);
    arm_timeout();
  }
  if (done) part();
}

void link::part() noexcept {
  if (state_ >= state::closing || parting_) return;
  const std::shared_ptr<link> keep = shared_from_this();  // which what is read may be the end of
  if (state_ != state::active || has_arrived()) return close(errc::closed);
  {
    const std::lock_guard lock(socket_->mutex());
    if (!drained()) return start_write();  // an answer to the peer, say; we are called again
    broken_ = true;                        // nothing more is written, no PONG either
  }
  parting_ = true;
  stream_->shutdown_write();
  part_until_ = loop_.now() + part_patience;
  part_pause_ = first_part_pause;
  next_part_look_ = loop_.now() + part_pause_;
  arm_timeout();
  with_memory_or_close([this] { read_more(); });
}

/// What is written to a Unix socket is with the peer at once, and is not lost if we close.
bool link::has_arrived() {
  if (!std::string_view(options_->endpoint).starts_with("tcp://")) return true;
  look_at_acknowledged();
  // That no more comes counts as an octet that is to be acknowledged.
  const std::uint64_t no_more = parting_ ? 1 : 0;
  const std::lock_guard lock(socket_->mutex());
  return (broken_ && !parting_) || acknowledged_ + no_more >= written_;
}

/// The peer's system tells ours how far it is, and ours does not tell us when that changes.
void link::look_after_parting() noexcept {
  if (state_ != state::active) return;
  const zmtp::time_point now = loop_.now();
  const std::uint64_t before = acknowledged_;
  if (has_arrived()) return close(errc::closed);
  if (acknowledged_ > before) part_until_ = now + part_patience;
  if (now >= part_until_) return close(errc::closed);
  if (now < next_part_look_) return;
  part_pause_ = std::min<std::chrono::nanoseconds>(part_pause_ * 2, longest_part_pause);
  next_part_look_ = now + part_pause_;
}

}  // namespace monocoque::engine
