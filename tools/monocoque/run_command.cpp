#include "run_command.hpp"

#include "interruption.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* search_path = "LD_LIBRARY_PATH";

// As shells have it.
constexpr int exit_not_runnable = 126;
constexpr int exit_not_found = 127;

/// The folder that our libzmq.so.5 is in: as this program lies next to it where both are installed, or built.
fs::path library_folder() {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  for (const char* const relative : {MONOCOQUE_ZMQ_INSTALLED, MONOCOQUE_ZMQ_BUILT}) {
    const fs::path folder = (here / relative).lexically_normal();
    if (std::error_code ignored; fs::exists(folder / "libzmq.so.5", ignored)) return folder;
  }
  throw std::runtime_error(fmt::format("there is no libzmq.so.5 in {} or {}",
                                       (here / MONOCOQUE_ZMQ_INSTALLED).lexically_normal().native(),
                                       (here / MONOCOQUE_ZMQ_BUILT).lexically_normal().native()));
}

void put_first(const fs::path& folder) {
  std::string paths = folder.native();
  // An empty path would be the current folder.
  if (const char* const others = std::getenv(search_path); others != nullptr && *others != '\0')
    paths.append(":").append(others);
  if (::setenv(search_path, paths.c_str(), 1) != 0)
    throw std::system_error(errno, std::generic_category(), search_path);
}

}  // namespace

int run(const run_command& command) {
  put_first(library_folder());
  std::vector<char*> arguments;
  std::vector<std::string> words = command.words;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  restore_signals();
  ::execvp(arguments.front(), arguments.data());
  const std::error_code failed(errno, std::generic_category());
  complain(fmt::format("{}: {}", words.front(), failed.message()));
  return failed == std::errc::no_such_file_or_directory ? exit_not_found : exit_not_runnable;
}

}  // namespace tool
