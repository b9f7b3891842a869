#include "engine/zap_client.hpp"

#include "engine/context_core.hpp"
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

}  // namespace

bool zap_client::has_handler() const { return context_.inproc().is_bound(std::string(handler_name)); }

void zap_client::ask(const auth_request& about, const auth_answer& answer, zmtp::time_point until) {
  const std::shared_ptr<socket_core> socket = connected();
  const std::uint64_t number = socket ? note(answer, until) : 0;
  if (number == 0) return answer(auth_verdict::unavailable("the ZAP handler has too much to do"));
  message asked = zap_request(number, about);
  if (socket->try_send(asked) == succeeded) return;
  {
    const std::lock_guard lock(mutex_);
    waiting_.erase(number);
  }
  answer(auth_verdict::unavailable("the ZAP handler cannot be asked"));
}

/// The socket, connected to the handler that is there now. Null once the context ends.
std::shared_ptr<socket_core> zap_client::connected() {
  const std::lock_guard lock(mutex_);
  if (ended_) return nullptr;
  if (!socket_) {
    socket_options options;
    options.send_high_water_mark =
        max_waiting;  // what nobody waits for any more is in the queue all the same
    options.receive_high_water_mark = 0;
    options.linger = std::chrono::milliseconds(0);
    options.immediate = true;
    auto made = socket_core::make(context_.shared_from_this(), socket_type::dealer, std::move(options));
    if (!made) return nullptr;
    socket_ = *std::move(made);
    context_.main_loop().post(reading_, shared_from_this());
  }
  // An inproc connection ends with the handler's socket, and there may be another by now.
  if (socket_->peer_count() == 0) static_cast<void>(socket_->connect(handler_endpoint, {}));
  return socket_;
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
  for (const auth_answer& each : too_late)
    each(auth_verdict::unavailable("the ZAP handler has not answered in time"));
  return number;
}

/// On the thread of the handler, with the monitor of our socket held.
void zap_client::wake() noexcept {
  if (auto self = weak_from_this().lock()) context_.main_loop().post(reading_, std::move(self));
}

void zap_client::on_readable() noexcept {
  with_memory([this] { take_replies(); }, [this] { wake(); });
}

void zap_client::take_replies() {
  std::shared_ptr<socket_core> socket;
  {
    const std::lock_guard lock(mutex_);
    socket = socket_;
  }
  if (!socket) return;
  for (;;) {
    message reply;
    if (socket->try_receive(reply, &waiter_) != succeeded) return;
    handle_reply(reply);
  }
}

void zap_client::handle_reply(const message& reply) {
  zap_reply read = read_zap_reply(reply);
  std::map<std::uint64_t, question>::node_type found;
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
  std::map<std::uint64_t, question> unanswered;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    socket = std::move(socket_);
    unanswered.swap(waiting_);
  }
  if (!socket) return;
  static_cast<void>(socket->leave(direction::receive, waiter_));
  socket->begin_close();
}

}  // namespace monocoque::engine
