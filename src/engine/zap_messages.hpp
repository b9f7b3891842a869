#pragma once

#include <monocoque/authentication.hpp>
#include <monocoque/message.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace monocoque::engine {

/// What a handler is asked, as a DEALER sends it: RFC 27, section "Message Format".
[[nodiscard]] message zap_request(std::uint64_t number, const auth_request& about);
/// What it answers. What makes no sense is a verdict `fail`.
struct zap_reply {
  std::uint64_t number = 0;  ///< of the request; 0: it says none
  auth_verdict verdict;
};
[[nodiscard]] zap_reply read_zap_reply(const message& reply);

/// What may be wrong with an answer.
enum class zap_flaw : std::uint8_t {
  malformed_reply,
  bad_request_id,
  bad_version,
  invalid_status,
  invalid_metadata
};
/// The verdict after such an answer.
[[nodiscard]] auth_verdict verdict_after(zap_flaw flaw);
/// The flaw that such a verdict, or an error made from it, tells of, by its text; none: of no flaw.
[[nodiscard]] std::optional<zap_flaw> zap_flaw_in(std::string_view reason) noexcept;

}  // namespace monocoque::engine
