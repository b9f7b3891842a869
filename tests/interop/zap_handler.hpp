#pragma once

#include "tests/interop/zmq_peer.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// A ZAP handler (RFC 27) in a libzmq context, for the libzmq servers in there.
namespace monocoque::test {

/// What a handler is asked.
struct zap_question {
  std::string version, request_id, domain, address, identity, mechanism;
  frames credentials;

  explicit zap_question(const frames& asked);
};

/// The frames of a reply.
[[nodiscard]] frames zap_reply(const zap_question& to, const std::string& status,
                               const std::string& user_id = {},
                               const std::vector<std::pair<std::string, std::string>>& metadata = {});
/// The properties as they are in a reply or a handshake.
[[nodiscard]] std::string encoded(const std::vector<std::pair<std::string, std::string>>& metadata);

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
