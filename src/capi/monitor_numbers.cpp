#include "capi/monitor_numbers.hpp"

#include "capi/error_numbers.hpp"

#include <monocoque/authentication.hpp>

#include <zmq.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace monocoque::capi {
namespace {

struct named_flaw {
  std::string_view command;
  std::uint64_t number;
};
constexpr std::array malformed_commands{
    named_flaw{"HELLO", ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
    named_flaw{"WELCOME", ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME},
    named_flaw{"INITIATE", ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE},
    named_flaw{"READY", ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY},
    named_flaw{"ERROR", ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR},
};

std::uint64_t malformed(std::string_view command) noexcept {
  const auto* const found = std::ranges::find(malformed_commands, command, &named_flaw::command);
  return found != malformed_commands.end() ? found->number
                                           : ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED;
}

/// What the handshake failed for, of a peer that broke the protocol; 0: it did not.
std::uint64_t protocol_error(const event& happened) noexcept {
  const std::error_code code = happened.reason.code();
  if (code.category() != error_category()) return 0;
  switch (static_cast<errc>(code.value())) {
    case errc::mechanism_mismatch: return ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;
    case errc::decryption_failed: return ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC;
    case errc::unexpected_command: return ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND;
    case errc::bad_command: return malformed(happened.command);
    case errc::unsupported_version:  // of ZMTP, or of CURVE, which is told in a command
      return happened.command.empty() ? ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED : malformed(happened.command);
    case errc::bad_metadata:
    case errc::metadata_too_large:
    case errc::socket_type_mismatch: return ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA;
    case errc::bad_greeting:
    case errc::bad_frame: return ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED;
    default: return 0;
  }
}

/// What is wrong with a ZAP handler's answer; 0: nothing.
std::uint64_t handler_error(zap_flaw flaw) noexcept {
  switch (flaw) {
    case zap_flaw::malformed_reply: return ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY;
    case zap_flaw::bad_request_id: return ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID;
    case zap_flaw::bad_version: return ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION;
    case zap_flaw::invalid_status: return ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE;
    case zap_flaw::invalid_metadata: return ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA;
    case zap_flaw::no_handler:
    case zap_flaw::no_reply:
    case zap_flaw::none: break;
  }
  return 0;
}

monitor_numbers numbers_of_failure(const event& happened) noexcept {
  if (const std::uint64_t wrong = handler_error(happened.flaw))
    return {ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, wrong};
  if (happened.flaw == zap_flaw::no_handler) return {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, EFAULT};
  if (happened.flaw == zap_flaw::no_reply) return {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, EPIPE};
  if (happened.status != 0) return {ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, happened.status};
  if (const std::uint64_t broken = protocol_error(happened))
    return {ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, broken};
  if (happened.reason == errc::peer_disconnected) return {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, EPIPE};
  return {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, static_cast<std::uint64_t>(errno_of(happened.reason))};
}

}  // namespace

monitor_numbers numbers_of(const event& happened) noexcept {
  const auto number = [&] { return static_cast<std::uint64_t>(errno_of(happened.reason)); };
  const auto descriptor = static_cast<std::uint64_t>(happened.descriptor);
  switch (happened.kind) {
    case event_kind::listening: return {ZMQ_EVENT_LISTENING, descriptor};
    case event_kind::bind_failed: return {ZMQ_EVENT_BIND_FAILED, number()};
    case event_kind::accepted: return {ZMQ_EVENT_ACCEPTED, descriptor};
    case event_kind::accept_failed:
    case event_kind::refused: return {ZMQ_EVENT_ACCEPT_FAILED, number()};
    case event_kind::connect_delayed: return {ZMQ_EVENT_CONNECT_DELAYED, EINPROGRESS};
    case event_kind::connected: return {ZMQ_EVENT_CONNECTED, descriptor};
    case event_kind::connect_retried:
      return {ZMQ_EVENT_CONNECT_RETRIED, static_cast<std::uint64_t>(happened.delay.count())};
    case event_kind::handshake_done: return {ZMQ_EVENT_HANDSHAKE_SUCCEEDED};
    case event_kind::handshake_failed: return numbers_of_failure(happened);
    case event_kind::disconnected: return {ZMQ_EVENT_DISCONNECTED, descriptor};
    case event_kind::closed: return {ZMQ_EVENT_CLOSED, descriptor};
    default: return {};
  }
}

}  // namespace monocoque::capi
