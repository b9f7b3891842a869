#include "zmtp/frame_form.hpp"

#include "base/wire.hpp"

namespace monocoque::zmtp {

namespace wire = base::wire;

void append_in_form(frame_form& form, octets canonical, std::vector<std::byte>& out) {
  while (!canonical.empty()) {
    const wire::frame next = wire::next_frame(canonical);
    const std::size_t before = out.size();
    out.resize(before + form.size_of(next.payload.size()));
    form.put(out.data() + before, next.flags(), next.payload);
  }
}

}  // namespace monocoque::zmtp
