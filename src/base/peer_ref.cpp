#include <monocoque/detail/peer_ref.hpp>

#include <atomic>
#include <cstdint>

namespace monocoque::detail {

struct peer_ref::counted {
  std::shared_ptr<const peer_info> info;
  std::atomic<std::uint32_t> references{1};

  void release(std::uint32_t count) noexcept {
    if (references.fetch_sub(count, std::memory_order_acq_rel) == count) delete this;
  }
};

/// References to one peer that this thread owns beyond those in its messages. A peer is kept in memory until
/// each thread that held it last turns to another peer or ends.
struct peer_purse {
  static constexpr std::uint32_t refill = 256;
  static constexpr std::uint32_t capacity = 4 * refill;

  peer_ref::counted* of = nullptr;
  std::uint32_t count = 0;
  bool shut = false;  // the thread is ending; objects destroyed later go without

  void empty() noexcept {
    if (count > 0) of->release(std::exchange(count, 0));
    of = nullptr;
  }
};

namespace {

constinit thread_local peer_purse purse;

/// Empties the purse at the thread's end. The purse itself has no destructor, so that it may be looked at
/// until the very end.
struct purse_keeper {
  purse_keeper() noexcept = default;
  purse_keeper(const purse_keeper&) = delete;
  purse_keeper& operator=(const purse_keeper&) = delete;
  ~purse_keeper() {
    purse.empty();
    purse.shut = true;
  }
  void attend() const noexcept {}
};

thread_local const purse_keeper keeper;

}  // namespace

peer_ref::peer_ref(std::shared_ptr<const peer_info> info) : shared_(new counted{std::move(info)}) {}

const peer_info* peer_ref::get() const noexcept { return shared_ != nullptr ? shared_->info.get() : nullptr; }

void peer_ref::take(counted& shared) noexcept {
  if (purse.of == &shared && purse.count > 0) {
    --purse.count;
    return;
  }
  if (purse.shut) {
    shared.references.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  keeper.attend();
  if (purse.of != &shared) purse.empty();
  shared.references.fetch_add(peer_purse::refill + 1, std::memory_order_relaxed);
  purse.of = &shared;
  purse.count = peer_purse::refill;
}

peer_ref::counted* peer_ref::prepay(std::uint32_t count) const noexcept {
  if (shared_ != nullptr) shared_->references.fetch_add(count, std::memory_order_relaxed);
  return shared_;
}

void peer_ref::give_back(counted* shared, std::uint32_t count) noexcept {
  if (shared != nullptr && count > 0) shared->release(count);
}

void peer_ref::drop(counted& shared) noexcept {
  if (purse.of != &shared) {
    if (purse.shut) {
      shared.release(1);
      return;
    }
    keeper.attend();
    purse.empty();
    purse.of = &shared;
    purse.count = 1;
  } else if (++purse.count == peer_purse::capacity) {
    purse.count -= peer_purse::refill;
    shared.release(peer_purse::refill);
  }
}

}  // namespace monocoque::detail
