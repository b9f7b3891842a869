#include "zmtp/v1_framing.hpp"

#include "base/wire.hpp"
#include "zmtp/growing_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;
constexpr std::size_t max_short_length = 254;

}  // namespace

bytes v1_reader::to_canonical(octets in) {
  growing_buffer out;
  while (!in.empty() && !failure_) {
    if (payload_left_ == 0) {
      header_[fill_++] = in[0];
      in = in.subspan(1);
      if (fill_ < header_size() && header_[0] != std::byte{0}) continue;
      std::array<std::byte, wire::max_header_size> canonical{};
      std::size_t size = 0;
      finish_header(canonical, size);
      out.append(octets(canonical).first(size), UINT64_MAX);
      continue;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, in.size()));
    out.append(in.first(size), UINT64_MAX);
    in = in.subspan(size);
    payload_left_ -= size;
  }
  return out.take();
}

void v1_reader::finish_header(std::array<std::byte, 9>& canonical, std::size_t& canonical_size) {
  const bool is_long = fill_ == header_.size();
  const std::uint64_t length = is_long ? wire::load_u64(header_.data() + 1) : value_of(header_[0]);
  if (length == 0) {
    failure_ = error(errc::bad_frame).with_detail("ZMTP 1.0 frame of length 0; the flags count");
    return;
  }
  payload_left_ = length - 1;
  // The other flags are reserved and not looked at, the identity's not at all (RFC 13).
  const bool more = identity_done_ && (value_of(header_[fill_ - 1]) & 1) != 0;
  canonical_size =
      wire::put_header(canonical.data(), payload_left_, more ? wire::flag_more : std::uint8_t{0});
  identity_done_ = true;
  fill_ = 0;
}

namespace {

class v1_form final : public frame_form {
 public:
  [[nodiscard]] std::size_t size_of(std::size_t payload_size) const noexcept override {
    return payload_size + (payload_size + 1 <= max_short_length ? 2 : 10);
  }
  void put(std::byte* out, std::uint8_t flags, octets payload) noexcept override {
    const std::size_t length = payload.size() + 1;
    if (length <= max_short_length) {
      *out++ = static_cast<std::byte>(length);
    } else {
      *out++ = std::byte{0xff};
      wire::store_u64(out, length);
      out += sizeof(std::uint64_t);
    }
    *out++ = static_cast<std::byte>((flags & wire::flag_more) != 0 ? 1 : 0);
    if (!payload.empty()) std::memcpy(out, payload.data(), payload.size());
  }
};

}  // namespace

void append_v1_frame(std::vector<std::byte>& out, octets payload, bool more) {
  v1_form form;
  const std::size_t before = out.size();
  out.resize(before + form.size_of(payload.size()));
  form.put(out.data() + before, more ? wire::flag_more : std::uint8_t{0}, payload);
}

std::unique_ptr<frame_form> make_v1_form() { return std::make_unique<v1_form>(); }

}  // namespace monocoque::zmtp
