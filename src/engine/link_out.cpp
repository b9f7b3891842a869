#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <utility>

namespace monocoque::engine {

/// Nothing is under way that would take along what was queued.
void link::consider_write(send_time& when) noexcept {
  if (socket_->is_inline()) {
    if (answers_now() || pipe_->out.unwritten_bytes() >= tick_write_size) flush_now();
    if (has_output()) flush_later();
    return;
  }
  // An answer and a message after a pause leave at once. What follows in a burst is left to the I/O thread,
  // which takes many at a time, unless this thread gathers a whole batch before.
  const bool now =
      answers_now() || when.after_pause(last_write_) || pipe_->out.unwritten_bytes() >= tick_write_size;
  if (now && flush_now()) when.note_write();
  if (has_output()) flush_later();
}

/// True if what is queued will be written soon, with nobody doing anything more about it.
bool link::goes_anyway(send_time& when) const noexcept {
  if ((wishes_ & wish_flush) != 0) return true;
  return flush_work_.keep && (socket_->is_inline() || !when.after_pause(last_write_));
}

void link::flush_later() noexcept {
  if (writing_ || flush_work_.keep) return;
  flush_work_.keep = shared_from_this();
  if (socket_->is_inline()) {
    loop_.defer(flush_work_);
  } else {
    loop_.post_unhurried(flush_work_);
  }
}

/// True if the application, which has received (in a threaded context: or polled) since the last such write,
/// has nothing left to receive: it is about to wait for what comes back.
bool link::answers_now() {
  if (answered_turn_ == socket_->turn() || socket_->has_input()) return false;
  answered_turn_ = socket_->turn();
  return true;
}

/// Nothing waits to go out, nor is on its way, and what goes out is the canonical form.
bool link::has_clear_way() const noexcept {
  return !writing_ && !broken_ && !refused_ && stream_ && may_send_messages() && pipe_->out.empty() &&
         control_.empty() && control_out_.empty() && form_ == nullptr;
}

bool link::write_answer(std::span<const std::byte> prefix, std::span<const bytes> message) {
  std::array<std::byte, max_answer_prefix + base::short_frame_room>
      encoded;  // NOLINT: filled as far as it is used
  detail::copy_short(encoded.data(), prefix.data(), prefix.size());
  std::byte* const end = base::put_short_frame(encoded.data() + prefix.size(), message.front(), 0);
  const iovec all{encoded.data(), static_cast<std::size_t>(end - encoded.data())};
  const io::write_outcome done = stream_->writer().try_write({&all, 1});
  written_ += done.size;
  if (!socket_->is_inline() && done.size > 0) {
    last_write_ = clock::now();
    loop_.note_progress();
  }
  if (done.error == 0 && done.size == all.iov_len) {
    pipe_->counters.sent += traffic_count{1, done.size};
    return true;
  }
  try {
    pipe_->out.append(prefix, message);
  } catch (...) {
    if (done.size > 0) close_soon(out_of_memory());  // there is no rest of it to be sent
    throw;
  }
  if (done.size > 0) note_sent(done.size);
  broken_ = done.error != 0;
  refused_ = !broken_;
  if (refused_) flush_later();
  return false;
}

bool link::flush_now() noexcept {
  const write_list* const list = prepare_write(holding::throughout);
  if (list == nullptr) return false;
  const io::write_outcome done = stream_->writer().try_write(list->used());
  end_write();
  if (done.error != 0) {
    broken_ = true;
    return false;
  }
  complete_write(done.size);
  if (!socket_->is_inline()) loop_.note_progress();
  refused_ = has_output();
  if (refused_) flush_later();
  return done.size > 0;
}

void link::queue_subscription(bool add, std::span<const std::byte> topic) noexcept {
  if (!add_control([&] { protocol_.encode_subscription(add, topic, control_); })) return;
  if (!writing_ && !broken_) ask(wish_flush);
}

void link::queue_greeting(const bytes& frame) noexcept {
  const bool added = add_control([&] {
    std::vector<std::byte> canonical(base::wire::max_header_size);
    canonical.resize(base::wire::put_header(canonical.data(), frame.size(), 0));
    canonical.insert(canonical.end(), frame.begin(), frame.end());
    control_.insert(control_.end(), canonical.begin(), canonical.end());
  });
  if (added && !writing_ && !broken_) ask(wish_flush);
}

bool link::has_output() const noexcept {
  return !control_.empty() || !control_out_.empty() || (may_send_messages() && !pipe_->out.empty());
}

// A kept pipe's messages count from the start, not only once the handshake is done.
bool link::drained() const noexcept {
  return broken_ || (!writing_ && !has_output() && (!pipe_ || pipe_->out.empty()));
}

/// What comes next. Null if that is nothing, or if there is no memory to collect it, which is tried again
/// later.
write_list* link::prepare_write(holding monitor) noexcept {
  if (writing_ || broken_ || !stream_) return nullptr;
  try {
    const bool between_messages = transcript_.empty() && (!pipe_ || pipe_->out.at_boundary());
    if (control_out_.empty() && between_messages) begin_control();
    if (form_ != nullptr) rewrite(monitor);
    write_list& list = socket_->lists().fresh();
    return gather(list) ? &list : nullptr;
  } catch (const std::bad_alloc&) {
    ask(wish_retry);
    return nullptr;
  }
}

/// Collects commands, which are there if no message is half way out, then messages.
bool link::gather(write_list& into) {
  const bool with_messages = may_send_messages() && !pipe_->out.empty();
  if (!control_out_.empty()) {
    into.add(control_out_.data() + control_sent_, control_out_.size() - control_sent_);
  }
  if (form_ != nullptr) {
    if (!transcript_.empty()) transcript_.add_to(into);
  } else if (with_messages) {
    // Commands that wait go in as soon as the message under way is out, however long the queue behind it is.
    into.count +=
        control_.empty() ? pipe_->out.gather(into.room()) : pipe_->out.gather_first_message(into.room());
  }
  if (into.count == 0) return false;
  writing_ = true;
  refused_ = false;
  if (with_messages) pipe_->write_pending = true;
  return true;
}

/// What was gathered may be dropped again, unless half of its transcript is out.
void link::end_write() noexcept {
  writing_ = false;
  if (pipe_) pipe_->write_pending = !transcript_.empty();
}

/// What is to be said between messages begins to go out: the handshake as it is, the rest in the peer's form.
void link::begin_control() {
  if (form_ == nullptr) return control_out_.swap(control_);
  if (handshake_size_ != 0) {
    const auto end = control_.begin() + static_cast<std::ptrdiff_t>(handshake_size_);
    control_out_.assign(control_.begin(), end);
    control_.erase(control_.begin(), end);
    handshake_size_ = 0;
    return;
  }
  std::vector<std::byte> formed;
  zmtp::append_in_form(*form_, control_, formed);
  control_out_ = std::move(formed);
  std::vector<std::byte>().swap(control_);
}

/// That a write is under way keeps everybody else from what is rewritten, if the monitor is let go of.
class link::rewriting {
 public:
  rewriting(link& what, holding monitor) : what_(what), lets_go_(monitor == holding::but_to_rewrite) {
    what_.writing_ = what_.pipe_->write_pending = true;
    if (lets_go_) what_.socket_->mutex().unlock();
  }
  ~rewriting() {
    if (lets_go_) what_.socket_->mutex().lock();
    what_.end_write();
  }
  rewriting(const rewriting&) = delete;
  rewriting& operator=(const rewriting&) = delete;

