#include <monocoque/error.hpp>

#include <array>
#include <utility>

namespace monocoque {
namespace {

struct entry {
  errc code;
  std::string_view name;
  std::string_view text;
};

// The one table of errors: what a program prints and what the documentation lists.
constexpr std::array entries{
    entry{errc::would_block, "would_block", "operation would block"},
    entry{errc::timed_out, "timed_out", "timed out"},
    entry{errc::cancelled, "cancelled", "cancelled"},
    entry{errc::closed, "closed", "socket is closed"},
    entry{errc::terminated, "terminated", "context was shut down"},
    entry{errc::forked, "forked", "the context belongs to the parent process"},
    entry{errc::invalid_argument, "invalid_argument", "invalid argument"},
    entry{errc::invalid_endpoint, "invalid_endpoint", "invalid endpoint"},
    entry{errc::unsupported_transport, "unsupported_transport", "unsupported transport"},
    entry{errc::transport_mismatch, "transport_mismatch", "the socket type cannot use this transport so"},
    entry{errc::no_such_endpoint, "no_such_endpoint", "not bound or connected to this endpoint"},
    entry{errc::no_such_peer, "no_such_peer", "no such peer is connected"},
    entry{errc::not_supported, "not_supported", "not supported"},
    entry{errc::wrong_state, "wrong_state", "not allowed in the socket's current state"},
    entry{errc::would_deadlock, "would_deadlock", "blocking here would wait for this very thread"},
    entry{errc::wrong_thread, "wrong_thread", "not allowed on this thread"},
    entry{errc::unroutable, "unroutable", "no peer with this routing id"},
    entry{errc::resolve_failed, "resolve_failed", "cannot resolve host"},
    entry{errc::internal, "internal", "internal error"},
    entry{errc::bad_greeting, "bad_greeting", "peer sent no ZMTP greeting"},
    entry{errc::unsupported_version, "unsupported_version", "peer speaks an unsupported ZMTP version"},
    entry{errc::mechanism_mismatch, "mechanism_mismatch", "peer uses another security mechanism"},
    entry{errc::bad_command, "bad_command", "peer sent a malformed command"},
    entry{errc::unexpected_command, "unexpected_command", "peer sent an unexpected command"},
    entry{errc::bad_frame, "bad_frame", "peer sent a malformed frame"},
    entry{errc::frame_too_large, "frame_too_large", "peer sent a frame over the size limit"},
    entry{errc::message_over_limit, "message_over_limit", "peer sent a message over the limit"},
    entry{errc::metadata_too_large, "metadata_too_large", "peer sent metadata over the size limit"},
    entry{errc::bad_metadata, "bad_metadata", "peer sent malformed metadata"},
    entry{errc::socket_type_mismatch, "socket_type_mismatch", "peer has an incompatible socket type"},
    entry{errc::duplicate_routing_id, "duplicate_routing_id", "routing id is already in use by another peer"},
    entry{errc::second_peer, "second_peer", "a PAIR socket talks to one peer only"},
    entry{errc::refused_by_peer, "refused_by_peer", "peer refused the connection"},
    entry{errc::authentication_failed, "authentication_failed", "authentication failed"},
    entry{errc::decryption_failed, "decryption_failed", "peer sent something that cannot be decrypted"},
    entry{errc::handshake_timeout, "handshake_timeout", "handshake took too long"},
    entry{errc::peer_disconnected, "peer_disconnected", "peer closed the connection"},
    entry{errc::heartbeat_timeout, "heartbeat_timeout", "peer gave no sign of life"},
    entry{errc::peer_too_slow, "peer_too_slow", "peer does not take its messages"},
    entry{errc::limit_reached, "limit_reached", "over a limit of this socket"},
};

const entry* find(int value) noexcept {
  for (const entry& candidate : entries) {
    if (static_cast<int>(candidate.code) == value) return &candidate;
  }
  return nullptr;
}

/// A NUL would end what() early, and an endpoint may come from anywhere.
std::string without_control_characters(std::string line) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto is_control = [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7f; };
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!is_control(line[i])) continue;
    const auto octet = static_cast<unsigned char>(line[i]);
    line.replace(i, 1, {'\\', 'x', digits[octet >> 4U], digits[octet & 15U]});
  }
  return line;
}

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "monocoque"; }

  [[nodiscard]] std::string message(int value) const override {
    const entry* known = find(value);
    return known != nullptr ? std::string(known->text) : "unknown error " + std::to_string(value);
  }

  // So that code written against std::errc keeps working.
  [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<errc>(value)) {
      case errc::would_block: return std::errc::operation_would_block;
      case errc::timed_out:
      case errc::heartbeat_timeout:
      case errc::handshake_timeout: return std::errc::timed_out;
      case errc::cancelled: return std::errc::operation_canceled;
      case errc::invalid_argument:
      case errc::invalid_endpoint: return std::errc::invalid_argument;
      case errc::unsupported_transport: return std::errc::protocol_not_supported;
      case errc::not_supported: return std::errc::operation_not_supported;
      case errc::would_deadlock: return std::errc::resource_deadlock_would_occur;
      case errc::unroutable: return std::errc::host_unreachable;
      default: return {value, *this};
    }
  }
};

