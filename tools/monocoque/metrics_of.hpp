#pragma once

#include "metrics_server.hpp"

#include <monocoque/context.hpp>

#include <optional>
#include <string>

namespace tool {

/// `--metrics ADDR`: serves the figures of a threaded context's sockets while it lives, and says on standard
/// error where. Destroyed before the context.
class metrics_of {
 public:
  /// Nothing without an address. Throws as metrics_server does.
  metrics_of(monocoque::context& context, const std::optional<std::string>& address);

 private:
  std::optional<metrics_server> server_;
};

}  // namespace tool
