#include "pattern/pattern.hpp"

#include "pattern/dealer.hpp"
#include "pattern/dgram.hpp"
#include "pattern/dish.hpp"
#include "pattern/pair.hpp"
#include "pattern/pub.hpp"
#include "pattern/pull.hpp"
#include "pattern/push.hpp"
#include "pattern/radio.hpp"
#include "pattern/rep.hpp"
#include "pattern/req.hpp"
#include "pattern/router.hpp"
#include "pattern/server.hpp"
#include "pattern/single_frame.hpp"
#include "pattern/stream.hpp"
#include "pattern/xpub.hpp"
#include "pattern/xsub.hpp"

namespace monocoque::pattern {

void pattern::change_settings(const settings&) {}

send_verdict pattern::route_by_topic(std::span<const std::byte>) {
  return {.kind = send_kind::not_supported};
}

bool pattern::foresee(std::span<const std::byte>) const { return false; }

bool pattern::lets_in(std::span<const std::byte>) const { return true; }

send_verdict pattern::subscribe(std::span<const std::byte>, bool) {
  return {.kind = send_kind::not_supported};
}

void pattern::for_each_subscription(const std::function<void(std::span<const std::byte>)>&) const {}

bool pattern::on_subscription(peer_id, bool, const bytes&) { return true; }

result<void> pattern::subscribe_last_peer(std::span<const std::byte>, bool) { return errc::not_supported; }

peer_id pattern::find(std::span<const std::byte>) const { return {}; }

bool has_single_frames(socket_type type) noexcept {
  switch (type) {
    case socket_type::server:
    case socket_type::client:
    case socket_type::gather:
    case socket_type::scatter:
    case socket_type::peer:
    case socket_type::channel: return true;
    default: return false;
  }
}

std::unique_ptr<pattern> make_pattern(socket_type type, const settings& options) {
  switch (type) {
    case socket_type::pair: return std::make_unique<pair>();
    case socket_type::pub: return std::make_unique<pub>(options);
    case socket_type::sub: return std::make_unique<sub>(options);
    case socket_type::req: return std::make_unique<req>(options);
    case socket_type::rep: return std::make_unique<rep>(options);
    case socket_type::dealer: return std::make_unique<dealer>(options);
    case socket_type::router: return std::make_unique<router>(options);
    case socket_type::pull: return std::make_unique<pull>();
    case socket_type::push: return std::make_unique<push>();
    case socket_type::xpub: return std::make_unique<xpub>(options);
    case socket_type::xsub: return std::make_unique<xsub>(options);
    case socket_type::stream: return std::make_unique<stream>(options);
    case socket_type::radio: return std::make_unique<radio>(options);
    case socket_type::dish: return std::make_unique<dish>(options);
    case socket_type::dgram: return std::make_unique<dgram>();
    case socket_type::server:
    case socket_type::peer: return std::make_unique<server>(options);
    case socket_type::client: return std::make_unique<client>(options);
    case socket_type::gather: return std::make_unique<pull>();
    case socket_type::scatter: return std::make_unique<scatter>();
    case socket_type::channel: return std::make_unique<channel>();
  }
  return nullptr;
}

}  // namespace monocoque::pattern
