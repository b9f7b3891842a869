#include "tests/constant_time/secrecy.hpp"

#include "tests/socket/sanitizers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <spawn.h>
#include <string>
#include <sys/wait.h>

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else  // there is no valgrind either
#define RUNNING_ON_VALGRIND 0
#define VALGRIND_MAKE_MEM_UNDEFINED(data, size) 0
#define VALGRIND_MAKE_MEM_DEFINED(data, size) 0
#define VALGRIND_COUNT_ERRORS 0
#endif

extern char** environ;

namespace monocoque::test {
namespace {

/// Its exit status; -1: there is none.
int run(std::string filter) {
  std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::array<std::string, 4> words{"valgrind", "--quiet", program, "--gtest_filter=" + std::move(filter)};
  std::array<char*, words.size() + 1> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  pid_t process = -1;
  if (::posix_spawnp(&process, "valgrind", nullptr, nullptr, arguments.data(), environ) != 0) return -1;
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
}

}  // namespace

void under_valgrind(const std::function<void()>& body) {
  if (RUNNING_ON_VALGRIND != 0) return body();
  if (checks_memory()) GTEST_SKIP() << "with a sanitizer in valgrind's place";
  const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  const int status = run(std::string(test->test_suite_name()) + '.' + test->name());
  if (status == -1 || status == 127) GTEST_SKIP() << "there is no valgrind";
  EXPECT_EQ(status, 0);
}

void make_secret(std::span<const std::byte> data) noexcept {
  static_cast<void>(VALGRIND_MAKE_MEM_UNDEFINED(data.data(), data.size()));
}
void make_known(std::span<const std::byte> data) noexcept {
  static_cast<void>(VALGRIND_MAKE_MEM_DEFINED(data.data(), data.size()));
}

std::size_t dependences() noexcept { return VALGRIND_COUNT_ERRORS; }

}  // namespace monocoque::test
