#pragma once

#include "zmtp/foreign_reader.hpp"
#include "zmtp/frame_form.hpp"
#include "zmtp/octets.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

/// ZMTP 1.0 frames (RFC 13): a length that counts the flags, in one octet or in 0xff and eight more, the
/// flags, the payload. Translated into and from canonical form, so that nothing else has to know them.
namespace monocoque::zmtp {

/// Rewrites what a ZMTP 1.0 peer sends into canonical form as it arrives, wherever it is split. Owned by one
/// connection. Holds one frame header; what it makes is never longer than what it was given.
class v1_reader final : public foreign_reader {
 public:
  [[nodiscard]] bytes to_canonical(octets in) override;
  [[nodiscard]] const std::optional<error>& failure() const noexcept override { return failure_; }
  [[nodiscard]] bool in_header() const noexcept override { return fill_ != 0; }

 private:
  [[nodiscard]] std::size_t header_size() const noexcept { return header_[0] == std::byte{0xff} ? 10 : 2; }
  void finish_header(std::array<std::byte, 9>& canonical, std::size_t& canonical_size);

  std::array<std::byte, 10> header_{};
  std::size_t fill_ = 0;
  std::uint64_t payload_left_ = 0;
  bool identity_done_ = false;
  std::optional<error> failure_;
};

/// Appends one frame.
void append_v1_frame(std::vector<std::byte>& out, octets payload, bool more);
/// The form of what is sent.
[[nodiscard]] std::unique_ptr<frame_form> make_v1_form();

}  // namespace monocoque::zmtp
