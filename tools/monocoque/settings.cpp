#include "settings.hpp"

#include "exit_status.hpp"
#include "output.hpp"

#include <monocoque/option_names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>

namespace tool {
namespace {

using monocoque::option_description;

/// What a command's own options do instead.
struct replaced {
  std::string_view name, why;
};
constexpr std::array replaced_options{
    replaced{"send_timeout", "-t says how long a command waits"},
    replaced{"receive_timeout", "-t says how long a command waits"},
};

constexpr std::string_view what_values_are =
    "\nEach as -o NAME=VALUE; what stands here is the default. Times have their unit: 250ms, 30s, 5min, 1h, "
    "infinite.\n"
    "k, M and G behind a number are 1024, its square and its cube. In messages and ids \\xNN is a byte and\n"
    "\\\\ a backslash. system is what the system does by itself.\n";

bool has(const option_description& option, std::optional<monocoque::socket_type> type) {
  return !type || std::ranges::find(option.types, *type) != option.types.end();
}

bool is_replaced(std::string_view name) {
  return std::ranges::find(replaced_options, name, &replaced::name) != replaced_options.end();
}

/// What may stand there: names of values are their own description.
std::string values_of(const option_description& option) {
  if (!option.range.empty()) return std::string(option.range);
  const bool is_described = option.form.starts_with("a ") || option.form.starts_with("text");
  return is_described ? "" : option.form;
}

std::string paragraph_about(const option_description& option, bool names_types) {
  std::string text = fmt::format("{} = {}", option.name, option.default_value);
  constexpr std::size_t all_types = 11;
  if (names_types && option.types.size() < all_types) {
    const auto names = std::views::transform(option.types, [](auto type) { return name_of(type); });
    text += fmt::format("  ({})", fmt::join(names, ", "));
  }
  text += fmt::format("\n    {}", option.meaning);
  if (const std::string values = values_of(option); !values.empty()) text += ": " + values;
  return text + "\n";
}

}  // namespace

void apply(const setting_list& settings, monocoque::socket_options& to) {
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) throw wrong_usage(fmt::format("-o '{}': NAME=VALUE is needed", setting));
    std::string name = setting.substr(0, equals);
    std::ranges::replace(name, '-', '_');
    const auto set = monocoque::set_option(monocoque::as_result, to, name, setting.substr(equals + 1));
    if (!set) throw wrong_usage(fmt::format("{} (see monocoque options)", set.error().detail()));
    const auto* const instead = std::ranges::find(replaced_options, name, &replaced::name);
    if (instead != replaced_options.end()) throw wrong_usage(fmt::format("{}: {}", name, instead->why));
  }
}

void check(monocoque::socket_type type, const monocoque::socket_options& options) {
  const auto checked = monocoque::check_options(type, options);
  if (!checked) throw wrong_usage(std::string(checked.error().detail()));
}

int run(const options_command& command) {
  output out(message_format::raw, "");
  for (const option_description& option : monocoque::describe_options()) {
    if (!has(option, command.type) || is_replaced(option.name)) continue;
    out.print(monocoque::message(paragraph_about(option, !command.type)));
  }
  out.print(monocoque::message(what_values_are));
  out.flush();
  return exit_done;
}

}  // namespace tool
