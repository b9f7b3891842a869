#include <monocoque/option_names.hpp>

#include "engine/option_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace monocoque {
namespace {

using engine::option_rule;
using engine::option_rules;

/// A misspelt name has at most so many wrong letters.
constexpr std::size_t most_typos = 3;

/// How many letters must be put in, left out or changed to make one of the other.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

/// The names that have `name` in them; if none has, those that are nearest to it, unless all are far.
std::vector<std::string_view> names_like(std::string_view name) {
  std::vector<std::string_view> found;
  for (const option_rule& rule : option_rules()) {
    if (!name.empty() && rule.name.find(name) != std::string_view::npos) found.push_back(rule.name);
  }
  if (!found.empty()) return found;
  std::size_t least = most_typos;
  for (const option_rule& rule : option_rules()) {
    const std::size_t typos = distance(name, rule.name);
    if (typos > least) continue;
    if (typos < least) found.clear();
    least = typos;
    found.push_back(rule.name);
  }
  return found;
}

error no_such_option(std::string_view name) {
  std::string detail = "there is no option '" + std::string(name) + "'";
  const std::vector<std::string_view> like = names_like(name);
  for (std::size_t i = 0; i < like.size(); ++i) {
    detail += i == 0 ? "; is it " : i + 1 < like.size() ? ", " : " or ";
    detail += like[i];
  }
  if (!like.empty()) detail += "?";
  return {make_error_code(errc::invalid_argument), std::move(detail)};
}

}  // namespace

std::vector<option_description> describe_options() {
  std::vector<option_description> all;
  for (const option_rule& rule : option_rules()) {
    option_description one{
        .name = rule.name,
        .meaning = rule.meaning,
        .form = rule.form(),
        .range = rule.range,
        .default_value = rule.default_value(),
        .types = {},
    };
    for (std::size_t type = 0; type < socket_type_count; ++type) {
      if (rule.is_of(static_cast<socket_type>(type))) one.types.push_back(static_cast<socket_type>(type));
    }
    all.push_back(std::move(one));
  }
  return all;
}

result<void> set_option(as_result_tag, socket_options& in, std::string_view name, std::string_view value) {
  std::string spelled(name);
  std::ranges::replace(spelled, '-', '_');
  const auto found = std::ranges::find(option_rules(), spelled, &option_rule::name);
  if (found == option_rules().end()) return no_such_option(spelled);
  if (found->read(value, in)) return {};
  std::string detail = "option " + spelled + " must be " + found->form();
  if (!found->is_secret) detail.append(", not '").append(value).append("'");
  return error(make_error_code(errc::invalid_argument), std::move(detail));
}

void set_option(socket_options& in, std::string_view name, std::string_view value) {
  set_option(as_result, in, name, value).value();
}

}  // namespace monocoque
