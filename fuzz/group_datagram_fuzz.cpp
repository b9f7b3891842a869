#include "zmtp/group_datagram.hpp"

#include <cstdint>
#include <cstdlib>

/// Any octets as a datagram of a RADIO: what is taken of them are all, in order, and none beyond.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace monocoque::zmtp;
  const octets datagram(reinterpret_cast<const std::byte*>(data), size);
  const auto found = parse_group_datagram(datagram);
  if (!found) return 0;
  const bool whole = found->group.data() == datagram.data() + 1 && found->group.size() == data[0] &&
                     found->payload.data() == found->group.data() + found->group.size() &&
                     found->payload.data() + found->payload.size() == datagram.data() + size;
  if (!whole) std::abort();
  return 0;
}
