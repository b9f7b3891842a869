#include "demo/roles.hpp"

#include <fmt/format.h>

#include <algorithm>

// Publish and subscribe. A publisher sends a window of messages and then a mark on each topic, and goes on
// when all subscribers have reported the marks: so nobody is ever further behind than the high-water mark,
// and nothing may be lost. Mark 0 is repeated until everybody is known to be subscribed.

namespace tool::demo {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t window_messages = 500;
constexpr int feed_high_water_mark = 2 * window_messages;
constexpr auto mark_interval = 20ms;

}  // namespace

void play_pub(stage& on) {
  monocoque::pub socket(on.context, {.send_high_water_mark = feed_high_water_mark});
  socket.bind(on.set.text("bind"));
  control::report("ready " + socket.last_endpoint());
  const std::vector<std::string> topics = on.set.list("topics");
  const std::uint32_t first_stream = on.set.number("stream");
  fault harm(on.set.text("fault"));
  std::vector<std::uint32_t> sent(topics.size());

  for (std::uint32_t window = 0; !on.stopping(); ++window) {
    bool marked = false;
    while (!on.stopping() && !on.orders.wait_for("go", marked ? mark_interval : 0ms)) {
      for (std::uint32_t topic = 0; topic < topics.size() && (!marked || window == 0); ++topic) {
        socket.send(make_message({first_stream + topic, window, mark_kind}, topics[topic]));
      }
      marked = true;
    }
    for (std::uint32_t index = 0; index < window_messages && !on.stopping(); ++index) {
      const std::uint32_t topic = index % static_cast<std::uint32_t>(topics.size());
      const std::uint32_t sequence = sent[topic]++;
      auto made = make_message({first_stream + topic, sequence}, topics[topic]);
      if (topic > 0) {
        socket.send(std::move(made));
      } else {
        for (auto& message : harm.applied(sequence, std::move(made))) socket.send(std::move(message));
      }
    }
  }
  for (std::uint32_t topic = 0; topic < topics.size(); ++topic) {
    control::count(fmt::format("sent:{}", first_stream + topic), sent[topic]);
  }
  socket.close(patience);
}

void play_sub(stage& on) {
  monocoque::sub socket(on.context, {.receive_high_water_mark = feed_high_water_mark});
  const std::vector<std::string> topics = split(on.set.text("topics"), ',');  // "" is everything
  for (const std::string& topic : topics) socket.subscribe(topic);
  for (const std::string& endpoint : split(on.orders.wait("connect"), ' ')) socket.connect(endpoint);
  control::report("ready");
  const auto asked_for = [&topics](std::string_view topic) {
    return std::ranges::any_of(topics,
                               [topic](const std::string& prefix) { return topic.starts_with(prefix); });
  };
  ledger seen(on.orders);
  std::map<std::uint32_t, std::uint32_t> marks;
  while (!on.stopping()) {
    const auto message = socket.receive_for(look_interval);
    if (!message) continue;
    const auto label = check_message(*message, 1);
    if (!label) {
      on.altered("a published message");
    } else if (!asked_for(message->view())) {
      on.orders.wrong("unasked", message->view());
    } else if (label->kind == data_kind) {
      seen.expect_next(label->stream, label->sequence);
      on.orders.progress(seen.total());
    } else if (const auto [mark, first] = marks.try_emplace(label->stream, label->sequence);
               first || label->sequence > mark->second) {
      mark->second = label->sequence;
      control::report(fmt::format("mark {} {}", label->stream, label->sequence));
    }
  }
  seen.report_counts("received");
}

}  // namespace tool::demo
