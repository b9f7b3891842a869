#include "zmtp/connection_impl.hpp"

#include "base/wire.hpp"
#include "crypto/secret.hpp"
#include "zmtp/handshake.hpp"
#include "zmtp/mechanism/curve_handshake.hpp"
#include "zmtp/metadata.hpp"
#include "zmtp/raw_framing.hpp"
#include "zmtp/v1_framing.hpp"

#include <algorithm>
#include <utility>

namespace monocoque::zmtp {
namespace {

/// A peer that sends PINGs and does not read the PONGs gets no more of them beyond so many unsent bytes.
constexpr std::size_t max_unsent_pongs = 1024;

greeting_terms terms_of(const mechanism& security, const config& settings) {
  return {security.name(), security.as_server(), settings.socket_type, settings.routing_id.size()};
}

}  // namespace

connection::impl::opening::opening(const config& settings, time_point now)
    : security(make_mechanism(settings, now)), greeting(terms_of(*security, settings)) {}

connection::impl::impl(std::shared_ptr<const config> wanted, time_point now)
    : settings(std::move(wanted)),
      deadline(settings->handshake_timeout.count() > 0 ? now + settings->handshake_timeout
                                                       : time_point::max()),
      decoder(handshake_rules()) {
  if (settings->socket_type == socket_type::stream) {
    begin_raw();
    return;
  }
  start = std::make_unique<opening>(*settings, now);
  if (auto checked = check_config(*settings); !checked) {
    fail(std::move(checked).error());
  } else {
    start->greeting.start(out);
  }
}

/// There is nothing to agree on: what comes are messages from the first byte on.
void connection::impl::begin_raw() {
  now_in = phase::traffic;
  reader = make_raw_reader(settings->limits.max_message_size);
  form = make_raw_form();
  frame_rules rules;  // the reader has seen to the sizes
  rules.commands_allowed = false;
  decoder.set_rules(rules);
  peer_info peer;
  peer.zmtp_major = peer.zmtp_minor = 0;
  events.push_back(handshake_done{std::move(peer)});
}

connection::impl::~impl() { crypto::wipe(out); }

void connection::impl::handle_input(bytes chunk) {
  if (over) return;
  if (in_handshake()) {
    if (opening_size > settings->limits.max_handshake_size) {
      return fail(error(errc::limit_reached)
                      .with_detail(std::to_string(opening_size) + " bytes, waiting for " + waiting_for()));
    }
    opening_size += chunk.size();
  }
  if (now_in == phase::greeting) chunk = read_greeting(std::move(chunk));
  if (over || chunk.empty()) return;
  if (opener) return opener->push(std::move(chunk));
  decoder.push(reader ? reader->to_canonical(chunk.span()) : std::move(chunk));
}

/// Returns what follows the greeting in `chunk`.
bytes connection::impl::read_greeting(bytes chunk) {
  auto taken = start->greeting.receive(chunk.span(), out);
  if (!taken) {
    fail(std::move(taken).error());
    return {};
  }
  if (start->greeting.done()) greeting_done();
  return chunk.slice(*taken);
}

void connection::impl::greeting_done() {
  spoken = start->greeting.dialect();
  if (speaks_v3()) {
    if (auto same = start->greeting.check_mechanism(); !same) return fail(std::move(same).error());
    now_in = phase::handshake;
    if (auto started = start->security->start(out); !started) fail(std::move(started).error());
    return;
  }
  if (!std::holds_alternative<no_security>(settings->security)) {
    return fail(
        error(errc::mechanism_mismatch)
            .with_detail("the peer speaks a ZMTP before 3.0, which knows no security, this side wants " +
                         std::string(start->security->name())));
  }
  now_in = phase::identity;
  decoder.set_rules(identity_rules());
  const octets identity = settings->routing_id.span();
  if (spoken == dialect::v1_unversioned) {
    // Our signature was the head of this frame to such a peer, and what we took for a signature is the head
    // of its.
    append(out, identity);
    reader = std::make_unique<v1_reader>();
    decoder.push(reader->to_canonical(start->greeting.received()));
    return;
  }
  if (!accept_old_peer()) return;
  if (spoken == dialect::v1) {
    append_v1_frame(out, identity, false);
    reader = std::make_unique<v1_reader>();
    return;
  }
  std::array<std::byte, base::wire::max_header_size> header{};
  append(out, octets(header).first(base::wire::put_header(header.data(), identity.size(), 0)));
  append(out, identity);
}

bool connection::impl::accept_old_peer() {
  const auto type = start->greeting.peer_socket_type();
  const auto octet = value_of(start->greeting.received()[greeting_exchange::v2_size - 1]);
  const std::string name = type ? std::string(name_of(*type)) : "number " + std::to_string(octet);
  auto checked = check_socket_type(type, name, settings->socket_type);
  if (!checked) {
    peer_info peer;
    if (type) peer.socket_type = name_of(*type);
    handshake_refused(std::move(checked).error(), std::move(peer));
  }
  return !over;
}

event connection::impl::poll_event(std::uint32_t max_messages) {
  for (;;) {
    if (!events.empty()) {
      event next = std::move(events.front());
      events.pop_front();
      if (events.empty()) events.release();  // of the handshake, or the last of all
      return next;
    }
    if (over) return {};
    if (start && start->judging) {
      handle_end_of_input();
      if (!over) return {};
      continue;
    }
    decoded found = decoder.next(now_in == phase::traffic ? max_messages : 1);
    if (auto* batch = std::get_if<message_batch>(&found)) {
      if (now_in == phase::traffic) return messages{std::move(batch->data), batch->count};
      handle_identity(*batch);
    } else if (auto* command = std::get_if<command_frame>(&found)) {
      if (now_in != phase::traffic) {
        handle_handshake_command(*command);
        if (hears_secrets()) wipe(*command);
        continue;
      }
      event told = handle_traffic_command(*command);
      if (!std::holds_alternative<std::monostate>(told)) return told;
    } else if (auto* wrong = std::get_if<error>(&found)) {
      fail(std::move(*wrong));
    } else if (!open_more()) {
      check_unfinished();
      handle_end_of_input();
      if (!over) return {};
    }
  }
}

/// True if encrypted input has become input for the decoder, which has none left.
bool connection::impl::open_more() {
  if (!opener || !decoder.drained()) return false;
  bytes opened = opener->next();
  if (opened.empty()) return false;
  decoder.push(std::move(opened));
  return true;
}

void connection::impl::handle_identity(const message_batch& batch) {
  octets frames = batch.data.span();
  const octets identity = base::wire::next_frame(frames).payload;
  peer_info peer;
  peer.routing_id = bytes::copy(identity);
  if (spoken != dialect::v1_unversioned) {
    if (const auto type = start->greeting.peer_socket_type()) peer.socket_type = name_of(*type);
  }
  if (!settings->authenticates) return handshake_finished(std::move(peer));
  claim shown;
  shown.peer = peer;
  start->old_peer = std::move(peer);
  ask_for_verdict(std::move(shown));
}

void connection::impl::handle_handshake_command(const command_frame& frame) {
  const auto received = parse_command(frame.body.span());
  if (!received) return fail(received.error());
  auto reached = start->security->handle_command(*received, out);
  if (!reached) start->failed_at = printable(received->name);
  go_on(std::move(reached));
}

/// A password that was read is not to lie about.
void connection::impl::wipe(command_frame& read) noexcept {
  crypto::wipe(const_cast<std::byte*>(read.body.data()), read.body.size());  // NOLINT: nobody else has it
  decoder.wipe_read();
}

void connection::impl::go_on(result<mechanism::progress> reached) {
  if (!reached) return handshake_refused(std::move(reached).error(), start->security->take_peer());
  if (*reached == mechanism::progress::verdict_wanted) return ask_for_verdict(start->security->take_claim());
  if (*reached == mechanism::progress::done) handshake_finished(start->security->take_peer());
}

void connection::impl::ask_for_verdict(claim shown) {
  start->judging = true;
  describe(shown.peer);
  events.push_back(std::move(shown));
}

/// A peer that is to come again (300) is told nothing, as libzmq has it.
void connection::impl::handle_verdict(verdict decided) {
  if (over || !start || !start->judging) return;
  start->judging = false;
  if (decided.status == 200) {
    start->approval = std::move(decided);
    if (start->old_peer) return handshake_finished(*std::move(start->old_peer));
    return go_on(start->security->handle_approval(out));
  }
  const std::string status = std::to_string(decided.status);
  if (speaks_v3() && decided.status != 300) append_error(out, status);
  const std::string why = decided.reason.empty() ? std::string() : ": " + printable(decided.reason);
  start->refused_with = decided.status;
  handshake_refused(error(errc::authentication_failed).with_detail("it is not let in (" + status + ")" + why),
                    start->old_peer ? *std::move(start->old_peer) : start->security->take_peer());
}

void connection::impl::handshake_finished(peer_info peer) {
  now_in = phase::traffic;
  decoder.set_rules(traffic_rules());
  describe(peer);
  peer.user_id = std::move(start->approval.user_id);
  // Names are the same in whatever letters: nobody may say otherwise of himself what was decided.
  for (auto& [name, value] : start->approval.metadata) {
    std::erase_if(peer.metadata, [&](const auto& own) { return same_property(own.first, name); });
    peer.metadata.insert_or_assign(name, std::move(value));
  }
  if (speaks_v1()) form = make_v1_form();
  if (const auto traffic = start->security->take_traffic()) {
    form = std::move(traffic->out);
    opener = std::move(traffic->in);
    opener->push(decoder.take_unread());
  }
  events.push_back(handshake_done{std::move(peer)});
  if (spoken == dialect::v1_unversioned && publishes()) events.push_back(subscription{true, bytes()});
  start.reset();
}

void connection::impl::handshake_refused(error reason, peer_info peer) {
  describe(peer);
  fail(std::move(reason), std::make_shared<const peer_info>(std::move(peer)));
}

void connection::impl::describe(peer_info& peer) const {
  peer.mechanism = start->security->name();
  peer.zmtp_major = speaks_v3() ? 3 : speaks_v1() ? 1 : 2;
  peer.zmtp_minor = spoken == dialect::v3_1 ? 1 : 0;
}

/// Commands that are not known are passed over, as libzmq does, so that later versions may add some. PING and
/// SUBSCRIBE are taken from 3.0 peers too: libzmq 4.2 sends PING and announces 3.0.
event connection::impl::handle_traffic_command(const command_frame& frame) {
  const auto received = parse_command(frame.body.span());
  if (!received) {
    fail(received.error());
    return {};
  }
  const auto& [name, data] = *received;
  const auto copy_data = [&frame, size = data.size()] { return frame.body.slice(frame.body.size() - size); };
  if (name == subscribe_command || name == cancel_command) {
    if (publishes()) return subscription{name == subscribe_command, copy_data()};
  } else if (name == join_command || name == leave_command) {
    if (settings->socket_type == socket_type::radio) return subscription{name == join_command, copy_data()};
  } else if (name == ping_command) {
    handle_ping(data);
  } else if (name == pong_command) {
    return pong{copy_data()};
  } else if (name == error_command) {
    auto reason = parse_error(data);
    fail(reason ? error(errc::refused_by_peer).with_detail(*std::move(reason)) : reason.error());
  } else if (name == ready_command) {
    fail(error(errc::unexpected_command).with_detail("READY after the handshake"));
  }
  return {};
}

void connection::impl::handle_ping(octets data) {
  const auto received = parse_ping(data);
  if (!received) return fail(received.error());
  ttl = std::chrono::milliseconds(received->ttl_ds * 100);
  if (out.size() < max_unsent_pongs) append_command(out, pong_command, received->context);
}

void connection::impl::check_unfinished() {
  if (partial_bytes() <= settings->limits.max_unfinished_size) return;
  fail(error(errc::limit_reached)
           .with_detail("a message of which " + std::to_string(partial_bytes()) +
                        " bytes have come is not whole; at most " +
                        std::to_string(settings->limits.max_unfinished_size) + " are held"));
}

void connection::impl::handle_end_of_input() {
  if (!decoder.drained()) return;
  if (reader && reader->failure()) return fail(*reader->failure());
  if (opener && opener->failure()) return fail(*opener->failure());
  if (!eof) return;
  std::string detail;
  if (in_handshake()) {
    detail = "closed by the peer before the handshake was done, waiting for " + waiting_for();
    // It says nothing to somebody who need not know that it is there.
    if (now_in == phase::handshake && std::holds_alternative<curve_client>(settings->security))
      detail += ": a CURVE server does so if it has another key than the one that is known here";
  } else if (decoder.in_message() || (reader && reader->in_header()) || partial_bytes() != 0) {
    detail = "closed by the peer in the middle of a message, of which " + std::to_string(partial_bytes()) +
             " bytes had come";
  } else {
    detail = "closed by the peer";
  }
  fail(error(errc::peer_disconnected).with_detail(std::move(detail)));
}

void connection::impl::handle_timeout(time_point now) {
  if (!in_handshake() || now < deadline) return;
  fail(error(errc::handshake_timeout).with_detail("waiting for " + waiting_for()));
}

void connection::impl::fail(error reason, std::shared_ptr<const peer_info> announced) {
  if (over) return;
  over = true;
  decoder.discard();
  if (opener) opener->discard();
  failed why{.reason = std::move(reason), .announced = std::move(announced)};
  if (start && start->security) {
    why.status = std::max(start->refused_with, start->security->refused_with());
    why.command = std::move(start->failed_at);
  }
  events.push_back(std::move(why));
}

frame_rules connection::impl::identity_rules() const {
  frame_rules rules;
  rules.allowed.max_frame_size = max_identity;
  rules.allowed.max_message_size = max_identity;
  rules.allowed.max_frames = 1;
  rules.commands_allowed = false;
  return rules;
}

frame_rules connection::impl::handshake_rules() const {
  constexpr std::size_t ready_head = 1 + ready_command.size();
  constexpr std::size_t largest_error = 1 + error_command.size() + 1 + max_error_reason;
  const bool is_null = std::holds_alternative<no_security>(settings->security);
  frame_rules rules;
  rules.messages_allowed = false;
  rules.max_command_size =
      std::max(largest_error, ready_head + (is_null ? 0 : curve::max_overhead) +
                                  std::min<std::size_t>(settings->limits.max_metadata_size, INT32_MAX));
  rules.command_over_limit = errc::metadata_too_large;
  rules.commands_are_secret = hears_secrets();
  return rules;
}

frame_rules connection::impl::traffic_rules() const {
  frame_rules rules;
  rules.allowed = settings->limits;
  rules.commands_allowed = speaks_v3();
  rules.max_command_size = settings->limits.max_command_size;
  return rules;
}

bool connection::impl::speaks_v1() const noexcept {
  return spoken == dialect::v1 || spoken == dialect::v1_unversioned;
}

bool connection::impl::speaks_v3() const noexcept {
  return spoken == dialect::v3_0 || spoken == dialect::v3_1;
}

bool connection::impl::hears_secrets() const noexcept {
  return std::holds_alternative<plain_server>(settings->security);
}

bool connection::impl::publishes() const noexcept {
  return settings->socket_type == socket_type::pub || settings->socket_type == socket_type::xpub;
}

std::string connection::impl::waiting_for() const {
  if (start->judging) return "the verdict about it";
  if (now_in == phase::identity) return "its identity frame";
  if (now_in == phase::handshake) return "its " + std::string(start->security->name()) + " handshake";
  return "its greeting, of which " + std::to_string(start->greeting.received().size()) + " bytes had come";
}

}  // namespace monocoque::zmtp
