#pragma once

#include <liburing.h>

// What this room uses of io_uring and an older liburing header may not define. The values are the kernel's
// and never change; whether the running kernel knows them is found out at run time.

#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif
#ifndef IORING_CQE_F_SOCK_NONEMPTY
#define IORING_CQE_F_SOCK_NONEMPTY (1U << 2)
#endif

namespace monocoque::io::uring {

/// Lets submissions begin, from this thread if the ring has a single issuer. 0 or a negative errno.
/// (liburing 2.3 declares a function for it and does not export it.)
inline int enable(io_uring& ring) noexcept {
  return io_uring_register(static_cast<unsigned>(ring.ring_fd), IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
}

}  // namespace monocoque::io::uring
