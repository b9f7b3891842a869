#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <sys/uio.h>
#include <utility>

namespace monocoque::engine {

/// The pieces of one write, as the system takes them.
struct write_list {
  static constexpr std::size_t max_pieces = 64;

  std::array<iovec, max_pieces> pieces{};
  std::size_t count = 0;
  std::unique_ptr<write_list> next;  // of those that nobody uses

  void add(const std::byte* data, std::size_t size) noexcept {
    pieces[count++] = {const_cast<std::byte*>(data), size};  // NOLINT: the kernel only reads it
  }
  [[nodiscard]] std::span<iovec> room() noexcept { return std::span(pieces).subspan(count); }
  [[nodiscard]] std::span<const iovec> used() const noexcept { return std::span(pieces).first(count); }
};

/// The write lists of a socket's links. A link has one only from the start of a write to its end, so that an
/// idle connection has none. Owned by the socket, under its monitor; keeps a few that nobody uses.
class write_lists {
 public:
  /// One to fill, and to use up before the monitor is left. Throws std::bad_alloc.
  [[nodiscard]] write_list& fresh() {
    if (!spare_) {
      spare_ = std::make_unique<write_list>();
      ++count_;
    }
    spare_->count = 0;
    return *spare_;
  }
  /// The one that `fresh` answered last, to be kept until `give_back`.
  [[nodiscard]] std::unique_ptr<write_list> take() noexcept {
    std::unique_ptr<write_list> taken = std::move(spare_);
    spare_ = std::move(taken->next);
    --count_;
    return taken;
  }
  void give_back(std::unique_ptr<write_list> used) noexcept {
    if (count_ == max_spare) return;
    used->next = std::move(spare_);
    spare_ = std::move(used);
    ++count_;
  }

 private:
  static constexpr std::size_t max_spare = 8;
  std::unique_ptr<write_list> spare_;
  std::size_t count_ = 0;
};

}  // namespace monocoque::engine
