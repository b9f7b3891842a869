#include "capi/monitor_feed.hpp"

#include "capi/monitor_numbers.hpp"
#include "engine/context_core.hpp"

#include <zmq.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace monocoque::capi {
namespace {

constexpr std::string_view ipc_prefix = "ipc://";
constexpr std::string_view inproc_prefix = "inproc://";

/// The two ends of what an event is about, as libzmq has them; empty: there is none.
struct ends {
  std::string local;
  std::string remote;

  /// The end that has an endpoint of the application's.
  [[nodiscard]] static std::string of_application(const event& about) {
    return about.outgoing || about.local_address.empty() ? about.endpoint : about.local_address;
  }
  [[nodiscard]] static ends of(const event& about) {
    // Who connects over ipc has no name.
    const bool over_ipc = about.endpoint.starts_with(ipc_prefix);
    if (about.outgoing) {
      const bool is_nameless = over_ipc && about.descriptor >= 0 && about.local_address.empty();
      return {is_nameless ? std::string(ipc_prefix) : about.local_address, about.endpoint};
    }
    const bool is_nameless = over_ipc && about.peer_address == about.endpoint;
    return {of_application(about), is_nameless ? std::string(ipc_prefix) : about.peer_address};
  }
};

/// Both numbers in one frame of six bytes.
message in_first_format(std::uint64_t kind, std::uint64_t value, const event& about) {
  const auto short_kind = static_cast<std::uint16_t>(kind);
  const auto short_value = static_cast<std::uint32_t>(value);
  bytes numbers = bytes::make(sizeof short_kind + sizeof short_value, [&](std::span<std::byte> into) {
    std::memcpy(into.data(), &short_kind, sizeof short_kind);
    std::memcpy(into.data() + sizeof short_kind, &short_value, sizeof short_value);
  });
  message told(std::move(numbers));
  told.push_back(ends::of_application(about));
  return told;
}

bytes frame_of(std::uint64_t number) { return bytes::copy(std::as_bytes(std::span(&number, 1))); }

message in_second_format(std::uint64_t kind, std::span<const std::uint64_t> values, const event& about) {
  message told(frame_of(kind));
  told.push_back(frame_of(values.size()));
  for (const std::uint64_t each : values) told.push_back(frame_of(each));
  ends both = ends::of(about);
  told.push_back(std::move(both.local)).push_back(std::move(both.remote));
  return told;
}

}  // namespace

monitor_feed::monitor_feed(std::shared_ptr<engine::event_queue> from,
                           std::shared_ptr<engine::socket_core> out, std::uint64_t wanted, format form)
    : from_(std::move(from)), out_(std::move(out)), wanted_(wanted), form_(form) {}

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
  const monitor_numbers what = numbers_of(happened);
  if (happened.endpoint.starts_with(inproc_prefix) || what.kind == 0)
    return;  // of which libzmq tells nothing
  const bool by_ourselves =
      happened.kind == event_kind::disconnected
          ? happened.reason == errc::closed
          : happened.kind == event_kind::closed && !happened.reason && happened.outgoing;
  const bool was_lost = lost_.erase(happened.endpoint) != 0;
  const bool never_began = happened.kind == event_kind::handshake_failed;
  if (never_began || happened.kind == event_kind::disconnected) lost_.insert(happened.endpoint);
  // Of a peer of STREAM there is no handshake.
  if (by_ourselves || (happened.kind == event_kind::handshake_done && happened.socket == socket_type::stream))
    return;
  if (happened.kind == event_kind::connect_retried && !was_lost) send(ZMQ_EVENT_CLOSED, 0, happened);
  send(what.kind, what.value, happened);
  if (never_began) send(ZMQ_EVENT_DISCONNECTED, 0, happened);
}

void monitor_feed::tell_lengths(std::span<const engine::queue_lengths> all) {
  pump();
  const std::lock_guard lock(mutex_);
  if (over_) return;
  for (const engine::queue_lengths& each : all)
    send(ZMQ_EVENT_PIPES_STATS, std::array{each.out, each.in}, each.about);
}

/// If it is wanted.
void monitor_feed::send(std::uint64_t kind, std::span<const std::uint64_t> values, const event& about) {
  if (!wants(kind)) return;
  message told = form_ == format::first ? in_first_format(kind, values.front(), about)
                                        : in_second_format(kind, values, about);
  static_cast<void>(out_->try_send(told));
}

void monitor_feed::end() noexcept {
  over_ = true;
  from_->stop_listening();
  try {
    send(ZMQ_EVENT_MONITOR_STOPPED, 0, {});
  } catch (const std::bad_alloc&) {
    // The end of the socket says it too.
  }
  out_->begin_close();
}

void monitor_feed::stop() noexcept {
  pump();
  const std::lock_guard lock(mutex_);
  if (!over_) end();
}

}  // namespace monocoque::capi
