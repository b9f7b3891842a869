#include "capi/peer_properties.hpp"

#include <string_view>

namespace monocoque::capi {
namespace {

const char* unless_empty(const std::string& value) { return value.empty() ? nullptr : value.c_str(); }

}  // namespace

const char* property_of(const peer_info& of, const char* name) {
  const std::string_view wanted = name;
  if (wanted == "Peer-Address") return unless_empty(of.host);
  if (wanted == "User-Id") return unless_empty(of.user_id);
  // On the wire the routing id has its old name.
  const auto found = of.metadata.find(wanted == "Routing-Id" ? "Identity" : name);
  return found != of.metadata.end() ? found->second.c_str() : nullptr;
}

}  // namespace monocoque::capi
