#pragma once

#include "demo/control.hpp"
#include "demo/payload.hpp"

#include <monocoque/context.hpp>
#include <monocoque/sockets.hpp>

#include <string>
#include <vector>

namespace tool::demo {

/// What a role is played with; made and owned by run_demo_peer.
struct stage {
  monocoque::context& context;
  control& orders;
  const settings& set;

  /// The order "stop" has come.
  [[nodiscard]] bool stopping() const { return orders.has("stop"); }
  void altered(std::string_view where) const { orders.wrong("altered", where); }
};

/// Does to the messages of one sender what the setting `fault` says, once: the demonstration must notice.
class fault {
 public:
  explicit fault(std::string kind) : kind_(std::move(kind)) {}
  /// What is to be sent in place of `message`.
  [[nodiscard]] std::vector<monocoque::message> applied(std::uint32_t sequence, monocoque::message message);

 private:
  std::string kind_;  // alter, lose, repeat, reorder; empty: none
  std::optional<monocoque::message> held_;
};

/// How long a peer waits for a message that must come, before it calls it lost.
inline constexpr std::chrono::milliseconds patience{8'000};
/// How often a waiting peer looks for orders.
inline constexpr std::chrono::milliseconds look_interval{50};

void play_broker(stage& on);
void play_rep(stage& on);
void play_req(stage& on);
void play_pub(stage& on);
void play_sub(stage& on);
void play_push(stage& on);
void play_worker(stage& on);
void play_pull(stage& on);
void play_router(stage& on);
void play_dealer(stage& on);

}  // namespace tool::demo
