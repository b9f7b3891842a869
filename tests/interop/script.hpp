#pragma once

#include <monocoque/socket_type.hpp>

#include <string>
#include <vector>

namespace monocoque::test {

using frames = std::vector<std::string>;

/// One thing that one side of a conversation does.
struct action {
  enum class kind {
    send,            ///< `content`, in the envelope that the two types need
    send_elsewhere,  ///< `content` under a topic that nobody subscribed to
    nudge,           ///< send "sync" again and again until the other side says that it heard one
    receive,         ///< `content`, out of its envelope
    receive_raw      ///< exactly `content`
  };
  kind what;
  frames content;
};

inline constexpr const char* subscribed_topic = "topic";
inline constexpr const char* sync_word = "sync";

/// What a socket of type `mine` does in a conversation with one of type `theirs`. Messages of all interesting
/// sizes and shapes go whichever way the types allow; where both ways are, `begins` says who sends first.
[[nodiscard]] std::vector<action> script_of(socket_type mine, socket_type theirs, bool begins);

/// Of two types that talk both ways, may this one begin? (REP may not.)
[[nodiscard]] bool may_begin(socket_type mine, socket_type theirs);

/// Adds and removes what the patterns want around a body: routing ids, empty delimiters, topics.
class envelope {
 public:
  envelope(socket_type mine, socket_type theirs) : mine_(mine), theirs_(theirs) {}
  [[nodiscard]] frames dress(frames body, const char* under = subscribed_topic) const;
  [[nodiscard]] frames strip(frames received);

 private:
  socket_type mine_, theirs_;
  std::string peer_id_;  // ROUTER: who sent last
};

}  // namespace monocoque::test
