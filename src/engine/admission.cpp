#include "engine/admission.hpp"

namespace monocoque::engine {
namespace {

/// Without the port, which every connection of one host has its own of. An ipc address has none.
std::string_view host_of(std::string_view address) noexcept {
  return address.starts_with("tcp://") ? address.substr(0, address.rfind(':')) : address;
}

error over(std::string detail) { return error(errc::limit_reached).with_detail(std::move(detail)); }

}  // namespace

result<void> admission::enter(std::string_view peer_address) {
  if (most_ != 0 && connections_ >= most_)
    return over("max_connections of " + std::to_string(most_) + " are there");
  if (most_per_address_ != 0) {
    std::size_t& its = by_address_[std::string(host_of(peer_address))];
    if (its >= most_per_address_)
      return over("max_connections_per_address of " + std::to_string(most_per_address_) + " are there");
    ++its;
  }
  ++connections_;
  ++handshakes_;
  return {};
}

bool admission::handshake_over() noexcept {
  const bool exhausted = handshakes_exhausted();
  --handshakes_;
  return exhausted && !handshakes_exhausted();
}

void admission::leave(std::string_view peer_address) noexcept {
  --connections_;
  if (most_per_address_ == 0) return;
  const auto its = by_address_.find(host_of(peer_address));
  if (--its->second == 0) by_address_.erase(its);
}

}  // namespace monocoque::engine
