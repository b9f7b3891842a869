#include "report/plots.hpp"

#include <array>
#include <cerrno>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

void draw_plots(const settings& chosen) {
  // posix_spawn wants mutable strings.
  std::array<std::string, 4> words{"/usr/bin/python3", BENCH_PLOT_SCRIPT, chosen.json, chosen.plots};
  std::array<char*, 5> arguments{words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t id = 0;
  if (posix_spawn(&id, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
    throw std::runtime_error("cannot run python3");
  }
  int status = 0;
  while (waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) throw std::runtime_error("plot.py failed; it needs python3-matplotlib");
}

}  // namespace bench
