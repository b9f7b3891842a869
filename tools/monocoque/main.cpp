#include "arguments.hpp"
#include "demo/peer_main.hpp"
#include "exit_status.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <monocoque/context.hpp>
#include <monocoque/version.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>

namespace {

using namespace tool;

// What runs a command once the arguments were understood; one overload a command.
struct runner {
  interruption& stop;

  int operator()(const socket_command& command) const {
    stop.watch_output();
    return run(command, stop);
  }
  int operator()(const proxy_command& command) const { return run(command, stop); }
  int operator()(const monitor_command& command) const {
    stop.watch_output();
    return run(command, stop);
  }
  int operator()(const options_command& command) const { return run(command); }
  int operator()(const keygen_command& command) const { return run(command); }
  int operator()(const hash_password_command& command) const { return run(command, stop); }
  int operator()(const run_command& command) const { return run(command); }
  int operator()(const demo_command& command) const { return run(command, stop); }
  int operator()(const demo_peer_command& command) const { return run_demo_peer(command.settings); }
  int operator()(const version_command&) const {
    const auto driver_of = [](const monocoque::context& context) {
      return context.driver() == monocoque::io_driver::uring ? "uring" : "epoll";
    };
    fmt::print(
        "monocoque {}\nprotocol ZMTP 3.1 (3.0, 2.0 and 1.0 with peers that speak no newer one)\nI/O driver "
        "{}; of inline contexts {}\n",
        monocoque::version_text, driver_of(monocoque::context()),
        driver_of(monocoque::context(monocoque::inline_loop)));
    return exit_done;
  }
};

/// What went through stdio (help, version) may not have arrived.
int flushed(int status) {
  if (std::fflush(stdout) == 0 || errno == EPIPE) return status;
  throw std::system_error(errno, std::generic_category(), "standard output");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    keep_standard_descriptors();
    interruption stop;  // before any other thread
    const parsed_arguments arguments = parse_arguments(argc, argv);
    if (!arguments.command) return flushed(arguments.status);
    return flushed(std::visit(runner{stop}, *arguments.command));
  } catch (const output_gone&) {
    return exit_done;
  } catch (const gave_up& late) {
    complain(late.what());
    return exit_gave_up;
  } catch (const wrong_usage& wrong) {
    complain(wrong.what());
    return exit_usage;
  } catch (const std::exception& failure) {
    complain(failure.what());
    return exit_failed;
  }
}
