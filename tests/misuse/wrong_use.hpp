#pragma once

#include "tests/misuse/likeness.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

/// Wrong uses of the API, in tables: what is done, the code and the whole message that it must give.
namespace monocoque::test {

/// What the uses are made with.
struct stage {
  temporary_folder folder;
  context ctx;
};

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
