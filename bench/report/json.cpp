#include <nlohmann/json.hpp>

#include "report/results.hpp"
#include "rivals/zmq_library.hpp"

#include <monocoque/version.hpp>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/utsname.h>
#include <thread>

namespace bench {

namespace {

using nlohmann::ordered_json;

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::array<char, 32> text{};
  std::tm parts{};
  gmtime_r(&now, &parts);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

ordered_json machine() {
  utsname system{};
  uname(&system);
  int major = 0;
  int minor = 0;
  int patch = 0;
  zmq_library(system_libzmq).version(&major, &minor, &patch);
  return {{"time", now_text()},
          {"processor", processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"kernel", std::string(system.sysname) + " " + system.release},
          {"compiler", __VERSION__},
          {"monocoque", std::string(monocoque::version_text)},
          {"libzmq", std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch)}};
}

ordered_json json_of(const spread& values) {
  return {{"median", values.median}, {"min", values.least}, {"max", values.most}};
}

ordered_json json_of(const outcome& who, const cell_result& in) {
  ordered_json made;
  for (const auto& [name, rounds] : who.rounds) {
    ordered_json figure = json_of(spread_of(rounds));
    figure["rounds"] = rounds;
    for (const char* reference :
         {"libzmq", "libzmq-spin", "libzmq-buffers", "floor", "floor-spin", "crypto"}) {
      if (const auto found = ratio(who, in, reference, name))
        figure["to " + std::string(reference)] = json_of(*found);
    }
    made["figures"][name] = std::move(figure);
  }
  if (who.failures > 0) {
    made["failure"] = who.failure;
    made["failed_rounds"] = who.failures;
  }
  return made;
}

}  // namespace

void write_json(const std::vector<cell_result>& results, const settings& chosen) {
  ordered_json all;
  all["machine"] = machine();
  all["rounds"] = chosen.rounds;
  all["seconds"] = chosen.seconds;
  all["pinned"] = chosen.pin;
  all["cells"] = ordered_json::array();
  for (const cell_result& each : results) {
    ordered_json one;
    one["scenario"] = each.scenario;
    one["label"] = each.which.label;
    for (const auto& [name, value] : each.which.labels) one["cell"][name] = value;
    for (const metric& measured : each.metrics) {
      one["metrics"][measured.name] = {{"more_is_better", measured.more_is_better}};
    }
    for (const outcome& who : each.outcomes) one["rivals"][who.rival] = json_of(who, each);
    all["cells"].push_back(std::move(one));
  }
  const std::filesystem::path path = chosen.json;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path);
  file << all.dump(2) << '\n';
  file.close();
  if (!file) throw std::runtime_error("cannot write " + chosen.json);
}

}  // namespace bench
