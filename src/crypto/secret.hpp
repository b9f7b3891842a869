#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

/// What secrets need of memory: it is wiped when they are gone, and compared without telling by the time it
/// takes where a difference is.
namespace monocoque::crypto {

/// Overwrites the memory, whatever the compiler thinks of it.
void wipe(void* data, std::size_t size) noexcept;
inline void wipe(std::span<std::byte> data) noexcept { wipe(data.data(), data.size()); }
/// What it holds, and all it has room for; it is empty then.
void wipe(std::string& text) noexcept;
void wipe(std::vector<std::byte>& data) noexcept;

/// In a time that depends on the sizes alone.
[[nodiscard]] bool same(std::span<const std::byte> one, std::span<const std::byte> other) noexcept;

/// Bytes that are wiped when they are gone. All zeros at first.
template <std::size_t Size>
class secret {
 public:
  secret() noexcept = default;
  secret(const secret&) noexcept = default;
  secret& operator=(const secret&) noexcept = default;
  ~secret() { wipe(); }

  void wipe() noexcept { crypto::wipe(data_.data(), Size); }
  [[nodiscard]] std::span<std::byte, Size> span() noexcept { return data_; }
  [[nodiscard]] std::span<const std::byte, Size> span() const noexcept { return data_; }
  /// As libsodium wants it.
  [[nodiscard]] unsigned char* raw() noexcept { return reinterpret_cast<unsigned char*>(data_.data()); }
  [[nodiscard]] const unsigned char* raw() const noexcept {
    return reinterpret_cast<const unsigned char*>(data_.data());
  }

 private:
  std::array<std::byte, Size> data_{};
};

}  // namespace monocoque::crypto
