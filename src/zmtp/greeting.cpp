#include "zmtp/greeting.hpp"

#include "base/wire.hpp"

#include <algorithm>
#include <string>

namespace monocoque::zmtp {
namespace {

constexpr std::size_t version_at = 10;
constexpr std::size_t minor_at = 11;
constexpr std::size_t mechanism_at = 12;
constexpr std::size_t mechanism_size = 20;
constexpr std::size_t as_server_at = mechanism_at + mechanism_size;
constexpr std::uint8_t own_major = 3;
constexpr std::uint8_t own_minor = 1;
constexpr std::uint64_t max_identity_frame = 256;  // flags and 255 octets

error bad_greeting(std::string detail) { return error(errc::bad_greeting).with_detail(std::move(detail)); }

/// ZMTP 2.0 knows XPUB and XSUB as PUB and SUB (RFC 15, section "Publish-Subscribe").
socket_type type_in_v2(socket_type type) noexcept {
  if (type == socket_type::xpub) return socket_type::pub;
  if (type == socket_type::xsub) return socket_type::sub;
  return type;
}

}  // namespace

void greeting_exchange::start(std::vector<std::byte>& out) const {
  std::array<std::byte, signature_size> signature{};
  signature[0] = std::byte{0xff};
  base::wire::store_u64(signature.data() + 1, own_.routing_id_size + 1);
  signature[9] = std::byte{0x7f};
  append(out, octets(signature));
}

result<std::size_t> greeting_exchange::receive(octets in, std::vector<std::byte>& out) {
  std::size_t taken = 0;
  while (!done() && taken < in.size()) {
    received_[fill_++] = in[taken++];
    if (auto reaction = react(out); !reaction) return std::move(reaction).error();
  }
  return taken;
}

result<void> greeting_exchange::react(std::vector<std::byte>& out) {
  const bool has_signature = received_[0] == std::byte{0xff};
  if (!has_signature) return fill_ == 2 ? finish_unversioned() : result<void>();
  if (fill_ == signature_size) {
    // A ZMTP 1.0 peer with a long identity frame has that frame's flags here.
    const std::uint8_t last = value_of(received_[9]);
    if ((last & 1) == 0) return finish_unversioned();
    if (last != 0x7f) return bad_greeting("signature ends with " + hex(last) + " instead of 0x7f");
    append_octet(out, own_major);
  }
  if (fill_ <= version_at) return {};

  const std::uint8_t major = value_of(received_[version_at]);
  if (fill_ == version_at + 1) send_rest(out);
  if (major < 3) {
    if (fill_ == v2_size) dialect_ = major == 0 ? zmtp::dialect::v1 : zmtp::dialect::v2;
  } else if (fill_ == v3_size) {
    const bool v3_0 = major == 3 && received_[minor_at] == std::byte{0};
    dialect_ = v3_0 ? zmtp::dialect::v3_0 : zmtp::dialect::v3_1;
  }
  return {};
}

/// RFC 13 leaves the flags of an identity frame open; every known ZMTP 1.0 peer sends 0. Insisting on it
/// tells such peers from everything else that may knock at a port (HTTP, TLS, SSH).
result<void> greeting_exchange::finish_unversioned() {
  const bool is_long = received_[0] == std::byte{0xff};
  const std::uint64_t size = is_long ? base::wire::load_u64(received_.data() + 1) : value_of(received_[0]);
  if (received_[fill_ - 1] != std::byte{0} || size == 0 || size > max_identity_frame) {
    std::string text = "starts with";
    for (const std::byte octet : received()) text += ' ' + hex(value_of(octet));
    return bad_greeting(std::move(text) + ", neither a ZMTP signature nor an identity frame");
  }
  dialect_ = zmtp::dialect::v1_unversioned;
  return {};
}

void greeting_exchange::send_rest(std::vector<std::byte>& out) const {
  if (value_of(received_[version_at]) < 3) {
    append_octet(out, static_cast<std::size_t>(type_in_v2(own_.socket_type)));
    return;
  }
  std::array<std::byte, v3_size> whole{};
  whole[minor_at] = std::byte{own_minor};
  const octets name = as_octets(own_.mechanism.substr(0, mechanism_size));
  std::copy(name.begin(), name.end(), whole.begin() + mechanism_at);
  whole[as_server_at] = std::byte{own_.as_server};
  append(out, octets(whole).subspan(minor_at));
}

std::optional<socket_type> greeting_exchange::peer_socket_type() const noexcept {
  const std::uint8_t value = value_of(received_[v2_size - 1]);
  if (value > static_cast<std::uint8_t>(socket_type::xsub)) return std::nullopt;
  return static_cast<socket_type>(value);
}

result<void> greeting_exchange::check_mechanism() const {
  const std::string_view field = as_text(octets(received_).subspan(mechanism_at, mechanism_size));
  const std::string_view name = field.substr(0, field.find('\0'));
  const bool padded = field.find_first_not_of('\0', name.size()) == std::string_view::npos;
  const bool same = padded && name == own_.mechanism;
  // Of clients nobody can tell: libzmq never sets the flag.
  const bool both_serve = own_.as_server && received_[as_server_at] == std::byte{1};
  if (same && !both_serve) return {};
  if (same)
    return error(errc::mechanism_mismatch).with_detail("both sides are servers of " + printable(name));
  return error(errc::mechanism_mismatch)
      .with_detail("the peer wants mechanism \"" + printable(padded ? name : field) + "\", this side \"" +
                   std::string(own_.mechanism) + '"');
}

}  // namespace monocoque::zmtp
