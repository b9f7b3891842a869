#include "zmtp/frame_form.hpp"

#include "base/wire.hpp"

namespace monocoque::zmtp {

namespace wire = base::wire;

void append_in_form(frame_form& form, octets canonical, std::vector<std::byte>& out) {
  std::size_t at = out.size();
  std::size_t size = at;
  for (octets rest = canonical; !rest.empty();) size += form.size_of(wire::next_frame(rest).payload.size());
  out.resize(size);
  while (!canonical.empty()) {
    const wire::frame next = wire::next_frame(canonical);
    form.put(out.data() + at, next.flags(), next.payload);
    at += form.size_of(next.payload.size());
  }
}

}  // namespace monocoque::zmtp
