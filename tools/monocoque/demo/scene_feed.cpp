#include "demo/control.hpp"
#include "demo/scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tool::demo {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> topics{"weather.", "traffic.", "sport."};
constexpr auto window_limit = 20s;

struct publisher {
  peer* process;
  std::uint32_t first_stream;  // of its topics
  std::int64_t window = 0;     // the last one it was told to send
};

struct subscriber {
  peer* process;
  std::vector<std::string> prefixes;

  [[nodiscard]] bool wants(std::string_view topic) const {
    return std::ranges::any_of(prefixes,
                               [topic](const std::string& prefix) { return topic.starts_with(prefix); });
  }
};

/// Two publishers and their subscribers. Lives in play_feed_scene.
class feed {
 public:
  explicit feed(cast& with) {
    const std::string listed = fmt::format("topics={}", fmt::join(topics, ","));
    for (const auto made_with : {implementation::monocoque, implementation::libzmq}) {
      const auto stream = static_cast<std::uint32_t>(publishers_.size() * topics.size());
      publishers_.push_back(
          {&with.start(made_with, fmt::format("publisher {}", publishers_.size() + 1), "pub",
                       {"bind=" + with.fresh_endpoint(), listed, fmt::format("stream={}", stream),
                        stream == 0 ? with.fault() : "fault="}),
           stream});
    }
    for (const auto made_with : {implementation::monocoque, implementation::libzmq}) {
      subscribe(with, made_with, "");
      subscribe(with, made_with, made_with == implementation::monocoque ? "weather.,sp" : "traffic.,w");
    }
  }

  [[nodiscard]] group sources() const {
    group all;
    for (const publisher& one : publishers_) all.push_back(one.process);
    return all;
  }
  [[nodiscard]] group sinks() const {
    group all;
    for (const subscriber& one : subscribers_) all.push_back(one.process);
    return all;
  }

  /// Every subscriber has seen the mark at the end of the publisher's window on each of its topics.
  [[nodiscard]] bool window_done(const publisher& from) const {
    return std::ranges::all_of(subscribers_, [&from](const subscriber& to) {
      for (std::uint32_t topic = 0; topic < topics.size(); ++topic) {
        const auto mark = to.process->marks.find(from.first_stream + topic);
        const std::int64_t seen = mark == to.process->marks.end() ? -1 : mark->second;
        if (to.wants(topics[topic]) && seen < from.window) return false;
      }
      return true;
    });
  }
  [[nodiscard]] bool all_windows_done() const {
    return std::ranges::all_of(publishers_, [this](const publisher& one) { return window_done(one); });
  }

  void let_next_windows_go() {
    for (publisher& one : publishers_) {
      if (!window_done(one)) continue;
      ++one.window;
      one.process->tell("go");
    }
  }

  void check(scene_result& result) const {
    for (const publisher& from : publishers_) {
      for (const subscriber& to : subscribers_) {
        for (std::uint32_t topic = 0; topic < topics.size(); ++topic) {
          const std::uint32_t stream = from.first_stream + topic;
          const std::uint64_t received = to.process->counted(fmt::format("received:{}", stream));
          const std::uint64_t sent = from.process->counted(fmt::format("sent:{}", stream));
          expect_equal(
              result,
              fmt::format("{} to {}, topic {}", from.process->name(), to.process->name(), topics[topic]),
              received, to.wants(topics[topic]) ? sent : 0);
          result.messages += received;
        }
      }
    }
  }

 private:
  void subscribe(cast& with, implementation made_with, std::string_view prefixes) {
    subscribers_.push_back({&with.start(made_with, fmt::format("subscriber {}", subscribers_.size() + 1),
                                        "sub", {fmt::format("topics={}", prefixes)}),
                            split(prefixes, ',')});
  }

  std::vector<publisher> publishers_;
  std::vector<subscriber> subscribers_;
};

}  // namespace

scene_result play_feed_scene(cast& with) {
  feed all(with);
  with.wait_ready(all.sources());
  std::string order = "connect";
  for (const peer* source : all.sources()) order += " " + source->endpoints.at(0);
  cast::tell(all.sinks(), order);
  with.wait([&all] { return all.all_windows_done(); }, "subscribing", window_limit);
  with.play(all.sinks(), [&all] { all.let_next_windows_go(); });
  with.wait([&all] { return all.all_windows_done(); }, "receiving the last messages (some were lost)",
            window_limit);
  scene_result result;
  result.seconds = with.seconds_played();
  with.finish(all.sources());
  with.finish(all.sinks());
  result.findings = with.findings();
  all.check(result);
  return result;
}

}  // namespace tool::demo
