#pragma once

#include "tests/simulation/chance.hpp"
#include "tests/simulation/weather.hpp"

#include <monocoque/socket.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace monocoque::simulation {

class host;

/// A world of hosts with a network between them, in virtual time and one thread. Time passes only while
/// nobody has anything to do, and then jumps to the next thing that happens, so an hour takes as long as what
/// happens in it. The seed decides all: the same seed, the same `trace`.
///
/// One world at a time on a thread. Owns its hosts, which own their contexts; the contexts are ended (`end`)
/// while the world still runs.
class world {
 public:
  world(std::uint64_t seed, const weather& of_the_network);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  /// The one that lives on this thread.
  [[nodiscard]] static world& current() noexcept;

  /// One of a name and address that was there before takes the place of that one, which must have died.
  [[nodiscard]] host& add_host(const std::string& name);
  // Null if there is none.
  [[nodiscard]] host* find_host_at(std::uint32_t address) noexcept;
  [[nodiscard]] host* find_host(std::string_view name) noexcept;
  [[nodiscard]] host* find_host(unsigned number) noexcept;

  [[nodiscard]] time_point now() const noexcept { return now_; }
  [[nodiscard]] chance& dice() noexcept { return dice_; }
  [[nodiscard]] const weather& conditions() const noexcept { return conditions_; }
  /// False once the network does nobody any harm any more.
  [[nodiscard]] bool is_rough() const noexcept { return now_ < clears_at_; }
  [[nodiscard]] time_point clears_at() const noexcept { return clears_at_; }
  void expect_trouble(time_point until) noexcept { troubled_until_ = std::max(troubled_until_, until); }
  /// True while that is not so, something that was planned is still to come, or somebody is cut off.
  [[nodiscard]] bool is_troubled() const noexcept { return now_ < std::max(clears_at_, troubled_until_); }

  /// Calls `what` when it is so late.
  void at(time_point when, std::function<void()> what);
  void after(nanoseconds delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  /// The same, but not in the middle of anything: within `run_until`, between the turns of the hosts. May run
  /// the world, and so may take its time; then what is planned for meanwhile comes late.
  void plan(time_point when, std::function<void()> what);
  [[nodiscard]] bool has_plans() const noexcept { return !plans_.empty(); }

  /// Runs until `done`; false if that does not come within `limit`, or if nothing can ever happen any more.
  bool run_until(const std::function<bool()>& done, nanoseconds limit);
  /// The same for a host that waits in a blocking call: the others go on until it has something to deliver,
  /// or until `deadline`.
  void run_others(host& waiting, time_point deadline);
  /// Ends all contexts, in the order of the hosts.
  void end();

  /// Everything of interest goes through here: into the trace, and to standard error if MONOCOQUE_SIM_TRACE
  /// is set.
  void note(std::string_view what, std::uint64_t which = 0, std::uint64_t how_much = 0);
  [[nodiscard]] std::uint64_t trace() const noexcept { return trace_; }

  /// Bytes that one host gave its system to send to another and that this one's process never read, on so
  /// many connections; and those that it did read.
  struct loss {
    std::uint64_t bytes = 0;
    std::uint64_t connections = 0;
    std::uint64_t read = 0;
  };
  /// The number of a new connection; later ones have larger numbers.
  [[nodiscard]] std::uint64_t note_connection(const host& from, const host& to);
  /// How often `from` has connected to `to`.
  [[nodiscard]] std::uint64_t connections(const host& from, const host& to) const;
  void note_end(const host& from, const host& to, std::uint64_t written, std::uint64_t read);
  [[nodiscard]] loss lost(const host& from, const host& to) const;
  [[nodiscard]] std::uint64_t ticks() const noexcept { return ticks_; }
  /// Something befell that connection which its peers might take for the death of the other.
  void note_disturbed(std::uint64_t connection) { disturbed_.insert(connection); }
  /// Whoever gives a peer up for missing heartbeats must have had a reason. While MONOCOQUE_SIM_TRACE is set,
  /// the socket's events are told as well, as they happen.
  void watch(std::string name, const socket& watched, bool has_heartbeats = false);
  /// Something is wrong.
  void complain(std::string what);
  [[nodiscard]] const std::vector<std::string>& complaints() const noexcept { return complaints_; }

 private:
  struct event {
    time_point when;
    std::uint64_t number;  // of two at the same time the older one comes first
    std::function<void()> what;
  };
  struct watched_socket {
    std::string name;
    monitor events;
  };
  bool step(const host* waiting = nullptr);
  void carry_out_plans();
  void check(const watched_socket& whose, const monocoque::event& happened);
  bool run_due();
  [[nodiscard]] host* pick_runnable();
  [[nodiscard]] time_point next_moment(bool with_plans) const;
  void plan_exhaustion(host& of);

  time_point now_;
  chance dice_;
  weather conditions_;
  time_point clears_at_;
  std::vector<std::shared_ptr<host>> hosts_;
  std::vector<event> events_;  // a heap
  std::uint64_t events_made_ = 0;
  std::uint64_t ticks_ = 0;
  std::uint64_t trace_ = 0;
  void tell_events();
  void tell(std::string_view what, std::uint64_t which, std::uint64_t how_much) const;
  const bool tells_;
  std::vector<watched_socket> watched_;
  std::map<std::pair<const host*, const host*>, loss> losses_;
  std::map<std::pair<const host*, const host*>, std::uint64_t> connections_;
  std::uint64_t connections_made_ = 0;
  std::set<std::uint64_t> disturbed_;
  std::multimap<time_point, std::function<void()>> plans_;
  bool carries_out_ = false;
  time_point troubled_until_{};
  std::vector<std::string> complaints_;
};

/// Ends the program, with the reason and with how to see it again: for what cannot be reported by an answer.
[[noreturn]] void give_up(std::string_view why);
/// What `give_up` and failing tests say of the world they were in: how to run just that one.
void set_recipe(std::string text);
[[nodiscard]] const std::string& recipe();

}  // namespace monocoque::simulation
