#pragma once

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

/// What the tests of RADIO and DISH share.
namespace monocoque::test {

/// Sends to a group until a DISH that has joined it receives: from then on the RADIO is known to know. What
/// is left of these messages goes before whatever is sent next, and `must_receive_next` passes over it.
inline void await_joined(radio& from, dish& in, std::string_view group) {
  const std::string name(group);
  for (;;) {
    from.send({name, "are you there?"});
    const result<message> received = in.receive_for(as_result, std::chrono::milliseconds(5));
    if (received) return;
    if (received.error() != errc::timed_out) throw std::runtime_error(received.error().message());
  }
}

inline message must_receive_next(dish& in) {
  for (;;) {
    message received = must_receive(in);
    if (received.size() != 2 || received.view(1) != "are you there?") return received;
  }
}

}  // namespace monocoque::test
