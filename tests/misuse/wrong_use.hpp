#pragma once

#include "tests/misuse/likeness.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

/// Wrong uses of the API, in tables: what is done, the code and the whole message that it must give.
namespace monocoque::test {

/// What the uses are made with.
struct stage {
  temporary_folder folder;
  context ctx;
};

inline std::error_code own(errc code) { return make_error_code(code); }

/// Connected to where nobody listens, so that it takes messages and brings none.
template <class Socket>
Socket lonely(context& owner, socket_options options = {}) {
  options.linger = std::chrono::milliseconds(0);
  Socket made(owner, std::move(options));
  made.connect("tcp://127.0.0.1:1");
  return made;
}

struct wrong_use {
  std::string name;
  std::error_code code;
  std::string message;
  std::function<void(stage&)> act;  // throws
};
void PrintTo(const wrong_use& use, std::ostream* out);

/// "the reply first" as the name of a test.
[[nodiscard]] std::string name_of_use(const testing::TestParamInfo<wrong_use>& use);

/// Does it, and looks at what it throws. `on` takes part in it.
void expect_refusal(const wrong_use& use, stage& on);

}  // namespace monocoque::test
