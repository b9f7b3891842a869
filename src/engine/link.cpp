#include "engine/link.hpp"

#include "crypto/secret.hpp"
#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace monocoque::engine {

link::link(std::shared_ptr<socket_core> socket, io::loop& loop, transport::unique_fd fd,
           std::shared_ptr<const terms> options, std::string peer_address, std::shared_ptr<engine::pipe> pipe,
           link_owner* owner)
    : socket_(std::move(socket)),
      loop_(loop),
      stream_(std::in_place, loop, fd.release()),
      options_(std::move(options)),
      peer_address_(std::move(peer_address)),
      owner_(owner),
      protocol_(std::shared_ptr<const zmtp::config>(options_, &options_->protocol), loop.read_clock()),
      pipe_(std::move(pipe)) {
  alarm_.owner = this;
  alarm_.fire = [](detail::timer& alarm) noexcept { static_cast<own_alarm&>(alarm).owner->on_alarm(); };
  wish_work_.owner = flush_work_.owner = this;
  wish_work_.run = [](detail::work& item) noexcept {
    auto& work = static_cast<posted&>(item);
    const std::shared_ptr<link> keep = work.keep;
    work.owner->grant_wishes();
  };
  flush_work_.run = [](detail::work& item) noexcept {
    link& self = *static_cast<posted&>(item).owner;
    std::shared_ptr<link> keep;
    const std::lock_guard lock(self.socket_->mutex());
    keep = std::move(self.flush_work_.keep);
    if (self.state_ < state::closing) self.start_write();
  };
}

link::~link() {
  loop_.stop(alarm_);
  crypto::wipe(control_);  // a password may be in it that could not be sent
  crypto::wipe(control_out_);
}

/// All of it is out, and rarely is there more after the handshake. A password may have been in it: a PLAIN
/// client's first words are short.
void link::let_go_of_control() noexcept {
  constexpr std::size_t longest_handshake = 4096;
  if (control_out_.size() <= longest_handshake) crypto::wipe(control_out_);
  std::vector<std::byte>().swap(control_out_);  // `= {}` would keep its memory
  control_sent_ = 0;
}

void link::start_soon() noexcept {
  const std::lock_guard lock(socket_->mutex());
  ask(wish_start);
}

void link::start() noexcept {
  keep_ = shared_from_this();
  started_ = loop_.now();
  with_memory_or_close([this] {
    if (!socket_->add_link(keep_)) return close(errc::closed);
    send_protocol_output();
    arm_timeout();
    read_more();
  });
}

void link::on_alarm() noexcept {
  const std::shared_ptr<link> keep = shared_from_this();
  if (close_drained_ && loop_.now() >= drain_deadline_) close(errc::timed_out);
  with_memory_or_close([this] {
    protocol_.handle_timeout(loop_.now());
    take_events();
    give_up_verdict();
    if (parting_) return look_after_parting();
    if (state_ == state::active) beat();
    if (state_ == state::active) give_sign_of_life();
    retry_if_due();
  });
  arm_timeout();
}

void link::retry_later() noexcept {
  retry_at_ = loop_.now() + memory_pause;
  arm_timeout();
}

void link::retry_if_due() {
  if (loop_.now() < retry_at_) return;
  retry_at_ = zmtp::time_point::max();
  if (state_ >= state::closing) return;
  {
    const std::lock_guard lock(socket_->mutex());
    start_write();
  }
  read_more();
}

void link::arm_timeout() noexcept {
  const auto when =
      parting_ ? std::min(next_part_look_, drain_deadline_)
               : std::min({protocol_.next_timeout(), heartbeat_.next_timeout(), next_sign_, drain_deadline_,
                           retry_at_, judgement_ ? judgement_->deadline : zmtp::time_point::max()});
  if (state_ >= state::closing || when == zmtp::time_point::max()) {
    loop_.stop(alarm_);
  } else {
    loop_.start(alarm_, when);
  }
}

