#pragma once

#include "base/temporary_folder.hpp"

#include <monocoque/monocoque.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

/// What the tests that cross rooms share.
namespace monocoque::test {

/// How long a test waits for what must happen: far more than it takes, on a busy machine under sanitizers
/// too.
inline constexpr std::chrono::milliseconds patience{20'000};
/// How long a test waits to see that something does not happen.
inline constexpr std::chrono::milliseconds brief{50};

using base::temporary_folder;

enum class wire { tcp, ipc };

inline std::string wire_name(const testing::TestParamInfo<wire>& parameter) {
  return parameter.param == wire::tcp ? "tcp" : "ipc";
}

/// An endpoint that nobody else binds. The folder is where ipc sockets lie.
inline std::string fresh_endpoint(wire kind, const temporary_folder& folder, const std::string& name = "s") {
  return kind == wire::tcp ? "tcp://127.0.0.1:0" : folder.ipc(name);
}

/// The next event of this kind; what comes before it is passed over. Throws if there is none in good time.
inline event await_event(monitor& events, event_kind wanted) {
  std::string seen;
  for (;;) {
    result<event> next = events.receive_for(as_result, patience);
    if (!next) {
      throw std::runtime_error("no event '" + std::string(name_of(wanted)) + "': " + next.error().message() +
                               "; seen:" + seen);
    }
    if (next->kind == wanted) return *std::move(next);
    seen += "\n  " + next->text();
  }
}

/// Waits until so many peers have shaken hands. The monitor must be older than the first of them.
inline void await_handshakes(monitor& events, std::size_t count) {
  for (; count > 0; --count) (void)await_event(events, event_kind::handshake_done);
}

/// The message that is due, or an exception.
template <class Socket>
message must_receive(Socket& from) {
  return from.receive_for(as_result, patience).value();
}

/// The code with which `action` fails by throwing; a test failure if it does not.
template <class Action>
std::error_code code_thrown_by(Action action) {
  try {
    action();
  } catch (const exception& failure) {
    return failure.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace monocoque::test
