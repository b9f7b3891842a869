#include "zmtp/metadata.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace monocoque::zmtp {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct before_ignoring_case {
  bool operator()(std::string_view one, std::string_view other) const noexcept {
    return std::lexicographical_compare(one.begin(), one.end(), other.begin(), other.end(),
                                        [](char a, char b) { return lower(a) < lower(b); });
  }
};

/// Takes `size` octets off `in`, if there are as many.
std::optional<octets> take(octets& in, std::size_t size) noexcept {
  if (in.size() < size) return std::nullopt;
  const octets front = in.first(size);
  in = in.subspan(size);
  return front;
}

std::size_t load_u32(octets in) noexcept {
  std::size_t value = 0;
  for (const std::byte octet : in) value = value << 8 | value_of(octet);
  return value;
}

error cut_off(std::string_view where) {
  return error(errc::bad_metadata).with_detail("metadata cut off in " + std::string(where));
}

result<property> take_property(octets& in) {
  const std::size_t name_size = value_of((*take(in, 1))[0]);
  if (name_size == 0) return error(errc::bad_metadata).with_detail("property with an empty name");
  const auto name = take(in, name_size);
  if (!name) return cut_off("a property name");
  const std::string shown = printable(as_text(*name));
  const auto value_size = take(in, 4);
  if (!value_size) return cut_off("the size of property " + shown);
  const auto value = take(in, load_u32(*value_size));
  if (!value) return cut_off("the value of property " + shown);
  return property{as_text(*name), *value};
}

}  // namespace

bool same_property(std::string_view one, std::string_view other) noexcept {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

result<std::vector<property>> parse_metadata(octets in) {
  std::vector<property> found;
  std::set<std::string_view, before_ignoring_case> names;
  while (!in.empty()) {
    auto next = take_property(in);
    if (!next) return std::move(next).error();
    if (!names.insert(next->name).second) {
      return error(errc::bad_metadata).with_detail("property " + printable(next->name) + " given twice");
    }
    found.push_back(*next);
  }
  return found;
}

void append_property(std::vector<std::byte>& out, std::string_view name, octets value) {
  append_octet(out, name.size());
  append(out, name);
  for (int shift = 24; shift >= 0; shift -= 8) append_octet(out, (value.size() >> shift) & 0xff);
  append(out, value);
}

}  // namespace monocoque::zmtp
