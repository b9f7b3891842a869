#include "demo/cast.hpp"

#include "demo/peer_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <poll.h>
#include <utility>

namespace tool::demo {
namespace {

using namespace std::chrono_literals;

// Generous: a loaded machine may take long to start a dozen processes, and a lost message is noticed by the
// peers.
constexpr auto start_limit = 20s;
constexpr auto finish_limit = 20s;
constexpr auto glance_interval = 50ms;

}  // namespace

peer& cast::start(implementation made_with, const std::string& name, const std::string& role,
                  std::vector<std::string> arguments) {
  std::vector<std::string> words;
  if (made_with == implementation::monocoque) {
    words = {of_.program, "demo-peer"};
  } else {
    words = {of_.python, "-c", std::string(peer_script)};
  }
  words.push_back("role=" + role);
  std::ranges::move(arguments, std::back_inserter(words));
  peers_.push_back(std::make_unique<peer>(name, made_with, words));
  return *peers_.back();
}

std::string cast::fresh_endpoint() {
  if (transport_ == "tcp") return "tcp://127.0.0.1:0";
  return fmt::format("ipc://{}/{}", of_.folder, ++endpoints_);
}

void cast::tell(const group& whom, const std::string& order) {
  for (peer* one : whom) one->tell(order);
}

// One round of reading reports; a peer that ended without being done is the end of the scene.
void cast::look(std::chrono::milliseconds limit) {
  std::vector<pollfd> watched;
  for (const auto& one : peers_) {
    if (one->ended()) continue;
    watched.push_back({one->child().reports(), POLLIN, 0});
    watched.push_back({one->child().errors(), 0, 0});
  }
  ::poll(watched.data(), watched.size(), static_cast<int>(limit.count()));
  for (const auto& one : peers_) {
    if (one->ended() || one->read_reports() || one->done) continue;
    throw scene_failed(one->findings.empty() ? one->why_ended() : one->findings.back());
  }
  if (of_.stop.stop_requested()) throw interrupted();
}

void cast::wait(const std::function<bool()>& reached, std::string_view what,
                std::chrono::milliseconds limit) {
  const auto deadline = clock::now() + limit;
  while (!reached()) {
    if (clock::now() >= deadline) {
      throw scene_failed(fmt::format("{} took more than {} s", what, limit / 1s));
    }
    look(glance_interval);
    show();
  }
}

void cast::wait_ready(const group& whom) {
  wait([&whom] { return std::ranges::all_of(whom, [](const peer* one) { return one->ready; }); },
       "starting the peers", start_limit);
}

void cast::finish(const group& whom) {
  tell(whom, "stop");
  wait(
      [&whom] {
        return std::ranges::all_of(whom, [](const peer* one) { return one->done && one->ended(); });
      },
      "finishing", finish_limit);
}

void cast::play(const group& counters, const std::function<void()>& meanwhile) {
  counters_ = counters;
  started_ = clock::now();
  const auto end = *started_ + of_.duration;
  while (clock::now() < end) {
    look(std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now()), 1ms,
                    std::chrono::milliseconds(glance_interval)));
    if (meanwhile) meanwhile();
    show();
  }
}

double cast::seconds_played() const {
  return started_ ? std::chrono::duration<double>(clock::now() - *started_).count() : 0;
}

void cast::show() {
  std::uint64_t messages = 0;
  for (const peer* one : counters_) messages += one->progress;
  of_.show(messages, seconds_played());
}

std::vector<std::string> cast::findings() const {
  std::vector<std::string> all;
  for (const auto& one : peers_) all.insert(all.end(), one->findings.begin(), one->findings.end());
  return all;
}

std::vector<std::uint32_t> cast::round_trips() const {
  std::vector<std::uint32_t> all;
  for (const auto& one : peers_) all.insert(all.end(), one->round_trips.begin(), one->round_trips.end());
  return all;
}

}  // namespace tool::demo
