#include "zmtp/greeting.hpp"

#include <algorithm>
#include <cstdlib>

/// Any octets as a greeting: the outcome must not depend on how they are split, and we must never answer more
/// than 64 octets.
namespace {

using namespace monocoque::zmtp;

void require(bool holds) {
  if (!holds) std::abort();
}

struct outcome {
  std::vector<std::byte> sent;
  std::size_t taken = 0;
  bool failed = false;
  int speaks = -1;
  bool same_mechanism = false;
  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome exchange(octets input, std::size_t piece, const greeting_terms& own) {
  greeting_exchange greeting(own);
  outcome seen;
  greeting.start(seen.sent);
  while (!input.empty() && !greeting.done() && !seen.failed) {
    const octets next = input.first(std::min(piece, input.size()));
    const auto taken = greeting.receive(next, seen.sent);
    seen.failed = !taken;
    if (seen.failed) break;
    require(*taken == next.size() || greeting.done());
    seen.taken += *taken;
    input = input.subspan(*taken);
  }
  require(greeting.received().size() <= greeting_exchange::v3_size);
  require(seen.sent.size() <= greeting_exchange::v3_size);
  if (greeting.done()) {
    seen.speaks = static_cast<int>(greeting.dialect());
    seen.same_mechanism = static_cast<bool>(greeting.check_mechanism());
    (void)greeting.peer_socket_type();
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const greeting_terms own{"NULL", (data[0] & 0x80) != 0, static_cast<monocoque::socket_type>(data[0] % 11),
                           data[0]};
  const octets input(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  const outcome whole = exchange(input, SIZE_MAX, own);
  outcome octet_by_octet = exchange(input, 1, own);
  if (whole.failed) octet_by_octet.taken = whole.taken;
  require(whole == octet_by_octet);
  return 0;
}
