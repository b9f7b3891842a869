#include "engine/accept_filter.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

namespace monocoque::engine {
namespace {

template <class Number>
bool holds(const std::vector<Number>& all, Number wanted) {
  return std::ranges::find(all, wanted) != all.end();
}

error refusal(std::string why) { return error::from_errno(EACCES, "accept").with_detail(std::move(why)); }

}  // namespace

accept_filter::accept_filter(const socket_options& options)
    : processes_(options.ipc_accept_processes),
      users_(options.ipc_accept_users),
      groups_(options.ipc_accept_groups) {
  for (const std::string& each : options.tcp_accept_filters) {
    if (auto network = auth::parse_network(each, auth::spare_bits::ignore))
      networks_.push_back(*std::move(network));
  }
}

result<void> accept_filter::check_address(std::string_view peer_address) const {
  if (networks_.empty()) return {};
  const std::optional<auth::ip_address> address = auth::parse_address(peer_address);
  const bool is_in = address && std::ranges::any_of(networks_, [&](const auth::network& each) {
                       return each.contains(*address);
                     });
  if (is_in) return {};
  return refusal("in no network of option tcp_accept_filters");
}

result<void> accept_filter::check_process(const transport::peer_credentials& process) const {
  if (!asks_for_process() || holds(processes_, std::int32_t{process.pid}) ||
      holds(users_, std::uint32_t{process.uid}) || holds(groups_, std::uint32_t{process.gid}))
    return {};
  const bool in_a_group =
      std::ranges::any_of(process.groups, [&](gid_t each) { return holds(groups_, std::uint32_t{each}); });
  if (in_a_group) return {};
  return refusal("process " + std::to_string(process.pid) + " of user " + std::to_string(process.uid) +
                 " is in no option ipc_accept_...");
}

}  // namespace monocoque::engine
