#pragma once

#include "zmtp/frame_form.hpp"
#include "zmtp/mechanism/curve_opener.hpp"

#include <memory>

namespace monocoque::zmtp {

/// What follows a CURVE handshake, each way.
struct curve_traffic {
  std::unique_ptr<frame_form> out;
  std::unique_ptr<curve_opener> in;
};

/// Both ways of a connection with this key. Frames are sent with the numbers from `next_number` on; those
/// that come must have the numbers that follow `last_peer_number`.
[[nodiscard]] std::unique_ptr<curve_traffic> make_curve_traffic(const crypto::box_key& key, bool as_server,
                                                                std::uint64_t next_number,
                                                                std::uint64_t last_peer_number,
                                                                const limits& allowed);

}  // namespace monocoque::zmtp
