#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque {

struct peer_info;

namespace detail {

/// A counted reference to what is known of a peer, made for every message received and dropped with it.
///
/// The count is atomic, but a thread that takes and drops references to the same peer again and again does so
/// from a purse of its own (peer_ref.cpp), and touches the count once in some hundred messages only.
class peer_ref {
 public:
  peer_ref() noexcept = default;
  /// The first reference.
  explicit peer_ref(std::shared_ptr<const peer_info> info);
  peer_ref(const peer_ref& other) noexcept : shared_(other.shared_) {
    if (shared_ != nullptr) take(*shared_);
  }
  peer_ref(peer_ref&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  peer_ref& operator=(peer_ref other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~peer_ref() {
    if (shared_ != nullptr) drop(*shared_);
  }

  [[nodiscard]] const peer_info* get() const noexcept;
  explicit operator bool() const noexcept { return shared_ != nullptr; }

  /// References by the batch: `count` of them, each for one `prepaid`; what is left is given back.
  struct counted;
  [[nodiscard]] counted* prepay(std::uint32_t count) const noexcept;
  [[nodiscard]] static peer_ref prepaid(counted* shared) noexcept {
    peer_ref paid;
    paid.shared_ = shared;
    return paid;
  }
  static void give_back(counted* shared, std::uint32_t count) noexcept;
  /// The reference is the caller's, for a `prepaid` some time; null if there is none.
  [[nodiscard]] counted* let_go() noexcept { return std::exchange(shared_, nullptr); }

 private:
  friend struct peer_purse;
  static void take(counted& shared) noexcept;
  static void drop(counted& shared) noexcept;

  counted* shared_ = nullptr;
};

}  // namespace detail
}  // namespace monocoque

#pragma GCC visibility pop
