#pragma once

#include <monocoque/authentication.hpp>
#include <monocoque/message.hpp>

#include <cstdint>

namespace monocoque::engine {

/// What a handler is asked, as a DEALER sends it: RFC 27, section "Message Format".
[[nodiscard]] message zap_request(std::uint64_t number, const auth_request& about);
/// What it answers. What makes no sense is a verdict `fail`.
struct zap_reply {
  std::uint64_t number = 0;  ///< of the request; 0: it says none
  auth_verdict verdict;
};
[[nodiscard]] zap_reply read_zap_reply(const message& reply);

/// The verdict after an answer that makes no sense.
[[nodiscard]] auth_verdict verdict_after(zap_flaw flaw);

}  // namespace monocoque::engine