 private:
  link& what_;
  const bool lets_go_;
};

/// The messages that come next, in the peer's form. Commands that wait go in as soon as the message under way
/// is out.
void link::rewrite(holding monitor) {
  if (!transcript_.empty() || !may_send_messages() || pipe_->out.empty()) return;
  std::array<iovec, write_list::max_pieces> pieces;  // NOLINT: filled as far as it is read
  const std::size_t count = pipe_->out.gather(pieces);
  const bool one_message = !control_.empty();
  transcript::extent taken;
  {
    const rewriting meanwhile(*this, monitor);
    taken = transcript_.write(std::span(pieces).first(count), one_message, *form_, *pipe_->slabs);
  }
  pipe_->out.narrow(taken.bytes, taken.whole_messages);
}

void link::complete_write(std::size_t size) noexcept {
  progressed_ = true;
  written_ += size;
  if (!socket_->is_inline()) last_write_ = clock::now();
  if (!control_out_.empty()) {
    const std::size_t sent = std::min(size, control_out_.size() - control_sent_);
    control_sent_ += sent;
    size -= sent;
    if (control_sent_ == control_out_.size()) {
      if (!std::exchange(ping_is_next_, false) && ping_end_ == not_out) ping_end_ = written_ - size;
      let_go_of_control();
    }
  }
  if (size == 0 || !pipe_) return;
  if (!transcript_.empty()) {
    size = transcript_.sent(size);
    if (size == 0) return;
    pipe_->write_pending = false;
  }
  note_sent(size);
  socket_->after_write(*pipe_);
}

void link::note_sent(std::size_t canonical_size) noexcept {
  const std::uint64_t before = pipe_->out.messages();
  pipe_->out.written(canonical_size);
  pipe_->counters.sent.messages += before - pipe_->out.messages();
  pipe_->counters.sent.bytes += canonical_size;
}

void link::start_write() noexcept {
  if (prepare_write(holding::but_to_rewrite) == nullptr) return;
  in_flight_ = socket_->lists().take();
  stream_->writer().write(in_flight_->used(), io::bind_callback<&link::on_written>(this));
}

void link::on_written(io::write_outcome& done) noexcept {
  const std::shared_ptr<link> keep = shared_from_this();
  bool finished = false;
  {
    const std::lock_guard lock(socket_->mutex());
    end_write();
    socket_->lists().give_back(std::move(in_flight_));
    if (done.error != 0) {
      broken_ = true;
    } else if (state_ < state::closing) {
      complete_write(done.size);
      if (has_output()) start_write();
    } else if (pipe_ && pipe_->keeps) {
      complete_write(done.size);  // the peer may have it, so it must not go out again on the next connection
    }
    finished = close_drained_ && drained();
  }
  if (state_ == state::closing) {
    finish_if_idle();
  } else if (finished) {
    part();
  } else {
    with_memory_or_close([this] { send_protocol_output(); });
  }
}

}  // namespace monocoque::engine
