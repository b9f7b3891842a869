#pragma once

#include "engine/waiters.hpp"
#include "io/kept_work.hpp"
#include "zmtp/heartbeat.hpp"

#include <monocoque/authentication.hpp>
#include <monocoque/message.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace monocoque::engine {

class context_core;
class event_queue;
class socket_core;

/// Asks the ZAP handler of a context (RFC 27): whoever has bound inproc://zeromq.zap.01. One for all sockets;
/// thread-safe. It has a DEALER socket of its own, made when the first question is asked. Holds at most
/// `max_waiting` questions, and leaves at most as many in the handler's queue beyond what that takes of
/// itself. When the handler goes, what it was asked is answered as unavailable; with libzmq's manners it
/// waits for its time limit.
class zap_client : public std::enable_shared_from_this<zap_client> {
 public:
  static constexpr std::size_t max_waiting = 4096;

  explicit zap_client(context_core& context) noexcept : context_(context) {}
  zap_client(const zap_client&) = delete;
  zap_client& operator=(const zap_client&) = delete;

  [[nodiscard]] bool has_handler() const;
  /// After `until` nobody waits for the answer.
  void ask(const auth_request& about, const auth_answer& answer, zmtp::time_point until);
  /// The context ends: from now on it asks nobody.
  void end() noexcept;

 private:
  struct question {
    auth_answer answer;
    zmtp::time_point until;
  };
  using questions = std::map<std::uint64_t, question>;  // by number, and so the oldest first

  [[nodiscard]] std::shared_ptr<socket_core> connected(questions& abandoned);
  [[nodiscard]] bool make_socket();
  void give_up_if_handler_is_gone();
  [[nodiscard]] std::uint64_t note(const auth_answer& answer, zmtp::time_point until);
  void wake() noexcept;
  void on_readable() noexcept;
  void take_replies();
  void handle_reply(const message& reply);
  static void give_up(const questions& abandoned);

  context_core& context_;
  std::mutex mutex_;  // a leaf but for connecting, which takes the monitors of the two sockets
  std::shared_ptr<socket_core> socket_;
  std::shared_ptr<event_queue>
      events_;  // of the socket, which tells when the handler goes; null: nobody asks
  questions waiting_;
  std::uint64_t last_number_ = 0;
  bool ended_ = false;
  waiter waiter_{io::bind_callback<&zap_client::wake>(this)};
  io::kept_work reading_{io::bind_callback<&zap_client::on_readable>(this)};
};

}  // namespace monocoque::engine
