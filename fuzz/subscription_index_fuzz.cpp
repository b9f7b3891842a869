// The subscription index against a naive model. The input is a program: one byte chooses the operation and
// the peer, one the length of the topic, then the topic.

#include "pattern/subscription_index.hpp"

#include "pattern/naive_subscriptions.hpp"

#include <algorithm>
#include <cstdlib>

using monocoque::pattern::subscription_index;
using monocoque::pattern::testing::naive_subscriptions;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::span<const std::byte> raw(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

void compare(subscription_index& index, const naive_subscriptions& model, const std::string& message) {
  std::set<std::uint32_t> found;
  std::uint32_t before = 0;
  for (const auto topic : index.match(raw(message))) {
    bool first = true;
    index.for_each_peer(topic, [&](std::uint32_t slot) {
      require(first || slot > before);
      first = false;
      before = slot;
      found.insert(slot);
    });
  }
  require(found == model.match(message));
  require(index.matches(raw(message)) == !found.empty());
  require(index.topic_count() == model.counts().size());
}

void remove_peer(subscription_index& index, naive_subscriptions& model, std::uint32_t slot) {
  std::set<std::string> told;
  index.remove_peer(slot, [&](std::span<const std::byte> topic, bool last) {
    std::string text(reinterpret_cast<const char*>(topic.data()), topic.size());
    require(last == (model.counts().at(text).size() == 1));
    require(told.insert(std::move(text)).second);
  });
  require(told == model.topics_of(slot));
  model.remove_peer(slot);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  subscription_index index(1);
  naive_subscriptions model;
  std::string input(reinterpret_cast<const char*>(data), size);
  for (std::size_t at = 0; at + 2 <= input.size();) {
    const auto operation = static_cast<unsigned char>(input[at]);
    const std::string topic = input.substr(at + 2, static_cast<unsigned char>(input[at + 1]) % 40);
    at += 2 + topic.size();
    const std::uint32_t slot = operation >> 4;
    switch (operation % 8) {
      case 0:
      case 1:
      case 2:
        index.add(raw(topic), slot);
        model.add(topic, slot);
        break;
      case 3:
        index.remove(raw(topic), slot);
        model.remove(topic, slot);
        break;
      case 4:
        index.forget(raw(topic), slot);
        model.remove(topic, slot, true);
        break;
      case 5: remove_peer(index, model, slot); break;
      default: break;
    }
    compare(index, model, topic);
  }
  return 0;
}
