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

/// A callable that writes a payload, without its type. Refers to it; does not own it.
class payload_writer {
 public:
  template <std::invocable<std::span<std::byte>> Fill>
  explicit payload_writer(Fill& fill) noexcept
      : fill_(const_cast<void*>(static_cast<const void*>(&fill))),  // NOLINT: called as what it is
        call_([](void* callable, std::span<std::byte> into) { (*static_cast<Fill*>(callable))(into); }) {}
  void operator()(std::span<std::byte> into) const { call_(fill_, into); }

 private:
  void* fill_;
  void (*call_)(void* callable, std::span<std::byte> into);
};

}  // namespace detail
}  // namespace monocoque

#pragma GCC visibility pop
