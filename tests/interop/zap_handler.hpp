#pragma once

#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/zap_support.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// A ZAP handler (RFC 27) in a libzmq context, for the libzmq servers in there.
namespace monocoque::test {

/// Answers on a thread of its own, from its construction to its end. Must end before the context.
class zap_handler {
 public:
  using decide = std::function<frames(const zap_question&)>;
  zap_handler(const zmq_context& owner, decide decide_it);
  ~zap_handler();
  zap_handler(const zap_handler&) = delete;
  zap_handler& operator=(const zap_handler&) = delete;

  /// All it was asked so far. Thread-safe.
  [[nodiscard]] std::vector<zap_question> asked() const;

 private:
  void serve(const decide& decide_it);

  zmq_peer end_, told_to_end_;
  zmq_peer handler_;
  mutable std::mutex mutex_;
  std::vector<zap_question> asked_;
  std::thread thread_;
};

/// Lets everybody in, as "joe".
[[nodiscard]] inline frames allow_all(const zap_question& about) { return zap_reply(about, "200", "joe"); }

}  // namespace monocoque::test
