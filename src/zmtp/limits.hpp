#pragma once

#include <cstddef>
#include <cstdint>

namespace monocoque::zmtp {

/// What a peer may make us hold. All are checked before memory is taken.
struct limits {
  std::uint64_t max_frame_size = UINT64_MAX;    ///< bytes of payload
  std::uint64_t max_message_size = UINT64_MAX;  ///< bytes of payload of all frames
  std::size_t max_frames = 1024 * 1024;         ///< frames in a message
  std::size_t max_command_size = 64 * 1024;     ///< bytes of a command's body, subscriptions included
  std::size_t max_metadata_size = 16 * 1024;    ///< bytes of metadata in READY
  std::size_t max_handshake_size = 64 * 1024;   ///< bytes of input, with which the handshake must be done
  std::size_t max_unfinished_size = SIZE_MAX;   ///< bytes held of a message that is not whole
};

}  // namespace monocoque::zmtp
