#include "exit_status.hpp"
#include "session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

// DEALER, ROUTER, PAIR, XPUB and XSUB: what is sent and what is received have nothing to do with each other,
// so one thread sends while another receives and prints.

namespace tool {
namespace {

using namespace std::chrono_literals;

// How often a ROUTER looks whether the peer that a message is for has come.
constexpr auto route_interval = 20ms;

/// One conversation. Made and joined by `converse`; the calling thread receives, `sender_` sends.
class conversation {
 public:
  conversation(session& self, monocoque::duplex_socket& socket) : self_(self), socket_(socket) {}

  void run() {
    const std::stop_callback forward(self_.stop, [this] { over_.request_stop(); });
    std::thread sender([this] { send_everything(); });
    std::exception_ptr failure;
    try {
      receive_everything();
    } catch (...) {
      failure = std::current_exception();
    }
    // Lines that nobody typed yet are not waited for once enough was received; words are sent to the last.
    if (failure || (!self_.in.from_words() && wanted() > 0)) over_.request_stop();
    sender.join();
    self_.open_ended = !self_.command.count && (sent_all_at_ || !self_.in.from_words());
    if (send_failure_) std::rethrow_exception(send_failure_);
    if (failure) std::rethrow_exception(failure);
  }

 private:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] std::int64_t wanted() const { return self_.command.count.value_or(-1); }

  void send_everything() {
    try {
      wait_for_company();
      while (auto next = self_.next_to_send(over_.get_token())) deliver(std::move(*next));
      if (over_.stop_requested()) return;
      const std::lock_guard lock(mutex_);
      sent_all_at_ = clock::now();
    } catch (const monocoque::exception& failure) {
      // The receiving side has ended, or will by itself.
      if (failure.reason() != monocoque::errc::cancelled) keep_failure();
    } catch (...) {
      keep_failure();
    }
  }

  void keep_failure() {
    send_failure_ = std::current_exception();
    over_.request_stop();
  }

  void wait_for_company() {
    const bool publishes = socket_.type() == monocoque::socket_type::xpub;
    // What they send before somebody is there is lost; what the others send waits.
    const bool loses = publishes || socket_.type() == monocoque::socket_type::xsub;
    const std::size_t wanted = self_.command.wait_peers.value_or(loses ? 1 : 0);
    if (publishes) wait_for_subscriptions(wanted);
    self_.wait_for_peers(socket_, wanted, over_.get_token());
  }

  void wait_for_subscriptions(std::size_t wanted) {
    const auto enough = [this, wanted] { return subscriptions_ >= wanted; };
    std::unique_lock lock(mutex_);
    if (!self_.command.timeout_ms) {
      changed_.wait(lock, over_.get_token(), enough);
    } else if (!changed_.wait_for(lock, over_.get_token(), self_.command.timeout(), enough) &&
               !over_.stop_requested()) {
      throw gave_up(fmt::format("{} of {} subscribers came within {} ms", subscriptions_, wanted,
                                *self_.command.timeout_ms));
    }
  }

  // A ROUTER's message waits until the peer it is for is there.
  void deliver(monocoque::message what) {
    if (socket_.type() == monocoque::socket_type::router && what.size() < 2) {
      throw std::runtime_error(
          "a message of a ROUTER begins with a frame that names its peer: use --frames SEP");
    }
    const auto start = clock::now();
    for (;;) {
      const auto sent =
          socket_.send_for(monocoque::as_result, what, self_.command.timeout(), over_.get_token());
      if (sent) return;
      if (!(sent.error() == monocoque::errc::unroutable)) {
        session::fail(sent.error(), "could not send", self_.command.timeout());
      }
      if (self_.command.timeout_ms && clock::now() - start >= self_.command.timeout()) {
        std::string who;
        append_formatted(who, monocoque::message(what.front()), message_format::text, "");
        who.pop_back();
        throw gave_up(fmt::format("no peer with routing id {} within {} ms", who, *self_.command.timeout_ms));
      }
      if (!pause_for(route_interval, over_.get_token())) return;
    }
  }

  void receive_everything() {
    for (std::int64_t received = 0; self_.wants_more(received); ++received) {
      const monocoque::message message = receive();
      if (!message.front().empty() && message.view()[0] == '\1') {
        const std::lock_guard lock(mutex_);
        ++subscriptions_;
        changed_.notify_all();
      }
      self_.out.print(message);
    }
  }

  monocoque::message receive() {
    if (auto now = socket_.try_receive(monocoque::as_result)) return std::move(*now);
    self_.out.flush();
    const auto start = clock::now();
    for (;;) {
      auto received = socket_.receive_for(monocoque::as_result, time_left(start), over_.get_token());
      if (received) return std::move(*received);
      const bool late = received.error() == monocoque::errc::timed_out;
      if (!late || time_left(start) == 0ms) {
        session::fail(received.error(), "received nothing", self_.command.timeout());
      }
    }
  }

  // What is left of `-t`, which counts from `start` but not before there was nothing left to send.
  std::chrono::milliseconds time_left(clock::time_point start) {
    const auto limit = self_.command.timeout();
    if (!self_.command.timeout_ms) return limit;
    const std::lock_guard lock(mutex_);
    if (!sent_all_at_) return limit;
    const auto waited = clock::now() - std::max(start, *sent_all_at_);
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(limit - waited));
  }

  session& self_;
  monocoque::duplex_socket& socket_;
  std::stop_source over_;
  std::exception_ptr send_failure_;  // read after the sender was joined
  std::mutex mutex_;                 // guards what follows
  std::condition_variable_any changed_;
  std::size_t subscriptions_ = 0;
  std::optional<clock::time_point> sent_all_at_;
};

}  // namespace

void converse(session& self, monocoque::duplex_socket& socket) { conversation(self, socket).run(); }

}  // namespace tool
