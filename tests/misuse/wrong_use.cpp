#include "tests/misuse/wrong_use.hpp"

#include <cctype>
#include <exception>

namespace monocoque::test {

void PrintTo(const wrong_use& use, std::ostream* out) { *out << use.name; }

std::string name_of_use(const testing::TestParamInfo<wrong_use>& use) {
  std::string name;
  for (const char each : use.param.name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(each)) != 0;
    if (plain) {
      name += each;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  return std::to_string(use.index) + "_" + name;
}

void expect_refusal(const wrong_use& use, stage& on) {
  try {
    use.act(on);
    ADD_FAILURE() << "was taken without a word";
  } catch (const std::system_error& refused) {
    EXPECT_EQ(refused.code(), use.code) << refused.what();
    EXPECT_TRUE(is_like(refused.what(), use.message))
        << "said:     " << refused.what() << "\nexpected: " << use.message;
  } catch (const std::exception& other) {
    EXPECT_FALSE(use.code) << other.what();
    EXPECT_TRUE(is_like(other.what(), use.message))
        << "said:     " << other.what() << "\nexpected: " << use.message;
  }
}

}  // namespace monocoque::test
