// Every allocation of a conversation fails once, alone and with those that follow: each run ends, nothing
// that arrives is garbled, and with memory everything works again.

#include "tests/memory/short_memory.hpp"
#include "tests/memory/talk.hpp"
#include "tests/socket/sanitizers.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <tuple>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd"))
    count += each.exists() ? 1 : 0;
  return count;
}

enum class loops { inline_loop, threads };
/// How much fails.
enum class shortage { one, three, all };

std::int64_t failures_after_the_first(shortage how_much) {
  switch (how_much) {
    case shortage::one: return 0;
    case shortage::three: return 2;
    case shortage::all: break;
  }
  return short_memory::all;
}

std::string endpoint_of(medium kind, const temporary_folder& folder) {
  switch (kind) {
    case medium::tcp: return "tcp://127.0.0.1:0";
    case medium::ipc: return folder.ipc("s");
    case medium::inproc: break;
  }
  return "inproc://a-name-that-is-long-enough-to-need-memory";
}

context make_context(loops kind) { return kind == loops::inline_loop ? context(inline_loop) : context(); }

void expect_to_work(talk& both, context& ctx) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  both.arrange();
  while (!both.works()) {
    ASSERT_TRUE(std::chrono::steady_clock::now() < deadline) << "does not work with memory either";
    if (ctx.is_inline()) ctx.run_for(1ms);
    both.arrange();
  }
}

using setting = std::tuple<manner, medium, loops, shortage>;

class shortages : public testing::TestWithParam<setting> {
 protected:
  /// False if there was nothing to fail any more.
  static bool survives(std::int64_t first, const temporary_folder& folder) {
    const auto [how, over, kind, how_much] = GetParam();
    context ctx = make_context(kind);
    const std::unique_ptr<talk> both = make_talk(how, ctx, endpoint_of(over, folder));
    {
      const short_memory little(first, failures_after_the_first(how_much));
      both->arrange();
      both->speak();
      if (first % 2 == 0) both->end();
    }
    const bool failed = short_memory::asked_for() >= first;
    expect_to_work(*both, ctx);
    EXPECT_EQ(both->complaint(), "");
    return failed;
  }
};

TEST_P(shortages, of_memory_are_survived_wherever_they_strike) {
  const temporary_folder folder;
  ASSERT_FALSE(survives(short_memory::all, folder));  // and what is made once is made
  const std::size_t open_before = open_descriptors();
  // Threads and sanitizers take their time; odd, so that in every other run all sockets go while memory is
  // short.
  const int step = checks_memory() ? 9 : std::get<loops>(GetParam()) == loops::threads ? 3 : 1;
  std::int64_t first = 1;
  for (; survives(first, folder); first += step) {
    ASSERT_FALSE(HasFailure()) << "allocation " << first;
  }
  EXPECT_EQ(open_descriptors(), open_before);
  RecordProperty("allocations", static_cast<int>(first));
}

TEST(shortage_of_a_context, either_throws_or_makes_it) {
  for (const loops kind : {loops::inline_loop, loops::threads}) {
    const std::size_t open_before = open_descriptors();
    bool failed = true;
    for (std::int64_t first = 1; failed; ++first) {
      const short_memory little(first);
      managed([&] { const context ctx = make_context(kind); });
      short_memory::end();
      failed = short_memory::asked_for() >= first;
    }
    EXPECT_EQ(open_descriptors(), open_before);
  }
}

std::string name_of_setting(const testing::TestParamInfo<setting>& parameter) {
  constexpr const char* manners[] = {"push_pull", "request_reply", "publish", "route", "coroutines"};
  constexpr const char* media[] = {"tcp", "ipc", "inproc"};
  constexpr const char* kinds[] = {"inline", "threads"};
  constexpr const char* sizes[] = {"one", "three", "all"};
  const auto [how, over, kind, how_much] = parameter.param;
  return std::string(manners[static_cast<int>(how)]) + "_" + media[static_cast<int>(over)] + "_" +
         kinds[static_cast<int>(kind)] + "_" + sizes[static_cast<int>(how_much)];
}

INSTANTIATE_TEST_SUITE_P(of, shortages,
                         testing::Combine(testing::Values(manner::push_pull, manner::request_reply,
                                                          manner::publish, manner::route, manner::coroutines),
                                          testing::Values(medium::tcp, medium::inproc),
                                          testing::Values(loops::inline_loop, loops::threads),
                                          testing::Values(shortage::one, shortage::three, shortage::all)),
                         name_of_setting);

}  // namespace
}  // namespace monocoque::test
