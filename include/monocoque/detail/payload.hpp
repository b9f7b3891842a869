#pragma once

#include <monocoque/bytes.hpp>

#include <concepts>
#include <cstddef>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>

#pragma GCC visibility push(default)

namespace monocoque {

class frame_view;
class message;

namespace detail {

/// Text or bytes of the caller's that one frame can be encoded from. Not what shares its memory (`bytes`,
/// `message`).
template <class Type>
concept payload = !std::derived_from<std::remove_cvref_t<Type>, bytes> &&
                  !std::derived_from<std::remove_cvref_t<Type>, message> &&
                  !std::same_as<std::remove_cvref_t<Type>, frame_view> &&
                  (std::convertible_to<const Type&, std::string_view> ||
                   std::convertible_to<const Type&, std::span<const std::byte>>);

template <payload Type>
[[nodiscard]] std::span<const std::byte> bytes_of(const Type& what) noexcept {
  if constexpr (std::convertible_to<const Type&, std::string_view>) {
    return std::as_bytes(std::span(static_cast<std::string_view>(what)));
  } else {
    return what;
  }
}

/// A callable that writes payloads, without its type. Refers to it; does not own it.
template <class... Arguments>
class basic_writer {
 public:
  template <std::invocable<Arguments...> Fill>
  explicit basic_writer(Fill& fill) noexcept
      : fill_(const_cast<void*>(static_cast<const void*>(&fill))),  // NOLINT: called as what it is
        call_([](void* callable, Arguments... what) { (*static_cast<Fill*>(callable))(what...); }) {}
  void operator()(Arguments... what) const { call_(fill_, what...); }

 private:
  void* fill_;
  void (*call_)(void* callable, Arguments... what);
};

using payload_writer = basic_writer<std::span<std::byte>>;
/// Of several frames, each by its number.
using frames_writer = basic_writer<std::size_t, std::span<std::byte>>;

}  // namespace detail
}  // namespace monocoque

#pragma GCC visibility pop
