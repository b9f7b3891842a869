#include "engine/option_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>

namespace monocoque::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

template <class Value>
struct named {
  std::string_view name;
  Value value;
};

constexpr std::array switches{named{"off", false}, named{"on", true}};

constexpr std::array policies{
    named{"of_pattern", full_policy::of_pattern},   named{"wait", full_policy::wait},
    named{"drop_newest", full_policy::drop_newest}, named{"drop_oldest", full_policy::drop_oldest},
    named{"disconnect", full_policy::disconnect},
};

constexpr std::array reports{
    named{"first", subscription_reports::first},           named{"verbose", subscription_reports::verbose},
    named{"verboser", subscription_reports::verboser},     named{"manual", subscription_reports::manual},
    named{"last_value", subscription_reports::last_value},
};

constexpr std::array stops{
    named{"refused", &reconnect_stops::refused},
    named{"handshake_failed", &reconnect_stops::handshake_failed},
    named{"disconnected", &reconnect_stops::disconnected},
    named{"denied", &reconnect_stops::denied},
};
constexpr std::string_view nothing = "none";

/// The largest first, as values are written.
constexpr std::array sizes{named<std::int64_t>{"G", std::int64_t{1} << 30U},
                           named<std::int64_t>{"M", std::int64_t{1} << 20U},
                           named<std::int64_t>{"k", std::int64_t{1} << 10U}};
constexpr std::array spans{named<std::int64_t>{"h", 3'600'000}, named<std::int64_t>{"min", 60'000},
                           named<std::int64_t>{"s", 1000}, named<std::int64_t>{"ms", 1}};
constexpr std::string_view no_limit = "infinite";

template <class Value, std::size_t Size>
using names = std::array<named<Value>, Size>;

template <class Value, std::size_t Size>
bool read_named(const names<Value, Size>& all, std::string_view text, Value& into) {
  const auto found = std::ranges::find(all, text, &named<Value>::name);
  if (found == all.end()) return false;
  into = found->value;
  return true;
}
template <class Value, std::size_t Size>
std::string write_named(const names<Value, Size>& all, Value value) {
  return std::string(std::ranges::find(all, value, &named<Value>::value)->name);
}
/// "a, b or c".
template <class Value, std::size_t Size>
std::string list_names(const names<Value, Size>& all) {
  std::string list;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) list += i + 1 < all.size() ? ", " : " or ";
    list += all[i].name;
  }
  return list;
}

/// A whole number and, behind it, a unit or nothing.
struct measure {
  std::int64_t number = 0;
  std::string_view unit;
};
std::optional<measure> read_measure(std::string_view text) {
  measure found;
  const auto [behind, failure] = std::from_chars(text.data(), text.data() + text.size(), found.number);
  if (failure != std::errc{}) return std::nullopt;
  found.unit = text.substr(static_cast<std::size_t>(behind - text.data()));
  return found;
}
template <std::size_t Size>
bool multiply(measure what, const names<std::int64_t, Size>& units, std::int64_t& into) {
  std::int64_t unit = 0;
  return read_named(units, what.unit, unit) && !__builtin_mul_overflow(what.number, unit, &into);
}
template <std::size_t Size>
std::string write_measure(std::int64_t value, const names<std::int64_t, Size>& units) {
  for (const named<std::int64_t>& unit : units) {
    if (value != 0 && value % unit.value == 0) {
      return std::to_string(value / unit.value).append(unit.name);
    }
  }
  return std::to_string(value);
}

std::optional<unsigned> digit_of(char hex) {
  if (hex >= '0' && hex <= '9') return static_cast<unsigned>(hex - '0');
  if (hex >= 'a' && hex <= 'f') return static_cast<unsigned>(hex - 'a' + 10);
  if (hex >= 'A' && hex <= 'F') return static_cast<unsigned>(hex - 'A' + 10);
  return std::nullopt;
}

/// What \xNN at the front of `text` stands for.
std::optional<char> read_octet(std::string_view text) {
  if (text.size() < 4 || !text.starts_with("\\x")) return std::nullopt;
  const auto high = digit_of(text[2]);
  const auto low = digit_of(text[3]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(static_cast<unsigned char>(*high << 4U | *low));
}

}  // namespace

bool read_value(std::string_view text, bool& into) { return read_named(switches, text, into); }
std::string write_value(bool value) { return write_named(switches, value); }
std::string form_of(bool /*any*/) { return list_names(switches); }

