#include "exit_status.hpp"
#include "session.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

// What each kind of socket does with what it gets: sockets of one direction, and those in strict turn.

namespace tool {
namespace {

using namespace std::chrono_literals;

// Without a subscription for so long, a subscriber has said all that it subscribes to.
constexpr auto settling_time = 100ms;

bool is_subscription(const monocoque::message& message) {
  const std::string_view text = message.view();
  return !text.empty() && text[0] == '\1';
}

// Before its subscribers are known a PUB would send into the void. Subscriptions do not say whose they are,
// so peers are counted too.
void wait_for_subscribers(session& self, monocoque::xpub& socket, std::size_t wanted) {
  for (std::size_t subscriptions = 0; subscriptions < wanted;) {
    const auto report = socket.receive_for(monocoque::as_result, self.command.timeout(), self.stop);
    if (!report) {
      session::fail(report.error(), fmt::format("{} of {} subscribers came", subscriptions, wanted),
                    self.command.timeout());
    }
    if (is_subscription(*report)) ++subscriptions;
  }
  self.wait_for_peers(socket, wanted, self.stop);
  // A subscriber's topics come one by one; the last one's others are likely to be on their way.
  while (wanted > 0 && socket.receive_for(monocoque::as_result, settling_time, self.stop)) continue;
}

}  // namespace

void send_only(session& self, monocoque::sending_socket& socket) {
  self.wait_for_peers(socket, self.command.wait_peers.value_or(0), self.stop);
  for (std::int64_t sent = 0; self.wants_more(sent); ++sent) {
    auto next = self.next_to_send(self.stop);
    if (!next) break;
    self.send(socket, std::move(*next), self.stop);
  }
}

void publish(session& self, monocoque::xpub& socket) {
  wait_for_subscribers(self, socket, self.command.wait_peers.value_or(1));
  for (std::int64_t sent = 0; self.wants_more(sent); ++sent) {
    auto next = self.next_to_send(self.stop);
    if (!next) break;
    while (socket.try_receive()) continue;  // later subscriptions: nobody asks
    self.send(socket, std::move(*next), self.stop);
  }
}

void receive_only(session& self, monocoque::receiving_socket& socket) {
  self.open_ended = !self.command.count;
  for (std::int64_t received = 0; self.wants_more(received); ++received) {
    self.out.print(self.receive(socket, self.stop));
  }
}

void request(session& self, monocoque::req& socket) {
  self.wait_for_peers(socket, self.command.wait_peers.value_or(0), self.stop);
  for (std::int64_t done = 0; self.wants_more(done); ++done) {
    self.out.flush();
    auto next = self.next_to_send(self.stop);
    if (!next) break;
    self.send(socket, std::move(*next), self.stop);
    self.out.print(self.receive(socket, self.stop));
  }
}

void reply(session& self, monocoque::rep& socket) {
  const socket_command& command = self.command;
  const bool answers_itself = command.echo || command.reply.has_value();
  self.open_ended = !command.count && (answers_itself || !self.in.from_words());
  for (std::int64_t answered = 0; self.wants_more(answered); ++answered) {
    if (!answers_itself && self.in.from_words() && !self.in.words_left()) break;
    monocoque::message question = self.receive(socket, self.stop);
    self.out.print(question);
    std::optional<monocoque::message> answer;
    if (command.echo) {
      answer = std::move(question);
    } else if (command.reply) {
      answer = split_frames(*command.reply, command.separator);
    } else {
      self.out.flush();
      answer = self.next_to_send(self.stop);
      if (!answer) break;
    }
    self.send(socket, std::move(*answer), self.stop);
  }
}

}  // namespace tool