/// Made before anything runs: a thread that made it at first use might be doing so when the process forks.
constinit const category the_category;

}  // namespace

const std::error_category& error_category() noexcept { return the_category; }

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), error_category()}; }

std::string_view name_of(errc code) noexcept {
  const entry* known = find(static_cast<int>(code));
  return known != nullptr ? known->name : "unknown";
}

error::error(std::error_code code, std::string detail) : error(code) {
  if (!detail.empty()) writable().detail = std::move(detail);
}

std::error_code error::code() const noexcept {
  if (value_ == 0) return {};
  return {value_, foreign_ != nullptr ? *foreign_ : error_category()};
}

error error::from_errno(int errno_value, std::string doing) {
  error made(std::error_code(errno_value, std::generic_category()));
  if (!doing.empty()) made.writable().doing = std::move(doing);
  return made;
}

error::context& error::writable() {
  // Copies of an error share their context, so it is copied before it is changed.
  if (!context_) {
    context_ = std::make_shared<context>();
  } else if (context_.use_count() > 1) {
    context_ = std::make_shared<context>(*context_);
  }
  return *context_;
}

error error::with_doing(std::string doing) && {
  writable().doing = std::move(doing);
  return std::move(*this);
}
error error::with_endpoint(std::string endpoint) && {
  writable().endpoint = std::move(endpoint);
  return std::move(*this);
}
error error::with_peer(std::string peer) && {
  writable().peer = std::move(peer);
  return std::move(*this);
}
error error::with_detail(std::string detail) && {
  writable().detail = std::move(detail);
  return std::move(*this);
}

std::string_view error::doing() const noexcept { return context_ ? context_->doing : std::string_view(); }
std::string_view error::endpoint() const noexcept {
  return context_ ? context_->endpoint : std::string_view();
}
std::string_view error::peer() const noexcept { return context_ ? context_->peer : std::string_view(); }
std::string_view error::detail() const noexcept { return context_ ? context_->detail : std::string_view(); }

std::string error::message() const {
  std::string line;
  const auto add = [&line](std::string_view separator, std::string_view text) {
    if (text.empty()) return;
    if (!line.empty()) line += separator;
    line += text;
  };
  add("", doing());
  add(" ", endpoint());
  if (!line.empty()) add(endpoint().empty() ? " peer " : ", peer ", peer());
  if (line.empty()) add("", peer());
  std::string reason = code().message();
  // The system's texts start with a capital; in the middle of a line they do not.
  if (foreign_ == &std::generic_category() && reason.size() > 1 && reason[1] >= 'a' && reason[0] >= 'A' &&
      reason[0] <= 'Z') {
    reason[0] = static_cast<char>(reason[0] - 'A' + 'a');
  }
  add(": ", reason);
  if (!detail().empty()) line.append(" (").append(detail()).append(")");
  return without_control_characters(std::move(line));
}

exception::exception(error reason)
    : std::system_error(reason.code()), reason_(std::move(reason)), text_(reason_.message()) {}

}  // namespace monocoque
