#pragma once

#include "crypto/box.hpp"
#include "crypto/message_cipher.hpp"

#include <cstddef>
#include <span>

namespace monocoque::crypto {

/// The key of one tag, for one text alone.
using poly1305_key = std::span<const std::byte, message_cipher::scratch_size>;

/// Poly1305 by OpenSSL, which computes the tags of long texts in a third of the time that libsodium takes.
/// False, with no tag made, where that cannot be had: the library was built without, what the process has of
/// OpenSSL does not know it, there is no memory, or the thread is about to end. Whoever asks uses libsodium
/// then. Thread-safe; allocates when a thread calls it for the first time, and nothing of the key stays.
[[nodiscard]] bool openssl_poly1305(std::span<std::byte, tag_size> tag, std::span<const std::byte> text,
                                    poly1305_key key) noexcept;

}  // namespace monocoque::crypto
