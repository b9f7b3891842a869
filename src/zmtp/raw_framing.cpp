#include "zmtp/raw_framing.hpp"

#include "base/buffer.hpp"
#include "base/wire.hpp"

#include <algorithm>
#include <cstring>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;

class raw_reader final : public foreign_reader {
 public:
  explicit raw_reader(std::uint64_t max_message_size)
      : piece_(static_cast<std::size_t>(std::clamp<std::uint64_t>(max_message_size, 1, largest_piece))) {}

  [[nodiscard]] bytes to_canonical(octets in) override {
    const std::size_t whole = in.size() / piece_;
    const std::size_t rest = in.size() % piece_;
    const std::size_t size =
        in.size() + whole * wire::header_size(piece_) + (rest != 0 ? wire::header_size(rest) : 0);
    return bytes::make(size, [&](std::span<std::byte> into) { put(into.data(), in); });
  }
  [[nodiscard]] const std::optional<error>& failure() const noexcept override { return never_; }
  [[nodiscard]] bool in_header() const noexcept override { return false; }

 private:
  void put(std::byte* out, octets in) const noexcept {
    while (!in.empty()) {
      const octets piece = in.first(std::min(in.size(), piece_));
      out += wire::put_header(out, piece.size(), 0);
      std::memcpy(out, piece.data(), piece.size());
      out += piece.size();
      in = in.subspan(piece.size());
    }
  }

  const std::size_t piece_;
  const std::optional<error> never_;
};

class raw_form final : public frame_form {
 public:
  [[nodiscard]] std::size_t size_of(std::size_t payload_size) const noexcept override { return payload_size; }
  void put(std::byte* out, std::uint8_t /*flags*/, octets payload) noexcept override {
    if (!payload.empty()) std::memcpy(out, payload.data(), payload.size());
  }
};

}  // namespace

std::unique_ptr<foreign_reader> make_raw_reader(std::uint64_t max_message_size) {
  return std::make_unique<raw_reader>(max_message_size);
}

std::unique_ptr<frame_form> make_raw_form() { return std::make_unique<raw_form>(); }

}  // namespace monocoque::zmtp
