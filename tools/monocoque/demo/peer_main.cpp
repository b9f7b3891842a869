#include "demo/peer_main.hpp"

#include "demo/roles.hpp"
#include "exit_status.hpp"

#include <exception>
#include <map>
#include <unistd.h>

namespace tool {
namespace demo {

std::vector<monocoque::message> fault::applied(std::uint32_t sequence, monocoque::message message) {
  constexpr std::uint32_t at = 21;  // some way in, and not an empty message
  constexpr std::uint32_t later =
      at + 100;  // far enough for whoever shares the stream to have got something between
  std::vector<monocoque::message> sent;
  const bool now = sequence == at;
  if (now && kind_ == "alter") {
    sent.push_back(altered(message));
  } else if (now && kind_ == "repeat") {
    sent.push_back(message);
    sent.push_back(std::move(message));
  } else if (now && kind_ == "reorder") {
    held_ = std::move(message);
  } else if (!now || kind_ != "lose") {
    sent.push_back(std::move(message));
  }
  if (held_ && sequence == later) {
    sent.push_back(std::move(*held_));
    held_.reset();
  }
  return sent;
}

}  // namespace demo

int run_demo_peer(const std::vector<std::string>& words) {
  using namespace demo;
  static const std::map<std::string, void (*)(stage&)> roles{
      {"broker", play_broker}, {"rep", play_rep},      {"req", play_req},       {"pub", play_pub},
      {"sub", play_sub},       {"push", play_push},    {"worker", play_worker}, {"pull", play_pull},
      {"router", play_router}, {"dealer", play_dealer}};
  const settings set(words);
  const auto role = roles.find(set.text("role"));
  if (role == roles.end()) throw wrong_usage("demo-peer: unknown role; this command is for `monocoque demo`");
  control orders;
  try {
    {
      monocoque::context context;
      stage on{context, orders, set};
      role->second(on);
    }
    control::report("done");
  } catch (const std::exception& failure) {
    control::report(std::string("failed ") + failure.what());
    ::_exit(exit_failed);
  }
  ::_exit(exit_done);  // the reader of orders still waits for input
}

}  // namespace tool
