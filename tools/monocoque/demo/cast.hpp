#pragma once

#include "demo/peer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

namespace tool::demo {

/// A scene cannot go on: a peer ended early, or did not do in time what it had to.
class scene_failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
/// The user wants no more.
class interrupted : public std::exception {};

/// What all scenes need to know.
struct production {
  std::string program;  ///< this executable
  std::string python;
  std::string folder;  ///< for IPC endpoints
  std::string fault;
  std::chrono::milliseconds duration;  ///< of the sending in each scene
  std::stop_token stop;
  std::function<void(std::uint64_t messages, double seconds)> show;  ///< called some ten times a second
};

using group = std::vector<peer*>;

/// The peer processes of one scene, which are killed at its end whatever happens.
class cast {
 public:
  cast(const production& of, std::string transport) : of_(of), transport_(std::move(transport)) {}

  /// Starts a peer; `role` and further KEY=VALUE arguments as in roles.hpp and demo_peer.py.
  peer& start(implementation made_with, const std::string& name, const std::string& role,
              std::vector<std::string> arguments = {});
  /// An endpoint that is free to bind.
  [[nodiscard]] std::string fresh_endpoint();
  /// "fault=KIND" for the peer that is to do wrong, or nothing.
  [[nodiscard]] std::string fault() const { return "fault=" + of_.fault; }

  static void tell(const group& whom, const std::string& order);
  /// Returns when `reached`; throws scene_failed after `limit`, saying what was waited for, or when a peer
  /// ends early.
  void wait(const std::function<bool()>& reached, std::string_view what, std::chrono::milliseconds limit);
  void wait_ready(const group& whom);
  /// Orders to stop and waits until they have reported and ended.
  void finish(const group& whom);
  /// Lets them send for the scene's duration, showing the sum of `counters`' progress; `meanwhile` is called
  /// often.
  void play(const group& counters, const std::function<void()>& meanwhile = {});
  /// Goes on counting and showing until `whom` have finished.
  [[nodiscard]] double seconds_played() const;

  /// All findings of all peers.
  [[nodiscard]] std::vector<std::string> findings() const;
  [[nodiscard]] std::vector<std::uint32_t> round_trips() const;

 private:
  using clock = std::chrono::steady_clock;

  void look(std::chrono::milliseconds limit);
  void show();

  const production& of_;
  std::string transport_;
  std::vector<std::unique_ptr<peer>> peers_;
  group counters_;
  std::optional<clock::time_point> started_, stopped_;
  int endpoints_ = 0;
};

}  // namespace tool::demo
