#include "zmtp/mechanism/curve_traffic.hpp"

#include "base/wire.hpp"
#include "zmtp/mechanism/curve_frame.hpp"
#include "zmtp/mechanism/curve_handshake.hpp"

#include <cstring>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;

/// What goes out in CURVE traffic, encrypted where it is written.
class curve_form final : public frame_form {
 public:
  curve_form(const crypto::box_key& key, std::span<const std::byte, 16> prefix, std::uint64_t next) noexcept
      : cipher_(key, prefix), next_number_(next) {}

  [[nodiscard]] std::size_t size_of(std::size_t payload_size) const noexcept override {
    const std::size_t body = curve_frame::overhead + payload_size;
    return wire::header_size(body) + body;
  }

  void put(std::byte* out, std::uint8_t flags, octets payload) noexcept override {
    std::byte* const body = out + wire::header_size(curve_frame::overhead + payload.size());
    std::byte* const text = body + curve_frame::text_at;
    const auto in_box =
        static_cast<std::byte>(((flags & wire::flag_more) != 0 ? curve_frame::flag_more : 0) |
                               ((flags & wire::flag_command) != 0 ? curve_frame::flag_command : 0));
    cipher_.seal(text, in_box, payload, next_number_, body + curve_frame::tag_at);
    // The rest was scratch memory until now.
    wire::put_header(out, curve_frame::overhead + payload.size(), 0);
    std::memcpy(body, curve_frame::name.data(), curve_frame::name.size());
    wire::store_u64(body + curve_frame::number_at, next_number_++);
  }

 private:
  crypto::message_cipher cipher_;
  std::uint64_t next_number_;
};

}  // namespace

std::unique_ptr<curve_traffic> make_curve_traffic(const crypto::box_key& key, bool as_server,
                                                  std::uint64_t next_number, std::uint64_t last_peer_number,
                                                  const limits& allowed) {
  const auto from_client = curve::prefix_of(curve::message_from_client);
  const auto from_server = curve::prefix_of(curve::message_from_server);
  const auto& own = as_server ? from_server : from_client;
  const auto& theirs = as_server ? from_client : from_server;
  auto made = std::make_unique<curve_traffic>();
  made->out = std::make_unique<curve_form>(key, own, next_number);
  made->in = std::make_unique<curve_opener>(key, theirs, last_peer_number, allowed);
  return made;
}

}  // namespace monocoque::zmtp