void link::ask(std::uint8_t wishes) noexcept {
  const bool lazily = wishes == wish_read;  // until the queue is empty nobody misses it
  const bool queued_lazily = wish_work_.keep && wishes_ == wish_read;
  wishes_ |= wishes;
  if (wish_work_.keep) {
    if (queued_lazily && !lazily) loop_.wake();
    return;
  }
  wish_work_.keep = shared_from_this();
  if (lazily) {
    loop_.post_lazily(wish_work_);
  } else {
    loop_.post(wish_work_);
  }
}

void link::grant_wishes() noexcept {
  std::uint8_t wishes = 0;
  error reason;
  std::optional<auth_verdict> decided;
  {
    const std::lock_guard lock(socket_->mutex());
    wish_work_.keep.reset();
    wishes = std::exchange(wishes_, std::uint8_t{0});
    reason = std::move(wished_reason_);
    if ((wishes & wish_verdict) != 0) decided = std::move(decided_);
    if ((wishes & wish_flush) != 0 && state_ < state::closing) start_write();
  }
  if ((wishes & wish_start) != 0) start();
  if (decided) with_memory_or_close([&] { take_verdict(*std::move(decided)); });
  if ((wishes & wish_close) != 0) close(std::move(reason));
  if ((wishes & wish_drain) != 0) close_when_drained();
  if ((wishes & wish_read) != 0) with_memory_or_close([this] { read_more(); });
  if ((wishes & wish_retry) != 0) retry_later();
}

void link::close_soon(error reason) noexcept {
  wished_reason_ = std::move(reason);
  ask(wish_close);
}

void link::close(error reason) noexcept {
  if (state_ >= state::closing) return;
  if (parting_ && !lost_track(reason)) reason = errc::closed;  // however the peer has ended it meanwhile
  const bool was_ready = state_ == state::active;
  if (was_ready && !lost_track(reason)) with_memory([this] { deliver_rest(); }, [] {});
  reason_ = std::move(reason);
  // Without memory it says no more than what is the matter.
  with_memory([this] { reason_ = error(reason_).with_endpoint(options_->endpoint).with_peer(peer_address_); },
              [] {});
  say_last_words();
  state_ = state::closing;
  loop_.stop(alarm_);
  socket_->link_over(*this, was_ready, reason_);
  stream_->reader().cancel();
  stream_->writer().cancel();
  finish_if_idle();
}

/// An ERROR command, if it fits into the kernel's buffer.
void link::say_last_words() noexcept {
  const std::lock_guard lock(socket_->mutex());
  const std::span<const std::byte> output = protocol_.output();
  with_memory([&] { control_.insert(control_.end(), output.begin(), output.end()); }, [] {});
  flush_now();
}

void link::describe_handshake(event& of) const {
  const auto since = [this](zmtp::time_point when) {
    return std::chrono::duration_cast<std::chrono::microseconds>(when - started_);
  };
  if (greeted_ != zmtp::time_point{}) of.greeting_time = since(greeted_);
  of.handshake_time = since(loop_.now());
  if (announced_) of.peer = announced_;
  of.status = refused_with_;
  of.command = failed_at_;
  of.flaw = handler_flaw_;
}

void link::describe_ends(event& of) const {
  of.endpoint = options_->endpoint;
  of.peer_address = peer_address_;
  of.descriptor = descriptor();
  of.local_address = socket_->context().network().local_endpoint(of.descriptor);
  of.outgoing = options_->dialled;
}

/// What was not written whole goes out again from its start, on the next connection. Not before the last
/// write is over, which may have been done all the same.
void link::give_pipe_back() noexcept {
  const std::lock_guard lock(socket_->mutex());
  if (!pipe_ || !pipe_->keeps) return;
  pipe_->write_pending = false;
  pipe_->out.rewind();
}

void link::finish_if_idle() noexcept {
  if (state_ != state::closing || stream_->reader().pending() || stream_->writer().pending()) return;
  const std::shared_ptr<link> keep = std::move(keep_);
  state_ = state::over;
  judgement_.reset();  // and with it what anybody might still call
  stream_.reset();
  socket_->input_over(*this);
  give_pipe_back();
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->on_link_over(reason_);
  socket_->remove_link(*this);
}

}  // namespace monocoque::engine
