#pragma once

#include "capi/settings.hpp"

#include <monocoque/socket_type.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace monocoque::capi {

/// What zmq_setsockopt was given.
struct option_value {
  const void* data;
  std::size_t size;

  /// None if it is of another size than an int.
  [[nodiscard]] std::optional<int> integer() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> long_integer() const noexcept;
  [[nodiscard]] std::string_view bytes() const noexcept;
  /// Up to the first 0, if there is one; none if there is nothing.
  [[nodiscard]] std::optional<std::string_view> text() const noexcept;
};

/// What zmq_getsockopt answers: numbers, octets, or a string, which ends with a 0.
struct c_string {
  std::string text;
};
struct curve_key {
  std::array<std::byte, curve_public_key::size> data;
};
using option_answer = std::variant<int, std::int64_t, std::uint64_t, std::string, c_string, curve_key>;

/// A bit for each.
template <class... Types>
[[nodiscard]] constexpr unsigned types_of(Types... types) noexcept {
  return ((1U << static_cast<unsigned>(types)) | ...);
}

/// One option of sockets. There is no other list of them; those that are no setting (ZMQ_FD, ZMQ_SUBSCRIBE,
/// ...) have neither function and are dealt with in options.cpp.
struct option_row {
  int number;
  /// False, with nothing changed: EINVAL. Null: it cannot be set.
  bool (*set)(settings&, option_value) = nullptr;
  /// Null: it cannot be asked for.
  option_answer (*get)(const settings&) = nullptr;
  unsigned types = ~0U;  ///< that have it, a bit each; others answer EINVAL to those who set it

  [[nodiscard]] constexpr bool is_of(socket_type type) const noexcept {
    return (types >> static_cast<unsigned>(type) & 1U) != 0;
  }
};

/// Null: there is no such option.
[[nodiscard]] const option_row* find_option(int number) noexcept;

}  // namespace monocoque::capi
