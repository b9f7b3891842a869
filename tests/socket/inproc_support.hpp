#pragma once

#include "tests/socket/any_socket.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

/// What the tests of inproc:// share.
namespace monocoque::test {

enum class way { threaded, inline_loop };

inline std::string way_name(const testing::TestParamInfo<way>& parameter) {
  return parameter.param == way::threaded ? "threaded" : "inline";
}

/// With and without threads.
class inproc_fixture : public testing::TestWithParam<way> {
 protected:
  inproc_fixture() { make(ctx_); }
  static void make(std::optional<context>& into) {
    GetParam() == way::threaded ? into.emplace() : into.emplace(monocoque::inline_loop);
  }
  [[nodiscard]] context& ctx() { return *ctx_; }

 private:
  std::optional<context> ctx_;
};

inline constexpr const char* place = "inproc://here";

inline void expect_numbers(pull& in, int from, int to) {
  for (int i = from; i < to; ++i) ASSERT_EQ(must_receive(in).view(), std::to_string(i));
}

}  // namespace monocoque::test
