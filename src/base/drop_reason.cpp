#include <monocoque/drop_reason.hpp>

#include <array>

namespace monocoque {
namespace {

struct naming {
  std::string_view words, label;
};

// In the order of drop_reason.
constexpr std::array<naming, drop_reason_count> names{{{"high-water mark", "full"},
                                                       {"no such peer", "unroutable"},
                                                       {"the peer has gone", "peer_gone"},
                                                       {"replaced by a newer one", "replaced"},
                                                       {"closed before it was sent", "closed"},
                                                       {"not expected", "unexpected"},
                                                       {"no memory for it", "no_memory"}}};

constexpr const naming* find(drop_reason reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  return index < names.size() ? &names[index] : nullptr;
}

}  // namespace

std::string_view name_of(drop_reason reason) noexcept {
  const naming* const found = find(reason);
  return found != nullptr ? found->words : "unknown";
}

std::string_view label_of(drop_reason reason) noexcept {
  const naming* const found = find(reason);
  return found != nullptr ? found->label : "unknown";
}

}  // namespace monocoque
