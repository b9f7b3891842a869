#pragma once

#include "security_settings.hpp"

#include <CLI/CLI.hpp>

namespace tool {

enum class named_in_help : bool { no, yes };

/// Adds the options that say how a socket and its peers prove who they are.
void add_security(CLI::App& app, security_settings& to, named_in_help shown = named_in_help::yes);
/// Once they are parsed. Throws CLI::ValidationError for what makes no sense together.
void check_security(security_settings& given);

}  // namespace tool
