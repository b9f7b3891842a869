#pragma once

#include "zmtp/mechanism/curve_test_support.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A conversation that is the same each time: what was recorded of one side can be said to the other again,
/// as it was or changed.
namespace monocoque::zmtp::testing {

/// A connection that draws the same random numbers each time.
struct reproducible {
  reproducible(config settings, std::uint64_t seed) : random(seed), peer(std::move(settings)) {}
  void hear(std::string_view text, std::size_t piece = SIZE_MAX) {
    const raw::scoped_random own(random);
    peer.feed_in_pieces(text, piece);
  }
  void decide(verdict decided = {}) {
    const raw::scoped_random own(random);
    peer.peer.handle_verdict(std::move(decided));
    peer.drain();
  }

  raw::known_random random;
  listener peer;
};

/// Whole frames, one after another.
inline std::vector<std::string> split_frames(std::string_view text) {
  std::vector<std::string> found;
  for (octets rest = as_octets(text); !rest.empty();) {
    const octets before = rest;
    static_cast<void>(base::wire::next_frame(rest));
    found.push_back(text_of(before.first(before.size() - rest.size())));
  }
  return found;
}

/// Who says what to whom.
enum class role : std::uint8_t { client, server };
inline role other(role one) { return one == role::client ? role::server : role::client; }

class curve_script {
 public:
  /// What is said, by either side.
  enum step : std::size_t {
    first_words,
    first_command,
    second_command,
    first_message,
    second_message,
    steps
  };

  explicit curve_script(curve_sides keys = {}, std::uint64_t seed = 1) : keys_(std::move(keys)), seed_(seed) {
    const auto server = fresh(role::server);
    const auto client = fresh(role::client);
    pump(*server, *client);
    server->decide();
    pump(*server, *client);
    said_[0] = cut(said_[0][0]);
    said_[1] = cut(said_[1][0]);
    for (const std::string_view message : {"the first one", "the second"}) {
      said(role::client).push_back(client->peer.in_its_form(frame(message)));
      said(role::server).push_back(server->peer.in_its_form(frame(message)));
    }
  }

  /// What that side says.
  [[nodiscard]] const std::vector<std::string>& by(role whom) const {
    return said_[static_cast<std::size_t>(whom)];
  }
  /// The very one that the conversation was recorded with, before it has heard anything.
  [[nodiscard]] std::unique_ptr<reproducible> fresh(role whom) const {
    if (whom == role::server) return std::make_unique<reproducible>(secured(keys_.server(), true), seed_);
    return std::make_unique<reproducible>(secured(keys_.client(), false), ~seed_);
  }
  /// The same when it has heard everything up to `before`; its log is empty.
  [[nodiscard]] std::unique_ptr<reproducible> at(role whom, std::size_t before) const {
    auto made = fresh(whom);
    for (std::size_t i = 0; i < before; ++i) say(i, *made, whom);
    made->peer.log.clear();
    made->peer.sent.clear();
    return made;
  }
  /// It hears the next thing as it was, and is told that the peer may come in.
  void say(std::size_t what, reproducible& to, role whom, std::size_t piece = SIZE_MAX) const {
    to.hear(by(other(whom))[what], piece);
    if (whom == role::server && what == second_command) to.decide();
  }
  [[nodiscard]] const curve_sides& keys() const noexcept { return keys_; }

 private:
  [[nodiscard]] std::vector<std::string>& said(role whom) { return said_[static_cast<std::size_t>(whom)]; }
  void pump(reproducible& server, reproducible& client) {
    for (auto& each : said_) each.resize(1);
    while (!server.peer.sent.empty() || !client.peer.sent.empty()) {
      const std::string from_server = server.peer.take_sent();
      const std::string from_client = client.peer.take_sent();
      said(role::server)[0] += from_server;
      said(role::client)[0] += from_client;
      client.hear(from_server);
      server.hear(from_client);
    }
  }
  static std::vector<std::string> cut(const std::string& all) {
    std::vector<std::string> made = split_frames(std::string_view(all).substr(64));
    made.insert(made.begin(), all.substr(0, 64));
    return made;
  }

  const curve_sides keys_;
  const std::uint64_t seed_;
  std::vector<std::string> said_[2];
};

}  // namespace monocoque::zmtp::testing
