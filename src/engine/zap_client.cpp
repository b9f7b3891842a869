#include "engine/zap_client.hpp"

#include "engine/context_core.hpp"
#include "engine/event_queue.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/socket_core.hpp"
#include "engine/zap_messages.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace monocoque::engine {
namespace {

constexpr std::string_view handler_name = "zeromq.zap.01";
constexpr std::string_view handler_endpoint = "inproc://zeromq.zap.01";

auth_verdict no_reply(std::string why) {
  auth_verdict verdict = auth_verdict::unavailable("the ZAP handler " + std::move(why));
  verdict.flaw = zap_flaw::no_reply;
  return verdict;
}

}  // namespace

bool zap_client::has_handler() const { return context_.inproc().is_bound(std::string(handler_name)); }

void zap_client::ask(const auth_request& about, const auth_answer& answer, zmtp::time_point until) {
  questions abandoned;
  const std::shared_ptr<socket_core> socket = connected(abandoned);
  give_up(abandoned);
  const std::uint64_t number = socket ? note(answer, until) : 0;
  if (number == 0) return answer(no_reply("has too much to do"));
  message asked = zap_request(number, about);
  if (socket->try_send(asked) == succeeded) return;
  {
    const std::lock_guard lock(mutex_);
    waiting_.erase(number);
  }
  answer(no_reply("cannot be asked"));
}

/// The socket, connected to the handler that is there now. Null once the context ends. `abandoned`: what
/// another handler was asked, which has gone.
std::shared_ptr<socket_core> zap_client::connected(questions& abandoned) {
  const std::lock_guard lock(mutex_);
  if (ended_ || (!socket_ && !make_socket())) return nullptr;
  // An inproc connection ends with the handler's socket, and there may be another by now.
  if (socket_->peer_count() == 0) {
    if (events_) abandoned.swap(waiting_);
    static_cast<void>(socket_->connect(handler_endpoint, {}));
  }
  return socket_;
}

bool zap_client::make_socket() {
  socket_options options;
  options.send_high_water_mark = max_waiting;  // what nobody waits for any more is in the queue all the same
  options.receive_high_water_mark = 0;
  options.linger = std::chrono::milliseconds(0);
  options.immediate = true;
  auto made = socket_core::make(context_.shared_from_this(), socket_type::dealer, std::move(options));
  if (!made) return false;
  socket_ = *std::move(made);
  // With libzmq such a peer waits until it gives up itself. Told at once it would come again, and programs do
  // not expect that without a handler many are let in.
  if (!context_.behaves_as_libzmq()) {
    events_ = socket_->add_monitor();
    events_->listen(io::bind_callback<&zap_client::wake>(this), shared_from_this());
  }
  context_.main_loop().post(reading_, shared_from_this());
  return true;
}

/// 0: there are too many.
std::uint64_t zap_client::note(const auth_answer& answer, zmtp::time_point until) {
  std::vector<auth_answer> too_late;  // answered with nothing locked
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty() && waiting_.begin()->second.until <= context_.now()) {
      too_late.push_back(waiting_.begin()->second.answer);
      waiting_.erase(waiting_.begin());
    }
    if (waiting_.size() < max_waiting) {
      number = ++last_number_;
      waiting_.emplace(number, question{answer, until});
    }
  }
  for (const auth_answer& each : too_late) each(no_reply("has not answered in time"));
  return number;
}

/// On whatever thread, with the monitor of our socket held.
void zap_client::wake() noexcept {
  if (auto self = weak_from_this().lock()) context_.main_loop().post(reading_, std::move(self));
}

void zap_client::on_readable() noexcept {
  with_memory(
      [this] {
        take_replies();
        give_up_if_handler_is_gone();
      },
      [this] { wake(); });
}

/// After its last replies were taken.
void zap_client::give_up_if_handler_is_gone() {
  questions abandoned;
  {
    const std::lock_guard lock(mutex_);
    if (!socket_ || !events_) return;
    while (events_->try_take()) {
    }
    if (socket_->peer_count() == 0) abandoned.swap(waiting_);
  }
  give_up(abandoned);
}

void zap_client::give_up(const questions& abandoned) {
  for (const auto& [number, each] : abandoned) each.answer(no_reply("has gone"));
}

void zap_client::take_replies() {
  std::shared_ptr<socket_core> socket;
  {
    const std::lock_guard lock(mutex_);
    socket = socket_;
  }
  if (!socket) return;
  static_cast<void>(socket->leave(direction::receive, waiter_));  // it may be an event that has woken us
  for (;;) {
    message reply;
    if (socket->try_receive(reply, &waiter_) != succeeded) return;
    handle_reply(reply);
  }
}

void zap_client::handle_reply(const message& reply) {
  zap_reply read = read_zap_reply(reply);
  questions::node_type found;
  {
    const std::lock_guard lock(mutex_);
    found = waiting_.extract(read.number);
    // libzmq, which asks for each connection by itself, takes it for a wrong answer. It can be told whose if
    // only one waits.
    if (found.empty() && waiting_.size() == 1 && context_.behaves_as_libzmq()) {
      found = waiting_.extract(waiting_.begin());
      if (read.verdict.flaw == zap_flaw::none) read.verdict = verdict_after(zap_flaw::bad_request_id);
    }
  }
  if (!found.empty()) found.mapped().answer(std::move(read.verdict));
}

void zap_client::end() noexcept {
  std::shared_ptr<socket_core> socket;
  std::shared_ptr<event_queue> events;
  questions unanswered;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    socket = std::move(socket_);
    events = std::move(events_);
    unanswered.swap(waiting_);
  }
  if (!socket) return;
  if (events) events->stop_listening();
  static_cast<void>(socket->leave(direction::receive, waiter_));
  socket->begin_close();
}

}  // namespace monocoque::engine
