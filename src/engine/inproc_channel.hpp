#pragma once

#include "base/short_mutex.hpp"
#include "engine/inproc_queue.hpp"

#include <monocoque/error.hpp>
#include <monocoque/message.hpp>
#include <monocoque/options.hpp>
#include <monocoque/socket_type.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace monocoque::engine {

struct pipe;
class socket_core;

/// The two sides of an inproc connection.
enum class inproc_side : std::uint8_t { connecting, binding };
[[nodiscard]] constexpr inproc_side other_of(inproc_side side) noexcept {
  return side == inproc_side::connecting ? inproc_side::binding : inproc_side::connecting;
}

/// A side's high-water marks; inproc_queue::unlimited: none.
struct inproc_marks {
  std::uint64_t send;
  std::uint64_t receive;

  [[nodiscard]] static inproc_marks of(const socket_options& options) noexcept;
  friend bool operator==(const inproc_marks&, const inproc_marks&) = default;
};

/// What one side tells the other when they connect: the handshake of inproc.
struct inproc_party {
  socket_type type;
  inproc_marks marks;
  bool conflate;
  std::shared_ptr<const peer_info> info;  ///< as the other side's application sees it

  [[nodiscard]] static inproc_party of(socket_type type, inproc_marks marks, const socket_options& options,
                                       const std::string& endpoint);
};

/// True if only the newest message of that direction is kept. Subscriptions are never dropped.
[[nodiscard]] bool inproc_conflates(const inproc_party& sender, const inproc_party& receiver) noexcept;

/// A name that a socket has bound, and what it and those who connect to it go by.
struct inproc_name {
  std::string text;
  std::shared_ptr<const socket_options> options;
};

class inproc_channel;

/// A call that somebody owes a side of a channel (inproc_calls). Part of the channel, so that to owe one
/// takes no memory.
struct inproc_call {
  inproc_side callee = inproc_side::connecting;
  std::atomic<bool> owed{false};
  // Of the thread that owes it.
  std::shared_ptr<inproc_channel> channel{};
  inproc_call* next = nullptr;
};

/// The connection of two sockets of one context (design D3): a queue each way and what else both must see.
///
/// Held by the pipe of either side, and by the registry while nobody has bound the name. Neither side ever
/// takes the other's monitor while it holds its own: it notes that it owes the other a call (`inproc_calls`),
/// and makes it when its own is free.
class inproc_channel : public std::enable_shared_from_this<inproc_channel> {
 public:
  inproc_channel(std::string endpoint, std::string name, const std::shared_ptr<socket_core>& connecting,
                 inproc_party party);

  [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const inproc_party& connector() const noexcept { return connector_; }
  /// Before anything is sent.
  void count_in_halves() noexcept {
    for (inproc_queue& each : queues_) each.count_in_halves();
  }
  [[nodiscard]] inproc_queue& sent_by(inproc_side side) noexcept { return queues_.at(index_of(side)); }

  /// Null before `answer`, and when that socket has gone.
  [[nodiscard]] std::shared_ptr<socket_core> socket_of(inproc_side side);
  /// This socket has bound the name and takes the connection.
  void answer(const std::shared_ptr<socket_core>& binding, const inproc_party& party);
  /// That side's marks from now on. A direction holds at most the sum of the two that matter to it, or has no
  /// limit if either side has none. Under the monitor of that side's socket; the other is to be called.
  void set_marks(inproc_side side, inproc_marks marks) noexcept;
  /// True if the other side has changed its marks since that side asked last.
  [[nodiscard]] bool take_note_of_limit(inproc_side side) noexcept {
    std::atomic<bool>& changed = other_limit_.at(index_of(side));
    return changed.load(std::memory_order_relaxed) && changed.exchange(false, std::memory_order_relaxed);
  }

  /// That side sends no more: what it has sent may be read before.
  void close(inproc_side side) noexcept;
  [[nodiscard]] bool is_closed(inproc_side side) const noexcept {
    return closed_.at(index_of(side)).load(std::memory_order_acquire);
  }

  /// The pipe of that side while it is in use. Guarded by the monitor of that side's socket.
  [[nodiscard]] pipe*& end_of(inproc_side side) noexcept { return ends_.at(index_of(side)); }

  [[nodiscard]] inproc_call& call_to(inproc_side side) noexcept { return calls_.at(index_of(side)); }

  /// Guarded by the registry: until when a connection that was given up while it waited for somebody to bind
  /// the name may still be taken.
  std::chrono::steady_clock::time_point keep_until = std::chrono::steady_clock::time_point::max();

 private:
  [[nodiscard]] static constexpr std::size_t index_of(inproc_side side) noexcept {
    return static_cast<std::size_t>(side);
  }
  void renew_limit(inproc_side sender) noexcept;

  const std::string endpoint_;
  const std::string name_;
  const inproc_party connector_;
  std::array<inproc_queue, 2> queues_;
  std::array<std::atomic<bool>, 2> closed_{};
  std::array<std::atomic<bool>, 2> other_limit_{};  // that side is to look at what it may send
  std::array<pipe*, 2> ends_{};
  std::array<inproc_call, 2> calls_;
  base::short_mutex mutex_;  // guards what follows
  std::array<std::weak_ptr<socket_core>, 2> sockets_;
  std::array<inproc_marks, 2> marks_;
  std::array<bool, 2> conflates_{};  // what that side sends
  bool answered_ = false;
};

/// A pipe's side of its channel. Guarded by its socket's monitor.
struct inproc_end {
  inproc_end(std::shared_ptr<inproc_channel> over, inproc_side which)
      : channel(std::move(over)),
        side(which),
        out(channel->sent_by(side)),
        in(channel->sent_by(other_of(side))) {}

  const std::shared_ptr<inproc_channel> channel;
  const inproc_side side;
  inproc_queue& out;
  inproc_queue& in;
  std::shared_ptr<const socket_options> options{};  ///< the socket's, as they were when the endpoint was made
  std::deque<inproc_entry> inherited{};  ///< to be taken before `in`: from an older connection of that peer
  bytes assigned_id{};                   ///< what a ROUTER is to know the peer by
  bool ready = false;                    ///< the other side is there
  bool conflates = false;                ///< only the newest entry of `in` counts
  std::size_t place = 0;                 ///< in the socket's list
  std::uint64_t subscriptions_out = 0;   ///< of the entries that were ever in `out` ...
  std::uint64_t subscriptions_in = 0;    ///< ... and that were taken from `in`: no messages

  [[nodiscard]] inproc_entry* front() noexcept { return inherited.empty() ? in.front() : &inherited.front(); }
  /// True: the other side is to be told.
  [[nodiscard]] bool pop() noexcept {
    if (inherited.empty()) return in.pop();
    inherited.pop_front();
    return false;
  }
};

/// The calls that a thread owes to other sockets while it holds the monitor of one. The callee looks at its
/// end of the channel (`socket_core::attend`), so a call too many does no harm, and one that another thread
/// owes already and has not begun stands for all. One list a thread.
struct inproc_calls {
  /// To the other side of that one.
  static void owe(const inproc_end& caller) noexcept;
  /// Makes the calls, and those that they lead to in turn. With no monitor held.
  static void make() noexcept;
};

}  // namespace monocoque::engine
