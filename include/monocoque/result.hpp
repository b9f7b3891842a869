#pragma once

#include <monocoque/error.hpp>

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#pragma GCC visibility push(default)

namespace monocoque {

/// Tag for the non-throwing twin of a call: `auto r = socket.send(as_result, "x");`
struct as_result_tag {
  explicit as_result_tag() = default;
};
inline constexpr as_result_tag as_result{};

/// A value or an error. `value()` on an error throws `monocoque::exception`; `*` and `->` require a value.
template <class Value>
class [[nodiscard]] result {
 public:
  using value_type = Value;

  result(Value value) : state_(std::in_place_index<0>, std::move(value)) {}               // NOLINT
  result(monocoque::error reason) : state_(std::in_place_index<1>, std::move(reason)) {}  // NOLINT
  result(errc code) : state_(std::in_place_index<1>, code) {}                             // NOLINT

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] Value& operator*() & noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] const Value& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] Value&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  [[nodiscard]] Value* operator->() noexcept { return std::get_if<0>(&state_); }
  [[nodiscard]] const Value* operator->() const noexcept { return std::get_if<0>(&state_); }

  [[nodiscard]] Value& value() & { return check(), **this; }
  [[nodiscard]] const Value& value() const& { return check(), **this; }
  [[nodiscard]] Value&& value() && { return check(), std::move(**this); }

  /// The error; only on a result without a value.
  [[nodiscard]] const monocoque::error& error() const& noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] monocoque::error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  void check() const {
    if (!has_value()) throw exception(error());
  }

  std::variant<Value, monocoque::error> state_;
};

template <>
class [[nodiscard]] result<void> {
 public:
  using value_type = void;

  result() noexcept = default;
  result(monocoque::error reason) : error_(std::move(reason)) {}  // NOLINT
  result(errc code) : error_(code) {}                             // NOLINT

  [[nodiscard]] bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const {
    if (!has_value()) throw exception(error_);
  }
  [[nodiscard]] const monocoque::error& error() const& noexcept { return error_; }
  [[nodiscard]] monocoque::error&& error() && noexcept { return std::move(error_); }

 private:
  monocoque::error error_;  // no code: success
};

}  // namespace monocoque

#pragma GCC visibility pop
