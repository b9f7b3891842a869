#pragma once

/// Everything of the public API.
#include <monocoque/authentication.hpp>
#include <monocoque/authenticators.hpp>
#include <monocoque/context.hpp>
#include <monocoque/curve_keys.hpp>
#include <monocoque/error.hpp>
#include <monocoque/key_file.hpp>
#include <monocoque/message.hpp>
#include <monocoque/monitor.hpp>
#include <monocoque/option_names.hpp>
#include <monocoque/options.hpp>
#include <monocoque/poller.hpp>
#include <monocoque/prometheus.hpp>
#include <monocoque/proxy.hpp>
#include <monocoque/result.hpp>
#include <monocoque/security.hpp>
#include <monocoque/sockets.hpp>
#include <monocoque/stats.hpp>
#include <monocoque/stop_on_signals.hpp>
#include <monocoque/task.hpp>
#include <monocoque/version.hpp>
#include <monocoque/z85.hpp>
