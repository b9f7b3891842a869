#pragma once

#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace monocoque::test {

/// Where nobody listens.
inline constexpr const char* nowhere = "tcp://127.0.0.1:1";

/// Tests of sockets whose options change, in a threaded context and in an inline one (the parameter).
class live_options : public testing::TestWithParam<bool> {
 protected:
  /// Changes what `edit` does to the options that hold now.
  template <class Edit>
  static result<void> change(const monocoque::socket& of, Edit edit) {
    socket_options changed = *of.core()->current_options();
    edit(changed);
    return of.core()->change_options(std::move(changed));
  }
  /// How many messages of that size can be sent without waiting; at most `most`.
  template <class Socket>
  static int fill(Socket& into, std::size_t size = 1, int most = 10'000) {
    int sent = 0;
    while (sent < most && into.try_send(std::string(size, 'x'))) ++sent;
    return sent;
  }

  context ctx_ = GetParam() ? context(inline_loop) : context();
};

inline std::string loop_name(const testing::TestParamInfo<bool>& parameter) {
  return parameter.param ? "inline" : "threaded";
}

}  // namespace monocoque::test
