#pragma once

#include "base/wire.hpp"
#include "zmtp/connection.hpp"
#include "zmtp/octets.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the tests of connections share: frames written by hand, and a connection whose events become text.
namespace monocoque::zmtp::testing {

using namespace std::string_literals;
using namespace std::string_view_literals;

inline std::string text_of(octets data) { return std::string(as_text(data)); }

inline std::string from_hex(std::string_view hex) {
  std::string text;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    text += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return text;
}
inline std::string frame(std::string_view payload, std::uint8_t flags = 0) {
  std::byte header[base::wire::max_header_size];
  const std::size_t size = base::wire::put_header(header, payload.size(), flags);
  return text_of({header, size}) + std::string(payload);
}
inline std::string command(std::string_view name, std::string_view data = {}) {
  return frame(std::string(1, static_cast<char>(name.size())) + std::string(name) + std::string(data),
               base::wire::flag_command);
}
inline std::string property(std::string_view name, std::string_view value) {
  std::string text(1, static_cast<char>(name.size()));
  text += name;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value.size() >> shift & 0xff);
  return text += value;
}
inline std::string ready(std::string_view type, std::string_view more = {}) {
  return command("READY", property("Socket-Type", type) + std::string(more));
}
inline std::string greeting(char major = 3, char minor = 1, std::string_view mechanism = "NULL") {
  std::string text = "\xff\0\0\0\0\0\0\0\1\x7f"s;
  text += major;
  text += minor;
  text += mechanism;
  text.resize(64, '\0');
  return text;
}

/// One connection and a log of what came out of it, with runs of messages taken apart, so that logs are the
/// same however the input was split.
class listener {
 public:
  explicit listener(config settings, time_point now = time_point{}) : peer(std::move(settings), now) {
    drain();
  }
  explicit listener(socket_type type, bool as_server = true) : listener(settings_for(type, as_server)) {}

  static config settings_for(socket_type type, bool as_server = true) {
    config settings;
    settings.socket_type = type;
    settings.as_server = as_server;
    return settings;
  }

  void feed(std::string_view input) {
    peer.handle_input(bytes::copy(input));
    drain();
  }
  void feed_in_pieces(std::string_view input, std::size_t size) {
    for (; !input.empty(); input.remove_prefix(std::min(size, input.size()))) feed(input.substr(0, size));
  }
  void drain(std::uint32_t max_messages = UINT32_MAX) {
    for (;;) {
      const bool at_rest = peer.at_rest();
      event next;
      if (messages run = peer.poll_messages(max_messages); run.count != 0) {
        next = std::move(run);
      } else {
        next = peer.poll_event(max_messages);
      }
      if (std::holds_alternative<std::monostate>(next)) break;
      if (at_rest) log.push_back("there was more than at_rest said");
      note(next);
    }
    sent += text_of(peer.output());
    peer.consume_output(peer.output().size());
  }
  /// What is sent after the handshake, as this peer is to get it.
  std::string in_its_form(std::string_view canonical) {
    if (!form) form = peer.take_form();
    if (!form) return std::string(canonical);
    std::vector<std::byte> out;
    append_in_form(*form, as_octets(canonical), out);
    return text_of(out);
  }
  void close() {
    peer.handle_eof();
    drain();
  }
  /// The output since the last call.
  std::string take_sent() { return std::exchange(sent, {}); }

  connection peer;
  std::unique_ptr<frame_form> form;
  std::vector<std::string> log;
  std::size_t batches = 0;
  std::string sent;
  errc failure{};
  std::string detail;
  peer_info who;

 private:
  void note(const event& next) {
    if (const auto* done = std::get_if<handshake_done>(&next)) {
      who = done->peer;
      log.push_back("handshake " + who.socket_type + ' ' + std::to_string(who.zmtp_major) + '.' +
                    std::to_string(who.zmtp_minor) + " id=" + who.routing_id.str());
    } else if (const auto* batch = std::get_if<messages>(&next)) {
      ++batches;
      note_messages(*batch);
    } else if (const auto* topic = std::get_if<subscription>(&next)) {
      log.push_back((topic->add ? "subscribe " : "cancel ") + topic->topic.str());
    } else if (const auto* answer = std::get_if<pong>(&next)) {
      log.push_back("pong " + answer->context.str());
    } else if (const auto* shown = std::get_if<claim>(&next)) {
      log.push_back("claim " + shown->peer.mechanism + ' ' + shown->username + ':' + shown->password + ' ' +
                    (shown->public_key.empty() ? "" : shown->public_key.z85()));
    } else if (const auto* over = std::get_if<failed>(&next)) {
      failure = static_cast<errc>(over->reason.code().value());
      detail = over->reason.detail();
      log.push_back("failed " + std::string(name_of(failure)) + ": " + detail);
    }
  }
  void note_messages(const messages& batch) {
    octets rest = batch.data.span();
    std::uint32_t count = 0;
    for (; !rest.empty(); ++count) {
      std::string line = "message ";
      for (bool more = true; more;) {
        const base::wire::frame next = base::wire::next_frame(rest);
        line += '[' + text_of(next.payload) + ']';
        more = next.more;
      }
      log.push_back(std::move(line));
    }
    if (count != batch.count) log.push_back("count is wrong");
  }
};

/// Carries bytes between two connections until neither has more to say.
inline void pump(listener& one, listener& other, std::size_t piece = SIZE_MAX) {
  while (!one.sent.empty() || !other.sent.empty()) {
    other.feed_in_pieces(one.take_sent(), piece);
    one.feed_in_pieces(other.take_sent(), piece);
  }
}

/// A listener that has done the handshake with a 3.1 peer of this type; its log is empty.
class ready_listener : public listener {
 public:
  explicit ready_listener(socket_type own, std::string_view peer_type, zmtp::limits allowed = {},
                          char minor = 1)
      : listener(with_limits(own, allowed)) {
    feed(greeting(3, minor) + ready(peer_type));
    handshake_log = std::exchange(log, {});
    (void)take_sent();
  }
  std::vector<std::string> handshake_log;

 private:
  static config with_limits(socket_type own, const zmtp::limits& allowed) {
    config settings = settings_for(own);
    settings.limits = allowed;
    return settings;
  }
};

}  // namespace monocoque::zmtp::testing
