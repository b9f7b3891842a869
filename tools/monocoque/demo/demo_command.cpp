#include "demo/demo_command.hpp"

#include "demo/display.hpp"
#include "demo/scene.hpp"
#include "exit_status.hpp"

#include <monocoque/context.hpp>
#include <monocoque/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace tool {
namespace {

using namespace demo;
using namespace std::chrono_literals;

constexpr std::array scenes{
    scene{"broker", "broker", "MMZZ > M > MMZZ", "REQ > ROUTER, DEALER > REP", play_broker_scene},
    scene{"feed", "feed", "M, Z > MMZZ", "PUB > SUB", play_feed_scene},
    scene{"pipeline", "pipeline", "M, Z > MMZZ > M", "PUSH > PULL, PUSH > PULL", play_pipeline_scene},
    scene{"router", "by name", "M <> MMZZ", "ROUTER <> DEALER", play_router_scene},
    scene{"router-z", "by name", "Z <> MMZZ", "ROUTER <> DEALER", play_libzmq_router_scene},
};

/// A folder that is removed with all it holds.
class temporary_folder {
 public:
  temporary_folder() : path_(std::filesystem::temp_directory_path() / "monocoque-demo-XXXXXX") {
    std::string name = path_.string();
    if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
    path_ = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// The versions of libzmq and pyzmq, or an error that says what to install.
std::string libzmq_version(const std::string& python) {
  if (::access(python.c_str(), X_OK) != 0)
    throw std::system_error(errno, std::generic_category(), "demo: --python " + python);
  peer asked("python", implementation::libzmq,
             {python, "-c", "import zmq; print('ready', zmq.zmq_version(), zmq.__version__)"});
  while (asked.wait_for_reports()) continue;
  if (asked.endpoints.size() == 2)
    return fmt::format("libzmq {} (pyzmq {})", asked.endpoints[0], asked.endpoints[1]);
  throw std::runtime_error(fmt::format("demo: {} has no pyzmq; Debian: apt install python3-zmq", python));
}

// An empty list chooses everything.
bool chosen(const std::vector<std::string>& list, const char* name) {
  return list.empty() || std::ranges::find(list, name) != list.end();
}

scene_result play(const scene& which, const production& of, const std::string& transport) {
  cast with(of, transport);
  try {
    scene_result result = which.play(with);
    if (result.messages == 0) result.findings.emplace_back("no message came");
    return result;
  } catch (const scene_failed& failure) {
    scene_result result;
    result.findings = with.findings();
    result.findings.emplace_back(failure.what());
    return result;
  }
}

}  // namespace

const std::vector<std::string>& scene_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    made.reserve(scenes.size());
    for (const scene& one : scenes) made.emplace_back(one.name);
    return made;
  }();
  return names;
}

int run(const demo_command& command, interruption& stop) {
  stop.watch_output();
  display shown;
  const temporary_folder folder;
  const production of{
      std::filesystem::read_symlink("/proc/self/exe").string(),
      command.python,
      folder.path(),
      command.fault,
      std::chrono::milliseconds(static_cast<std::int64_t>(command.seconds * 1000)),
      stop.token(),
      [&shown](std::uint64_t messages, double seconds) { shown.progress(messages, seconds); }};
  const std::string libzmq = libzmq_version(command.python);
  const char* driver = monocoque::context().driver() == monocoque::io_driver::uring ? "io_uring" : "epoll";
  shown.line(fmt::format("Monocoque {} ({}) and {}.", monocoque::version_text, driver, libzmq));
  shown.line("Each letter is a process: M of Monocoque, Z of libzmq. Each message is checked.");
  bool good = true;
  try {
    for (const scene& one : scenes) {
      if (!chosen(command.only, one.name)) continue;
      for (const char* transport : {"tcp", "ipc"}) {
        if (!chosen(command.transports, transport)) continue;
        shown.start(one, transport);
        const scene_result result = play(one, of, transport);
        good = good && result.findings.empty();
        shown.finish(result);
      }
    }
  } catch (const interrupted&) {
    shown.abandon();
    return stop.signal() == 0 ? exit_done : 128 + stop.signal();
  }
  shown.table();
  shown.line(good ? "Nothing was lost, repeated, reordered or altered."
                  : "Something was lost, repeated, reordered or altered.");
  return good ? exit_done : exit_failed;
}

}  // namespace tool
