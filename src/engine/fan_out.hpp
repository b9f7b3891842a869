#pragma once

#include "engine/pipe.hpp"
#include "engine/send_time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace monocoque::engine {

/// Messages that go to the same peers one after the other (design D8): encoded once, in segments that the
/// peers' queues refer to, or in the queue of the only one. What was encoded is handed over to the queues
/// from time to time, a whole run of messages at once, so that a peer costs something for each run, not for
/// each message.
///
/// Between two hand-overs the queues do not know of the run, so there is a budget: as many messages and bytes
/// as each of the peers can take without anything else to do, its link being about to write anyway. Owned by
/// the socket's lanes, guarded by its monitor; whoever enters that finds everything handed over.
class fan_out {
 public:
  /// True if a message may be encoded behind the last and nothing else needs to be done.
  [[nodiscard]] bool continues(std::uint64_t selection) const noexcept {
    return left_ != 0 && selection == selection_;
  }
  [[nodiscard]] bool is_for(std::uint64_t selection) const noexcept { return selection == selection_; }
  /// The peers are others from now on: none, until they are added. With nothing waiting to be handed over.
  void turn_to(std::uint64_t selection) noexcept;
  void add(pipe& target);
  /// One that is full and gets no copy, which is counted.
  void add_full(pipe& target) { full_.push_back(&target); }
  [[nodiscard]] std::span<pipe* const> targets() const noexcept { return targets_; }
  /// Inproc peers, which get message by message what the others share.
  void add_inproc(pipe& target) { inproc_.push_back(&target); }
  [[nodiscard]] std::span<pipe* const> inproc() const noexcept { return inproc_; }

  void append(std::span<const bytes> frames) {
    if (frames.size() != 1 || !queue_->append_small(frames.front())) queue_->append({}, frames);
    note(1);
  }
  void append(std::span<const std::byte> payload) {
    queue_->append(payload);
    note(1);
  }
  /// For messages that are encoded by somebody else.
  [[nodiscard]] std::span<std::byte> open_room() const noexcept {
    const std::span<std::byte> room = queue_->open_room();
    return room.first(std::min(room.size(), bytes_ - std::min(bytes_, queue_->unwritten_bytes())));
  }
  void commit(const std::byte* end, std::uint64_t messages) noexcept {
    queue_->commit(end, messages);
    note(messages);
  }

  /// Gives each peer what was encoded since the last time. The budget is used up then.
  void hand_over() noexcept {
    if (open_) give_to_all();
  }
  /// Forgets what was encoded since.
  void abandon() noexcept {
    open_ = false;
    left_ = 0;
  }
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  void set_budget(std::uint64_t messages, std::size_t bytes) noexcept {
    left_ = bytes != 0 ? messages : 0;
    const std::size_t before = queue_->unwritten_bytes();
    bytes_ = bytes < SIZE_MAX - before ? before + bytes : SIZE_MAX;
    open_ = left_ != 0;
  }
  [[nodiscard]] std::uint64_t messages_left() const noexcept { return left_; }
  /// Copies that peers did not get, up to the last hand-over: they were full or, of so many of these, there
  /// was no memory for it.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::uint64_t dropped_for_memory() const noexcept { return dropped_for_memory_; }
  /// Gives memory back that nothing is in.
  void tidy() noexcept {
    if (run_) run_->release_unshared();
  }

  [[nodiscard]] send_round& last_round() noexcept { return last_round_; }

 private:
  void note(std::uint64_t messages) noexcept {
    open_ = true;
    left_ -= std::min(left_, messages);
    if (queue_->unwritten_bytes() >= bytes_) left_ = 0;
    since_ += messages;
  }
  void give_to_all() noexcept;
  void count_drops() noexcept;

  std::vector<pipe*> targets_;
  std::vector<pipe*> inproc_;
  std::vector<pipe*> full_;
  std::optional<out_queue> run_;  // for several: what was not handed over yet
  out_queue* queue_ = nullptr;    // that, or the queue of the only one
  std::uint64_t selection_ = 0;
  bool open_ = false;        // there is something to be handed over, or a budget
  std::uint64_t left_ = 0;   // budget: messages
  std::size_t bytes_ = 0;    // budget: size of the queue
  std::uint64_t since_ = 0;  // messages since the last hand-over
  std::uint64_t dropped_ = 0;
  std::uint64_t dropped_for_memory_ = 0;
  send_round last_round_;
};

}  // namespace monocoque::engine
