#pragma once

#include "engine/inproc_channel.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace monocoque::engine {

/// The inproc names of a context: who has bound them, and who waits for somebody to. Thread-safe; its mutex
/// is a leaf, taken under sockets' monitors. Holds sockets weakly.
class inproc_registry {
 public:
  using channels = std::vector<std::shared_ptr<inproc_channel>>;

  /// Those who wait for that name; none if another socket has it.
  [[nodiscard]] std::optional<channels> bind(const std::string& name,
                                             const std::shared_ptr<socket_core>& binder,
                                             std::chrono::steady_clock::time_point now);
  void unbind(const std::string& name);
  [[nodiscard]] bool is_bound(const std::string& name);
  /// Who has bound the channel's name. If nobody has, the channel waits and the answer is null.
  [[nodiscard]] std::shared_ptr<socket_core> connect(const std::shared_ptr<inproc_channel>& channel);
  /// The connecting socket gives up a channel. True if it waited; what it holds then stays for whoever binds
  /// the name until `keep_until`, unless that is now.
  bool abandon(const inproc_channel& channel, std::chrono::steady_clock::time_point keep_until,
               std::chrono::steady_clock::time_point now) noexcept;

 private:
  struct place {
    std::weak_ptr<socket_core> binder;
    channels waiting;
  };

  std::mutex mutex_;
  std::unordered_map<std::string, place> places_;
};

}  // namespace monocoque::engine
