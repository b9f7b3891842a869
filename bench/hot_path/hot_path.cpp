// Streams that repeat exactly, for counting instructions under callgrind: `hot_path SCENARIO`, or without it
// a list. One thread uses two inline contexts in turn, on epoll over ipc, with bursts that fit the kernel's
// buffers. instructions.py runs it.
#include "hot_path/scenario.hpp"

#include <cstdio>
#include <cstdlib>
#include <gnu/libc-version.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace {

constexpr int bursts = 24;
constexpr unsigned deadline_s = 50;

/// What the counts depend on beside the code.
void print_toolchain() { std::printf("%s, glibc %s\n", HOT_PATH_BUILD, gnu_get_libc_version()); }

int usage() {
  std::fprintf(stderr, "usage: hot_path [SCENARIO]\n");
  return 2;
}

}  // namespace

// callgrind counts inside these functions and what they call; their names are its switches.
extern "C" {

__attribute__((noinline, visibility("default"))) void sending_side(hot_path::scenario* what) { what->send(); }
__attribute__((noinline, visibility("default"))) void receiving_side(hot_path::scenario* what) {
  what->receive();
}
__attribute__((noinline, visibility("default"))) void both_sides(hot_path::scenario* what) {
  what->exchange();
}
}

int main(int argc, char** argv) {
  if (argc > 2) return usage();
  const auto known = hot_path::all_scenarios();
  if (argc == 1) {
    print_toolchain();
    for (const auto& each : known) std::printf("%d %s\n", each.burst, each.name);
    return 0;
  }
  alarm(deadline_s);
  for (const auto& each : known) {
    if (std::string_view(argv[1]) != each.name) continue;
    const auto what = each.make(each);
    for (int i = 0; i < bursts; ++i) {
      if (each.measures == hot_path::sides::both) {
        both_sides(what.get());
      } else {
        sending_side(what.get());
        if (each.measures == hot_path::sides::each) receiving_side(what.get());
      }
    }
    std::_Exit(0);  // what is queued need not go anywhere
  }
  return usage();
}
