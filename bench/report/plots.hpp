#pragma once

#include "settings.hpp"

namespace bench {

/// Runs plot.py on the results that were written. Throws std::runtime_error if it does not work.
void draw_plots(const settings& chosen);

}  // namespace bench
