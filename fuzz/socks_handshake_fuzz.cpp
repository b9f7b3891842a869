// A SOCKS proxy that says anything: the client never crashes, never wants more than it announces, and comes
// to the same end whatever the pieces are in which the words come.

#include "transport/socks_handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace monocoque;
using namespace monocoque::transport;

void require(bool holds) {
  if (!holds) std::abort();
}

struct outcome {
  std::string sent;
  std::size_t read = 0;
  std::error_code code;
  bool done = false;

  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome talk(std::span<const std::byte> proxy, bool with_name, std::size_t piece) {
  constexpr std::size_t longest_conversation = 2 + 2 + 2 + 3 + 255 + 2;
  outcome held;
  socks_credentials who;
  if (with_name) who = {"joe", "secret"};
  socks_handshake handshake({.host = "example.com", .port = 5555}, who);
  for (;;) {
    for (const std::byte each : handshake.output()) held.sent += static_cast<char>(each);
    handshake.consume_output(handshake.output().size());
    if (handshake.is_done() || held.read == proxy.size()) break;
    require(handshake.wanted() > 0);
    const std::size_t size = std::min({piece, handshake.wanted(), proxy.size() - held.read});
    const result<void> taken = handshake.take(proxy.subspan(held.read, size));
    held.read += size;
    require(held.read <= longest_conversation);
    if (taken) continue;
    require(taken.error().code() && !taken.error().detail().empty());
    held.code = taken.error().code();
    break;
  }
  held.done = !held.code && handshake.is_done();
  return held;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto proxy = std::as_bytes(std::span(data, size));
  for (const bool with_name : {false, true})
    require(talk(proxy, with_name, 1) == talk(proxy, with_name, proxy.size() + 1));
  return 0;
}
