#pragma once

/// Everything of the public API.
#include <monocoque/context.hpp>
#include <monocoque/error.hpp>
#include <monocoque/message.hpp>
#include <monocoque/monitor.hpp>
#include <monocoque/option_names.hpp>
#include <monocoque/options.hpp>
#include <monocoque/poller.hpp>
#include <monocoque/prometheus.hpp>
#include <monocoque/proxy.hpp>
#include <monocoque/result.hpp>
#include <monocoque/sockets.hpp>
#include <monocoque/stats.hpp>
#include <monocoque/stop_on_signals.hpp>
#include <monocoque/task.hpp>
#include <monocoque/version.hpp>