bool read_number(std::string_view text, std::int64_t& into) {
  const auto found = read_measure(text);
  if (!found) return false;
  if (!found->unit.empty()) return multiply(*found, sizes, into);
  into = found->number;
  return true;
}
std::string write_number(std::int64_t value) { return write_measure(value, sizes); }
std::string form_of_numbers() { return "a number, such as 1000, 64k, 16M or 1G"; }

bool read_value(std::string_view text, milliseconds& into) {
  if (text == no_limit) {
    into = infinite;
    return true;
  }
  const auto found = read_measure(text);
  std::int64_t span = 0;
  if (!found) return false;
  if (found->unit.empty()) {
    if (found->number != 0 && found->number != -1) return false;  // of what?
    span = found->number;
  } else if (!multiply(*found, spans, span)) {
    return false;
  }
  into = milliseconds(span);
  return true;
}
std::string write_value(milliseconds value) {
  return value == infinite ? std::string(no_limit) : write_measure(value.count(), spans);
}
std::string form_of(milliseconds /*any*/) { return "a time, such as 250ms, 30s, 5min, 1h or infinite"; }

bool read_value(std::string_view text, seconds& into) {
  milliseconds span{};
  if (!read_value(text, span) || span == infinite || span.count() % 1000 != 0) return false;
  into = std::chrono::duration_cast<seconds>(span);
  return true;
}
std::string write_value(seconds value) { return write_value(milliseconds(value)); }
std::string form_of(seconds /*any*/) { return "a time of whole seconds, such as 30s, 5min or 1h"; }

bool read_value(std::string_view text, bytes& into) {
  std::string plain;
  while (!text.empty()) {
    std::size_t taken = 1;
    if (text.starts_with("\\\\")) {
      plain += '\\';
      taken = 2;
    } else if (text[0] == '\\') {
      const auto octet = read_octet(text);
      if (!octet) return false;
      plain += *octet;
      taken = 4;
    } else {
      plain += text[0];
    }
    text.remove_prefix(taken);
  }
  into = bytes::copy(plain);
  return true;
}
std::string write_value(const bytes& value) {
  return value.empty() ? std::string(nothing) : std::string(value.view());
}
std::string form_of(const bytes& /*any*/) { return "text, in which \\xNN is a byte and \\\\ a backslash"; }

bool read_value(std::string_view text, std::string& into) {
  into = text;
  return true;
}
std::string write_value(const std::string& value) { return value.empty() ? std::string(nothing) : value; }
std::string form_of(const std::string& /*any*/) { return "text"; }

std::string list_of(const std::vector<std::string>& values) {
  std::string list;
  for (const std::string& each : values) {
    if (!list.empty()) list += ", ";
    list += each;
  }
  return list.empty() ? std::string(nothing) : list;
}

bool read_value(std::string_view text, std::map<std::string, std::string>& into) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  into[std::string(text.substr(0, colon))] = text.substr(colon + 1);
  return true;
}
std::string write_value(const std::map<std::string, std::string>& value) {
  std::vector<std::string> written;
  written.reserve(value.size());
  for (const auto& [name, property] : value) written.emplace_back(name).append(":").append(property);
  return list_of(written);
}
std::string form_of(const std::map<std::string, std::string>& /*any*/) {
  return "NAME:VALUE, one property at a time";
}

bool read_value(std::string_view text, full_policy& into) { return read_named(policies, text, into); }
std::string write_value(full_policy value) { return write_named(policies, value); }
std::string form_of(full_policy /*any*/) { return list_names(policies); }

bool read_value(std::string_view text, subscription_reports& into) { return read_named(reports, text, into); }
std::string write_value(subscription_reports value) { return write_named(reports, value); }
std::string form_of(subscription_reports /*any*/) { return list_names(reports); }

bool read_value(std::string_view text, reconnect_stops& into) {
  reconnect_stops chosen;
  for (const auto each : std::views::split(text, ',')) {
    const std::string_view name(each.begin(), each.end());
    if (text == nothing) break;
    bool reconnect_stops::* stop = nullptr;
    if (!read_named(stops, name, stop)) return false;
    chosen.*stop = true;
  }
  into = chosen;
  return !text.empty();
}
std::string write_value(const reconnect_stops& value) {
  std::string list;
  for (const auto& [name, chosen] : stops) {
    if (!(value.*chosen)) continue;
    if (!list.empty()) list += ',';
    list += name;
  }
  return list.empty() ? std::string(nothing) : list;
}
std::string form_of(const reconnect_stops& /*any*/) {
  return std::string(nothing) + ", or " + list_names(stops) + ", or some of them with commas between";
}

}  // namespace monocoque::engine
