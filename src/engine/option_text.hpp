#pragma once

#include <monocoque/bytes.hpp>
#include <monocoque/options.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The values of options as text, an overload for each of their types. `read_value` is false, with `into` as
/// it was, for text that is none. `write_value` writes it as it is read, but for "none", which is nothing.
/// `form_of` goes on from "must be", whatever the value.
namespace monocoque::engine {

[[nodiscard]] bool read_value(std::string_view text, bool& into);
[[nodiscard]] std::string write_value(bool value);
[[nodiscard]] std::string form_of(bool value);

[[nodiscard]] bool read_number(std::string_view text, std::int64_t& into);
[[nodiscard]] std::string write_number(std::int64_t value);
[[nodiscard]] std::string form_of_numbers();

/// Of 64 bits without sign, what 63 bits hold.
template <std::integral Number>
[[nodiscard]] bool read_value(std::string_view text, Number& into) {
  std::int64_t number = 0;
  if (!read_number(text, number) || !std::in_range<Number>(number)) return false;
  into = static_cast<Number>(number);
  return true;
}
template <std::integral Number>
[[nodiscard]] std::string write_value(Number value) {
  return write_number(static_cast<std::int64_t>(value));
}
template <std::integral Number>
[[nodiscard]] std::string form_of(Number /*any*/) {
  return form_of_numbers();
}

[[nodiscard]] bool read_value(std::string_view text, std::chrono::milliseconds& into);
[[nodiscard]] std::string write_value(std::chrono::milliseconds value);
[[nodiscard]] std::string form_of(std::chrono::milliseconds value);

[[nodiscard]] bool read_value(std::string_view text, std::chrono::seconds& into);
[[nodiscard]] std::string write_value(std::chrono::seconds value);
[[nodiscard]] std::string form_of(std::chrono::seconds value);

[[nodiscard]] bool read_value(std::string_view text, bytes& into);
[[nodiscard]] std::string write_value(const bytes& value);
[[nodiscard]] std::string form_of(const bytes& value);

[[nodiscard]] bool read_value(std::string_view text, std::string& into);
[[nodiscard]] std::string write_value(const std::string& value);
[[nodiscard]] std::string form_of(const std::string& value);

/// Adds one.
[[nodiscard]] bool read_value(std::string_view text, std::map<std::string, std::string>& into);
[[nodiscard]] std::string write_value(const std::map<std::string, std::string>& value);
[[nodiscard]] std::string form_of(const std::map<std::string, std::string>& value);

[[nodiscard]] bool read_value(std::string_view text, full_policy& into);
[[nodiscard]] std::string write_value(full_policy value);
[[nodiscard]] std::string form_of(full_policy value);

[[nodiscard]] bool read_value(std::string_view text, subscription_reports& into);
[[nodiscard]] std::string write_value(subscription_reports value);
[[nodiscard]] std::string form_of(subscription_reports value);

[[nodiscard]] bool read_value(std::string_view text, reconnect_stops& into);
[[nodiscard]] std::string write_value(const reconnect_stops& value);
[[nodiscard]] std::string form_of(const reconnect_stops& value);

/// Without secrets.
[[nodiscard]] bool read_value(std::string_view text, security_mechanism& into);
[[nodiscard]] std::string write_value(const security_mechanism& value);
[[nodiscard]] std::string form_of(const security_mechanism& value);

/// "a, b", or "none".
[[nodiscard]] std::string list_of(const std::vector<std::string>& values);

/// Adds one.
template <class Value>
[[nodiscard]] bool read_value(std::string_view text, std::vector<Value>& into) {
  Value value{};
  if (!read_value(text, value)) return false;
  into.push_back(std::move(value));
  return true;
}
template <class Value>
[[nodiscard]] std::string write_value(const std::vector<Value>& values) {
  std::vector<std::string> written;
  written.reserve(values.size());
  for (const Value& each : values) written.push_back(write_value(each));
  return list_of(written);
}
template <class Value>
[[nodiscard]] std::string form_of(const std::vector<Value>& /*any*/) {
  return form_of(Value{}) + ", one at a time";
}

/// None is left to the system.
inline constexpr std::string_view of_system = "system";

template <class Value>
[[nodiscard]] bool read_value(std::string_view text, std::optional<Value>& into) {
  Value value{};
  if (text != of_system && !read_value(text, value)) return false;
  into = text == of_system ? std::nullopt : std::optional(value);
  return true;
}
template <class Value>
[[nodiscard]] std::string write_value(const std::optional<Value>& value) {
  return value ? write_value(*value) : std::string(of_system);
}
template <class Value>
[[nodiscard]] std::string form_of(const std::optional<Value>& /*any*/) {
  return std::string(of_system) + ", or " + form_of(Value{});
}

}  // namespace monocoque::engine
