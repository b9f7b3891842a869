#include "zmtp/mechanism/curve_server_mechanism.hpp"

#include "base/wire.hpp"
#include "crypto/secret.hpp"
#include "zmtp/handshake.hpp"

#include <algorithm>
#include <utility>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;

error cannot_open(std::string_view what) {
  return error(errc::decryption_failed).with_detail(std::string(what));
}
error of_wrong_size(std::string_view name, octets data) {
  return error(errc::bad_command)
      .with_detail(std::string(name) + " of " + std::to_string(data.size()) + " bytes");
}

}  // namespace

result<void> curve_server_mechanism::start(std::vector<std::byte>& /*out*/) {
  if (crypto::is_available()) return {};
  return error(errc::not_supported).with_detail("CURVE");
}

result<mechanism::progress> curve_server_mechanism::handle(const command& received,
                                                           std::vector<std::byte>& out) {
  if (!greeted_) {
    if (received.name != hello_command) return unexpected(received, hello_command, out);
    return handle_hello(received.data, out);
  }
  if (received.name != initiate_command) return unexpected(received, initiate_command, out);
  return handle_initiate(received.data, out);
}

result<mechanism::progress> curve_server_mechanism::handle_hello(octets data, std::vector<std::byte>& out) {
  if (data.size() != curve::hello::size) return of_wrong_size("HELLO", data);
  if (value_of(data[0]) != 1 || value_of(data[1]) != 0) {
    return error(errc::unsupported_version)
        .with_detail("CURVE " + std::to_string(value_of(data[0])) + '.' + std::to_string(value_of(data[1])) +
                     " instead of 1.0");
  }
  const curve_public_key client_short{data.subspan<curve::hello::client_at, curve::key_size>()};
  const octets number = data.subspan(curve::hello::number_at, curve::number_size);
  crypto::box_key key;
  std::array<std::byte, curve::hello::text_size> zeros{};
  if (!key.agree(client_short, own_.keys.secret_key) ||
      !key.open(zeros, data.subspan(curve::hello::box_at), curve::nonce_of(curve::hello_prefix, number)) ||
      !std::ranges::all_of(zeros, [](std::byte each) { return each == std::byte{0}; }))
    return cannot_open("HELLO cannot be opened: the peer has another key for this server");
  if (auto sent = send_welcome(client_short, key, out); !sent) return std::move(sent).error();
  greeted_ = true;
  return progress::more;
}

result<void> curve_server_mechanism::send_welcome(const curve_public_key& client_short,
                                                  const crypto::box_key& key, std::vector<std::byte>& out) {
  auto drawn = crypto::generate_keypair();
  if (!drawn) return std::move(drawn).error();
  crypto::secret<curve::cookie::text_size> kept;
  std::ranges::copy(client_short.data(), kept.span().begin());
  std::ranges::copy(drawn->secret_key.data(), kept.span().begin() + curve::key_size);
  cookie_keys::cookie cookie{};
  cookie_.emplace(cookies_, kept.span(), now_, cookie);

  std::array<std::byte, curve::welcome::text_size> text{};
  std::ranges::copy(drawn->public_key.data(), text.begin());
  std::ranges::copy(cookie, text.begin() + curve::key_size);
  std::array<std::byte, curve::welcome::size> data{};
  const auto random = curve::draw();
  std::ranges::copy(random, data.begin());
  key.seal(std::span(data).subspan<curve::welcome::box_at>(), text,
           curve::nonce_of(curve::welcome_prefix, random));
  append_command(out, welcome_command, data);
  return {};
}

result<mechanism::progress> curve_server_mechanism::handle_initiate(octets data,
                                                                    std::vector<std::byte>& out) {
  if (data.size() < curve::initiate::min_size) return of_wrong_size("INITIATE", data);
  curve_keypair short_term;  // C' and s'
  if (!take_back(data.first(curve::cookie::size), short_term))
    return cannot_open("the cookie in INITIATE is not the one that was given, or too old");
  if (!key_.agree(short_term.public_key, short_term.secret_key))
    return cannot_open("the short-term key in INITIATE is none");
  std::vector<std::byte> text(data.size() - curve::initiate::box_at - curve::tag_size);
  const octets number = data.subspan(curve::initiate::number_at, curve::number_size);
  if (!key_.open(text, data.subspan(curve::initiate::box_at),
                 curve::nonce_of(curve::initiate_prefix, number)))
    return cannot_open("INITIATE cannot be opened");
  last_peer_number_ = wire::load_u64(number.data());
  if (!is_vouched_for(text, short_term.public_key, short_term.secret_key))
    return cannot_open("the vouch in INITIATE is not that of the key it names");
  client_ = curve_public_key(octets(text).first<curve::key_size>());
  auto understood = read_metadata(octets(text).subspan(curve::initiate::metadata_at));
  if (!understood) {
    // In clear, so no more of what came in the box than that.
    const auto why = static_cast<errc>(understood.error().code().value());
    append_error(out, name_of(why));
    return std::move(understood).error();
  }
  return progress::verdict_wanted;
}

bool curve_server_mechanism::take_back(octets cookie, curve_keypair& client_and_own) {
  crypto::secret<curve::cookie::text_size> kept;
  const bool is_ours = cookie_ && cookie_->open(kept.span(), cookie.first<curve::cookie::size>());
  cookie_.reset();
  if (!is_ours) return false;
  client_and_own.public_key = curve_public_key(kept.span().first<curve::key_size>());
  client_and_own.secret_key = curve_secret_key(kept.span().last<curve::key_size>());
  return true;
}

/// Box [C' + S](C->S'): who owns C says that C' is his, and that he talks to us.
bool curve_server_mechanism::is_vouched_for(octets text, const curve_public_key& client_short,
                                            const curve_secret_key& own_short) const {
  const curve_public_key client{text.first<curve::key_size>()};
  const octets vouch = text.subspan(curve::initiate::vouch_at, curve::vouch::size);
  crypto::box_key key;
  std::array<std::byte, curve::vouch::text_size> said{};
  return key.agree(client, own_short) &&
         key.open(said, vouch.subspan(curve::vouch::box_at),
                  curve::nonce_of(curve::vouch_prefix, vouch.first(curve::random_size))) &&
         crypto::same(std::span(said).first(curve::key_size), client_short.data()) &&
         crypto::same(std::span(said).last(curve::key_size), own_.keys.public_key.data());
}

claim curve_server_mechanism::take_claim() {
  claim shown = mechanism::take_claim();
  shown.public_key = client_;
  return shown;
}

result<mechanism::progress> curve_server_mechanism::handle_approval(std::vector<std::byte>& out) {
  std::vector<std::byte> metadata;
  append_own_metadata(metadata, settings());
  std::vector<std::byte> data(curve::ready::min_size + metadata.size());
  wire::store_u64(data.data(), next_number_++);
  key_.seal(std::span(data).subspan(curve::ready::box_at), metadata,
            curve::nonce_of(curve::ready_prefix, octets(data).first(curve::number_size)));
  append_command(out, ready_command, data);
  return progress::done;
}

std::unique_ptr<curve_traffic> curve_server_mechanism::take_traffic() {
  return make_curve_traffic(key_, true, next_number_, last_peer_number_, settings().limits);
}

}  // namespace monocoque::zmtp
