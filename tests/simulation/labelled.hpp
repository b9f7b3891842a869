#pragma once

#include <monocoque/message.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace monocoque::simulation {

/// Who sent a message, and which one it is. All else about the message follows from that.
struct label {
  std::uint32_t sender = 0;
  std::uint32_t number = 0;
  friend auto operator<=>(const label&, const label&) = default;
};

/// A message of one to four frames, from a few bytes to some 100 KB, behind `topic`, whose every byte follows
/// from its label: whoever gets it can tell whether it is whole and unchanged.
[[nodiscard]] message compose(label what, std::string_view topic = {});
/// The label of a message from frame `first` on; none if it is not exactly what was composed.
[[nodiscard]] std::optional<label> recognise(const message& got, std::size_t first = 0,
                                             std::string_view topic = {});
/// Bytes it takes on the wire, about.
[[nodiscard]] std::size_t wire_size(label what);
[[nodiscard]] std::string to_text(label what);

}  // namespace monocoque::simulation
