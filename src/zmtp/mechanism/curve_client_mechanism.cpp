#include "zmtp/mechanism/curve_client_mechanism.hpp"

#include "base/wire.hpp"
#include "zmtp/handshake.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;

error cannot_open(std::string_view what, std::string_view hint) {
  return error(errc::decryption_failed)
      .with_detail(std::string(what) + " cannot be opened" + std::string(hint));
}

std::array<std::byte, curve::number_size> octets_of(std::uint64_t number) noexcept {
  std::array<std::byte, curve::number_size> made{};
  wire::store_u64(made.data(), number);
  return made;
}

}  // namespace

result<void> curve_client_mechanism::start(std::vector<std::byte>& out) {
  auto drawn = crypto::generate_keypair();
  if (!drawn) return std::move(drawn).error();
  short_term_ = *std::move(drawn);
  if (!key_.agree(own_.server, short_term_.secret_key))
    return error(errc::invalid_argument).with_detail("what was given as the server's key is none");
  std::array<std::byte, curve::hello::size> data{};
  data[0] = std::byte{1};  // the version is 1.0
  std::ranges::copy(short_term_.public_key.data(), data.begin() + curve::hello::client_at);
  const auto number = octets_of(next_number_++);
  std::ranges::copy(number, data.begin() + curve::hello::number_at);
  constexpr std::array<std::byte, curve::hello::text_size> zeros{};
  key_.seal(std::span(data).subspan<curve::hello::box_at>(), zeros,
            curve::nonce_of(curve::hello_prefix, number));
  append_command(out, hello_command, data);
  return {};
}

result<mechanism::progress> curve_client_mechanism::handle(const command& received,
                                                           std::vector<std::byte>& out) {
  if (!welcomed_) {
    if (received.name != welcome_command) return unexpected(received, welcome_command, out);
    return handle_welcome(received.data, out);
  }
  if (received.name != ready_command) return unexpected(received, ready_command, out);
  return handle_ready(received.data);
}

result<mechanism::progress> curve_client_mechanism::handle_welcome(octets data, std::vector<std::byte>& out) {
  if (data.size() != curve::welcome::size) {
    return error(errc::bad_command)
        .with_detail("WELCOME of " + std::to_string(data.size()) + " bytes instead of 160");
  }
  std::array<std::byte, curve::welcome::text_size> text{};
  if (!key_.open(text, data.subspan(curve::welcome::box_at),
                 curve::nonce_of(curve::welcome_prefix, data.first(curve::random_size))))
    return cannot_open("WELCOME", ": the peer does not have the server's key");
  welcomed_ = true;
  const curve_public_key server_short{std::span(text).first<curve::key_size>()};
  if (auto sent = send_initiate(server_short, std::span(text).subspan(curve::key_size), out); !sent)
    return std::move(sent).error();
  return progress::more;
}

result<void> curve_client_mechanism::send_initiate(const curve_public_key& server_short, octets cookie,
                                                   std::vector<std::byte>& out) {
  crypto::box_key vouching;
  if (!vouching.agree(server_short, own_.keys.secret_key) ||
      !key_.agree(server_short, short_term_.secret_key))
    return error(errc::decryption_failed).with_detail("the short-term key in WELCOME is none");
  const auto drawn = curve::draw();
  std::array<std::byte, curve::vouch::text_size> vouch{};
  std::ranges::copy(short_term_.public_key.data(), vouch.begin());
  std::ranges::copy(own_.server.data(), vouch.begin() + curve::key_size);

  std::vector<std::byte> text;
  append(text, own_.keys.public_key.data());
  append(text, drawn);
  text.resize(curve::initiate::metadata_at);
  vouching.seal(std::span(text).subspan(curve::initiate::vouch_at + curve::vouch::box_at), vouch,
                curve::nonce_of(curve::vouch_prefix, drawn));
  append_own_metadata(text, settings());

  std::vector<std::byte> data;
  append(data, cookie);
  const auto number = octets_of(next_number_++);
  append(data, number);
  data.resize(curve::initiate::box_at + curve::tag_size + text.size());
  key_.seal(std::span(data).subspan(curve::initiate::box_at), text,
            curve::nonce_of(curve::initiate_prefix, number));
  append_command(out, initiate_command, data);
  return {};
}

result<mechanism::progress> curve_client_mechanism::handle_ready(octets data) {
  if (data.size() < curve::ready::min_size) {
    return error(errc::bad_command)
        .with_detail("READY of " + std::to_string(data.size()) + " bytes; at least 24 are needed");
  }
  std::vector<std::byte> metadata(data.size() - curve::ready::min_size);
  const octets number = data.first(curve::number_size);
  if (!key_.open(metadata, data.subspan(curve::ready::box_at), curve::nonce_of(curve::ready_prefix, number)))
    return cannot_open("READY", "");
  last_peer_number_ = wire::load_u64(number.data());
  if (auto understood = read_metadata(metadata); !understood) return std::move(understood).error();
  return progress::done;
}

std::unique_ptr<curve_traffic> curve_client_mechanism::take_traffic() {
  return make_curve_traffic(key_, false, next_number_, last_peer_number_, settings().limits);
}

}  // namespace monocoque::zmtp
