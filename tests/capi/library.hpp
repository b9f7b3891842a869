#pragma once

namespace monocoque::test {

/// Whether what this program runs with is the system's libzmq, 4.3.4, and not ours. What it does otherwise
/// than 4.3.5 is documented to, or would not survive, is asked for behind this.
[[nodiscard]] bool is_debians_libzmq();

}  // namespace monocoque::test
