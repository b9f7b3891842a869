#include "tests/interop/script.hpp"

#include <stdexcept>

namespace monocoque::test {
namespace {

using enum socket_type;

bool publishes(socket_type type) { return type == pub || type == xpub; }
bool subscribes(socket_type type) { return type == sub || type == xsub; }

std::string filled(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + size);
  return text;
}

/// Of all lengths of a frame's header, with and without what CURVE adds, and of all ways into and out of
/// memory.
std::vector<frames> bodies() {
  std::vector<frames> all;
  for (const std::size_t size :
       {0U, 1U, 71U, 72U, 200U, 222U, 223U, 254U, 255U, 256U, 5000U, 65536U, 70'000U, 1U << 20})
    all.push_back({filled(size)});
  all.push_back({"a", "b"});
  all.push_back({"", "", ""});
  all.push_back({filled(255), "", filled(256), "x", filled(65536)});
  all.push_back(frames(100, "many"));
  return all;
}

std::vector<action> one_way(socket_type mine, socket_type theirs, bool sends) {
  using enum action::kind;
  std::vector<action> script;
  if (mine == xpub) {
    script.push_back({receive_raw, {std::string("\x01") + subscribed_topic}});
  } else if (mine == pub) {
    script.push_back({nudge, {}});
  }
  for (const frames& body : bodies()) {
    if (sends && publishes(mine)) script.push_back({send_elsewhere, body});
    script.push_back({sends ? send : receive, body});
  }
  // XSUB may talk back to XPUB; such messages do not start with a byte 0 or 1.
  if (mine == xpub && theirs == xsub) script.push_back({receive_raw, {"upstream", "two frames"}});
  if (mine == xsub && theirs == xpub) script.push_back({send, {"upstream", "two frames"}});
  return script;
}

}  // namespace

bool may_begin(socket_type mine, socket_type theirs) {
  if (mine == rep) return false;
  if (mine == router) return theirs == router;
  return true;
}

std::vector<action> script_of(socket_type mine, socket_type theirs, bool begins) {
  if (publishes(mine) || mine == push) return one_way(mine, theirs, true);
  if (subscribes(mine) || mine == pull) return one_way(mine, theirs, false);

  std::vector<action> script;
  // Of two ROUTERs the one that begins learns the other's id from its probe.
  if (mine == router && theirs == router && begins) script.push_back({action::kind::receive, {""}});
  for (const frames& body : bodies()) {
    action there{action::kind::send, body};
    action back{action::kind::receive, body};
    if (!begins) std::swap(there.what, back.what);
    script.push_back(there);
    script.push_back(back);
  }
  return script;
}

frames envelope::dress(frames body, const char* under) const {
  if (publishes(mine_)) body.insert(body.begin(), under);
  const bool delimited = (mine_ == dealer && theirs_ == rep) || (mine_ == router && theirs_ == req);
  if (delimited) body.insert(body.begin(), "");
  if (mine_ == router) body.insert(body.begin(), peer_id_);
  return body;
}

frames envelope::strip(frames received) {
  const auto take = [&received] {
    if (received.empty()) throw std::runtime_error("an envelope is missing");
    std::string frame = received.front();
    received.erase(received.begin());
    return frame;
  };
  if (mine_ == router) peer_id_ = take();
  const bool delimited = (mine_ == dealer && theirs_ == rep) || (mine_ == router && theirs_ == req);
  if (delimited && !take().empty()) throw std::runtime_error("the delimiter is not empty");
  if (subscribes(mine_) && take() != subscribed_topic) throw std::runtime_error("nobody subscribed to this");
  return received;
}

}  // namespace monocoque::test
