#include "auth/network.hpp"

#include <monocoque/authenticators.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace monocoque {

struct address_list::network : auth::network {};

namespace {

/// True for a peer that has no network address.
bool is_local(const auth_request& request) noexcept { return request.address.starts_with("ipc://"); }

/// Why a peer is turned away before anybody else is asked; nothing: it is not.
using gate = std::function<std::optional<std::string>(const auth_request&)>;

task<auth_verdict> refused(std::string reason) { co_return auth_verdict::deny(std::move(reason)); }

/// The gate in front of `then`, in the form that `then` has, so that what may take its time still may.
struct gated {
  gate refuses;

  authenticator operator()(std::monostate /*none*/) const {
    return [refuses = refuses](const auth_request& request) {
      auto reason = refuses(request);
      return reason ? auth_verdict::deny(std::move(*reason)) : auth_verdict::allow();
    };
  }
  authenticator operator()(const authenticator::immediate& then) const {
    return [refuses = refuses, then](const auth_request& request) {
      auto reason = refuses(request);
      return reason ? auth_verdict::deny(std::move(*reason)) : then(request);
    };
  }
  authenticator operator()(const authenticator::coroutine& then) const {
    // No coroutine itself: what it captured lives as long as the callable, and that until the task is over.
    return [refuses = refuses, then](auth_request request) {
      auto reason = refuses(request);
      return reason ? refused(std::move(*reason)) : then(std::move(request));
    };
  }
  authenticator operator()(const authenticator::deferred& then) const {
    return [refuses = refuses, then](auth_request request, auth_answer answer) {
      if (auto reason = refuses(request)) return answer(auth_verdict::deny(std::move(*reason)));
      then(std::move(request), std::move(answer));
    };
  }
};

}  // namespace

address_list::address_list(std::initializer_list<std::string_view> networks) : networks_(parse(networks)) {}

address_list::address_list(std::span<const std::string> networks)
    : networks_(parse(std::vector<std::string_view>(networks.begin(), networks.end()))) {}

auto address_list::parse(std::span<const std::string_view> texts)
    -> std::shared_ptr<const std::vector<network>> {
  auto parsed = std::make_shared<std::vector<network>>();
  for (const std::string_view text : texts) parsed->push_back({auth::parse_network(text).value()});
  return parsed;
}

bool address_list::contains(std::string_view address) const noexcept {
  const auto parsed = auth::parse_address(address);
  return parsed &&
         std::ranges::any_of(*networks_, [&](const network& each) { return each.contains(*parsed); });
}

authenticator allow_addresses(address_list networks, authenticator then) {
  gate refuses = [networks = std::move(networks)](const auth_request& request) -> std::optional<std::string> {
    if (is_local(request) || networks.contains(request.address)) return std::nullopt;
    return "its address is none of those allowed";
  };
  return std::visit(gated{std::move(refuses)}, then.form());
}

authenticator deny_addresses(address_list networks, authenticator then) {
  gate refuses = [networks = std::move(networks)](const auth_request& request) -> std::optional<std::string> {
    if (is_local(request)) return std::nullopt;
    // What cannot be read might be in any network.
    if (!auth::parse_address(request.address)) return "its address makes no sense";
    if (networks.contains(request.address)) return "its address is one of those denied";
    return std::nullopt;
  };
  return std::visit(gated{std::move(refuses)}, then.form());
}

}  // namespace monocoque
