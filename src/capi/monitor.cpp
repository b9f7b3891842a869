#include "capi/monitor.hpp"

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "engine/context_core.hpp"
#include "engine/zap_messages.hpp"
#include "transport/endpoint.hpp"

#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace monocoque::capi {
namespace {

/// The number of one of libzmq's events, and the value that goes with it.
struct described {
  std::uint64_t kind;
  std::uint64_t value = 0;
};

/// What the handshake failed for, of a peer that broke the protocol; 0: it did not.
std::uint64_t protocol_error(const error& reason) {
  const std::error_code code = reason.code();
  if (code.category() != error_category()) return 0;
  switch (static_cast<errc>(code.value())) {
    case errc::mechanism_mismatch: return ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;
    case errc::decryption_failed: return ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC;
    case errc::bad_command: return ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND;
    case errc::bad_metadata:
    case errc::metadata_too_large:
    case errc::socket_type_mismatch: return ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA;
    case errc::bad_greeting:
    case errc::unsupported_version:
    case errc::bad_frame: return ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED;
    default: return 0;
  }
}

/// The status of ZAP behind a refusal, with which its reason begins if it was told.
std::uint64_t status_of(const error& reason) {
  constexpr std::uint64_t usual = 400;
  for (const std::uint64_t status : {300U, 400U, 500U}) {
    if (reason.detail().find(std::to_string(status)) != std::string_view::npos) return status;
  }
  return usual;
}

/// What a ZAP handler did wrong, by the order of zap_flaw.
constexpr std::array<std::uint64_t, 5> handler_errors{
    ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY, ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID,
    ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION, ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE,
    ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA};

described describe_failure(const error& reason) {
  if (const auto flaw = engine::zap_flaw_in(reason.detail()))
    return {ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, handler_errors[static_cast<std::size_t>(*flaw)]};
  const bool refused_for_status = reason == errc::refused_by_peer &&
                                  (reason.detail().ends_with("(300)") || reason.detail().ends_with("(500)"));
  if (reason == errc::authentication_failed || refused_for_status)
    return {ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, status_of(reason)};
  if (const std::uint64_t broken = protocol_error(reason))
    return {ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, broken};
  if (reason == errc::peer_disconnected) return {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, EPIPE};
  return {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, static_cast<std::uint64_t>(errno_of(reason))};
}

/// None of what libzmq has no event for.
described describe(const event& happened) {
  const auto number_of = [&] { return static_cast<std::uint64_t>(errno_of(happened.reason)); };
  const auto descriptor = static_cast<std::uint64_t>(happened.descriptor);
  switch (happened.kind) {
    case event_kind::listening: return {ZMQ_EVENT_LISTENING, descriptor};
    case event_kind::bind_failed: return {ZMQ_EVENT_BIND_FAILED, number_of()};
    case event_kind::accepted: return {ZMQ_EVENT_ACCEPTED, descriptor};
    case event_kind::accept_failed:
    case event_kind::refused: return {ZMQ_EVENT_ACCEPT_FAILED, number_of()};
    case event_kind::connect_delayed: return {ZMQ_EVENT_CONNECT_DELAYED, EINPROGRESS};
    case event_kind::connected: return {ZMQ_EVENT_CONNECTED, descriptor};
    case event_kind::connect_retried:
      return {ZMQ_EVENT_CONNECT_RETRIED, static_cast<std::uint64_t>(happened.delay.count())};
    case event_kind::handshake_done: return {ZMQ_EVENT_HANDSHAKE_SUCCEEDED};
    case event_kind::handshake_failed: return describe_failure(happened.reason);
    case event_kind::disconnected: return {ZMQ_EVENT_DISCONNECTED, descriptor};
    case event_kind::closed: return {ZMQ_EVENT_CLOSED, descriptor};
    default: return {0};
  }
}

/// Both numbers in one frame of six bytes.
message as_message(std::uint64_t kind, std::uint64_t value, const std::string& endpoint) {
  const auto short_kind = static_cast<std::uint16_t>(kind);
  const auto short_value = static_cast<std::uint32_t>(value);
  bytes numbers = bytes::make(sizeof short_kind + sizeof short_value, [&](std::span<std::byte> into) {
    std::memcpy(into.data(), &short_kind, sizeof short_kind);
    std::memcpy(into.data() + sizeof short_kind, &short_value, sizeof short_value);
  });
  message told(std::move(numbers));
  told.push_back(endpoint);
  return told;
}

}  // namespace

