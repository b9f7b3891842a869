#include "session.hpp"

#include "exit_status.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <utility>

namespace tool {
namespace {

using namespace std::chrono_literals;

// How often a condition is looked at that nothing announces.
constexpr auto poll_interval = 10ms;

std::string joined_by(const socket_command& command) {
  return command.separator.empty() ? " " : command.separator;
}

}  // namespace

session::session(const socket_command& chosen, std::stop_token stopped)
    : command(chosen),
      stop(std::move(stopped)),
      in(chosen.words, chosen.separator),
      out(chosen.format, joined_by(chosen)) {}

std::optional<monocoque::message> session::next_to_send(const std::stop_token& until) {
  if (sent_one_ && (in.words_left() || !in.from_words())) {
    if (!pause_for(std::chrono::milliseconds(command.interval_ms), until)) return std::nullopt;
  }
  sent_one_ = true;
  return in.next(until);
}

void session::wait_for_peers(const monocoque::socket& socket, std::size_t wanted,
                             const std::stop_token& until) const {
  const auto start = std::chrono::steady_clock::now();
  while (socket.peer_count() < wanted) {
    if (command.timeout_ms && std::chrono::steady_clock::now() - start >= command.timeout()) {
      throw gave_up(
          fmt::format("{} of {} peers came within {} ms", socket.peer_count(), wanted, *command.timeout_ms));
    }
    if (!pause_for(poll_interval, until)) throw monocoque::exception(monocoque::errc::cancelled);
  }
}

void session::fail(const monocoque::error& reason, std::string_view what, std::chrono::milliseconds limit) {
  if (reason == monocoque::errc::timed_out || reason == monocoque::errc::would_block) {
    throw gave_up(fmt::format("{} within {} ms", what, limit.count()));
  }
  throw monocoque::exception(reason);
}

bool pause_for(std::chrono::milliseconds duration, const std::stop_token& until) {
  if (duration.count() > 0) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    (void)never.wait_for(lock, until, duration, [] { return false; });
  }
  return !until.stop_requested();
}

}  // namespace tool
