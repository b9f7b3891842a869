#pragma once

#include "input.hpp"
#include "output.hpp"
#include "socket_command.hpp"

#include <monocoque/context.hpp>
#include <monocoque/sockets.hpp>

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

namespace tool {

/// What the ways of using a socket share: the command, the input, the output, and waits with the command's
/// limit. Belongs to `run`; the input and the output each belong to one thread at a time.
class session {
 public:
  session(const socket_command& command, std::stop_token stop);

  const socket_command& command;
  const std::stop_token stop;  // fired from outside the process
  input in;
  output out;
  /// Everything that was asked for is done, and only more messages are waited for: being stopped is no
  /// failure now.
  bool open_ended = false;

  /// The next message to send, after the interval that is to lie between two.
  [[nodiscard]] std::optional<monocoque::message> next_to_send(const std::stop_token& until);

  /// Sends, waiting at most as long as `-t` says. Throws gave_up at the limit.
  template <class Socket>
  void send(Socket& socket, monocoque::message what, const std::stop_token& until) {
    const auto sent = socket.send_for(monocoque::as_result, what, command.timeout(), until);
    if (!sent) fail(sent.error(), "could not send", command.timeout());
  }

  /// The next message, waiting at most as long as `-t` says. Throws gave_up at the limit.
  template <class Socket>
  [[nodiscard]] monocoque::message receive(Socket& socket, const std::stop_token& until) {
    if (auto now = socket.try_receive(monocoque::as_result)) return std::move(*now);
    out.flush();
    auto received = socket.receive_for(monocoque::as_result, command.timeout(), until);
    if (!received) fail(received.error(), "received nothing", command.timeout());
    return std::move(*received);
  }

  /// Waits until `-n` messages were `done`; false if no more are wanted.
  [[nodiscard]] bool wants_more(std::int64_t done) const { return !command.count || done < *command.count; }

  /// Waits for as many peers as were asked for.
  void wait_for_peers(const monocoque::socket& socket, std::size_t wanted,
                      const std::stop_token& until) const;

  /// Throws gave_up ("WHAT within 500 ms") for a deadline, monocoque::exception for any other error.
  [[noreturn]] static void fail(const monocoque::error& reason, std::string_view what,
                                std::chrono::milliseconds limit);

 private:
  bool sent_one_ = false;
};

/// Waits; false if `until` fires first.
bool pause_for(std::chrono::milliseconds duration, const std::stop_token& until);

/// The pieces of `run`, by what the socket type can do.
void send_only(session& self, monocoque::sending_socket& socket);
void publish(session& self, monocoque::xpub& socket);
void receive_only(session& self, monocoque::receiving_socket& socket);
void request(session& self, monocoque::req& socket);
void reply(session& self, monocoque::rep& socket);
void converse(session& self, monocoque::duplex_socket& socket);

}  // namespace tool