monitor_feed::monitor_feed(std::shared_ptr<engine::event_queue> from,
                           std::shared_ptr<engine::socket_core> out, std::uint64_t wanted)
    : from_(std::move(from)), out_(std::move(out)), wanted_(wanted) {}

void monitor_feed::begin() {
  from_->listen(io::bind_callback<&monitor_feed::on_event>(this), shared_from_this());
}

/// With the monitored socket held: nothing can be sent here.
void monitor_feed::on_event() noexcept { out_->context().main_loop().post(pumping_, shared_from_this()); }

void monitor_feed::pump() noexcept {
  const std::lock_guard lock(mutex_);
  if (over_) return;
  try {
    send_what_there_is();
  } catch (const std::bad_alloc&) {
    // Those events are lost, as are those that nobody reads.
  }
  if (from_->is_over()) end();
}

void monitor_feed::send_what_there_is() {
  while (const std::optional<event> next = from_->try_take()) tell(*next);
}

/// libzmq tells of descriptors where we tell of connections and endpoints: one that could not be connected is
/// closed before the next is tried, and what the application itself gives up is not told of, but for what
/// was listened on.
void monitor_feed::tell(const event& happened) {
  const bool connects = happened.kind == event_kind::connected ||
                        happened.kind == event_kind::connect_delayed ||
                        happened.kind == event_kind::connect_retried;
  if (connects) dialled_.insert(happened.endpoint);
  const bool by_ourselves =
      happened.kind == event_kind::disconnected
          ? happened.reason == errc::closed
          : happened.kind == event_kind::closed && !happened.reason && dialled_.contains(happened.endpoint);
  const bool was_lost = lost_.erase(happened.endpoint) != 0;
  const bool never_began = happened.kind == event_kind::handshake_failed;
  if (never_began || happened.kind == event_kind::disconnected) lost_.insert(happened.endpoint);
  // Of a peer of STREAM there is no handshake.
  if (by_ourselves || (happened.kind == event_kind::handshake_done && happened.socket == socket_type::stream))
    return;
  if (happened.kind == event_kind::connect_retried && !was_lost) send(ZMQ_EVENT_CLOSED, 0, happened.endpoint);
  const described what = describe(happened);
  send(what.kind, what.value, happened.endpoint);
  if (never_began) send(ZMQ_EVENT_DISCONNECTED, 0, happened.endpoint);
}

/// If it is wanted.
void monitor_feed::send(std::uint64_t kind, std::uint64_t value, const std::string& endpoint) {
  if ((kind & wanted_) == 0) return;
  message told = as_message(kind, value, endpoint);
  static_cast<void>(out_->try_send(told));
}

void monitor_feed::end() noexcept {
  over_ = true;
  from_->stop_listening();
  try {
    send(ZMQ_EVENT_MONITOR_STOPPED, 0, {});
  } catch (const std::bad_alloc&) {
    // The end of the PAIR says it too.
  }
  out_->begin_close();
}

void monitor_feed::stop() noexcept {
  pump();
  const std::lock_guard lock(mutex_);
  if (!over_) end();
}

int c_socket::monitor(const char* endpoint, std::uint64_t events) {
  if (const result<void> usable = core_->require_usable("zmq_socket_monitor"); !usable)
    return fail(usable.error());
  stop_monitor();
  if (endpoint == nullptr) return 0;
  const auto where = transport::parse_endpoint(endpoint, transport::purpose::bind);
  if (!where) return fail(where.error());
  if (where->scheme != transport::scheme::inproc) return fail(EPROTONOSUPPORT);
  socket_options options;
  options.linger = std::chrono::milliseconds(0);
  auto out = engine::socket_core::make(core_->context().shared_from_this(), socket_type::pair, options);
  if (!out) return fail(out.error());
  if (const result<void> bound = (*out)->bind(endpoint); !bound) {
    (*out)->begin_close();
    return fail(bound.error());
  }
  auto feed = std::make_shared<monitor_feed>(core_->add_monitor(), *std::move(out), events);
  feed->begin();
  const std::lock_guard lock(settings_mutex_);
  monitor_ = std::move(feed);
  return 0;
}

void c_socket::stop_monitor() noexcept {
  std::shared_ptr<monitor_feed> stopping;
  {
    const std::lock_guard lock(settings_mutex_);
    stopping = std::exchange(monitor_, nullptr);
  }
  if (stopping) stopping->stop();
}

}  // namespace monocoque::capi

using monocoque::capi::c_socket;
using monocoque::capi::guard;

int zmq_socket_monitor(void* handle, const char* endpoint, int events) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] { return of->monitor(endpoint, static_cast<std::uint64_t>(events)); });
}
