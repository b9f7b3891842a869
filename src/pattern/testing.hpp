#pragma once

#include "base/wire.hpp"
#include "pattern/pattern.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// What the tests of this room share.
namespace monocoque::pattern::testing {

inline std::span<const std::byte> raw(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// A message in canonical form.
inline std::vector<std::byte> wire_of(const std::vector<std::string>& frames) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::byte header[base::wire::max_header_size];
    const bool more = i + 1 < frames.size();
    const auto size = base::wire::put_header(header, frames[i].size(), more ? base::wire::flag_more : 0);
    out.insert(out.end(), header, header + size);
    const auto payload = raw(frames[i]);
    out.insert(out.end(), payload.begin(), payload.end());
  }
  return out;
}

/// A pattern with the moves of a socket core, as short as tests want them.
class bench {
 public:
  explicit bench(socket_type type, const settings& options = {.seed = 1})
      : pattern_(make_pattern(type, options)) {}

  pattern* operator->() { return pattern_.get(); }

  /// Attaches a peer that is writable; returns the verdict.
  attach_verdict attach(peer_id peer, std::string_view id = {}, bool assigned = false) {
    attach_verdict verdict = pattern_->attach(peer, {bytes::copy(id), assigned});
    pattern_->set_writable(peer, true);
    return verdict;
  }

  send_verdict send(std::initializer_list<std::string_view> frames) {
    frames_.clear();
    for (const auto frame : frames) frames_.push_back(bytes::copy(frame));
    return pattern_->route(frames_);
  }
  /// The slots that a message goes to.
  std::vector<std::uint32_t> slots(std::initializer_list<std::string_view> frames) {
    return slots_of(send(frames));
  }
  static std::vector<std::uint32_t> slots_of(const send_verdict& verdict) {
    std::vector<std::uint32_t> found;
    for (const peer_id peer : verdict.to) found.push_back(peer.slot);
    std::sort(found.begin(), found.end());
    return found;
  }

  struct arrival : receive_verdict {
    std::size_t skip_bytes = 0;  // in front of what is delivered
  };
  arrival arrive(peer_id peer, const std::vector<std::string>& frames) {
    const std::vector<std::byte> whole = wire_of(frames);
    frame_cursor received(whole);
    const receive_verdict verdict = pattern_->admit(peer, received);
    return {verdict, whole.size() - received.rest().size()};
  }
  /// The next message that the pattern itself has, its frames joined by '|'; "-" if none.
  std::string local() {
    const auto taken = pattern_->take_local();
    if (!taken) return "-";
    std::string joined = taken->str();
    for (std::size_t i = 1; i < taken->size(); ++i) joined.append(1, '|').append((*taken)[i].view());
    return joined;
  }

 private:
  std::unique_ptr<pattern> pattern_;
  std::vector<bytes> frames_;
};

using slots = std::vector<std::uint32_t>;

}  // namespace monocoque::pattern::testing
