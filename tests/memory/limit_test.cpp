// A service in a process of its own under a memory limit (RLIMIT_AS): memory runs out, the peers that are
// there are served all the same, and when there is memory again, so are others.

#include "tests/socket/sanitizers.hpp"
#include "tests/socket/support.hpp"

#include <monocoque/monocoque.hpp>

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// So much the service may take beyond what it has when it is limited.
constexpr std::size_t allowance = 24UL * 1024 * 1024;

/// As `ulimit -v`, that much above what is in use.
void limit_memory() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  unsigned long pages = 0;
  if (file == nullptr || std::fscanf(file, "%lu", &pages) != 1) std::abort();
  std::fclose(file);
  const rlim_t limit = pages * static_cast<unsigned long>(::getpagesize()) + allowance;
  const rlimit tight{.rlim_cur = limit, .rlim_max = limit};
  if (::setrlimit(RLIMIT_AS, &tight) != 0) std::abort();
}

/// Takes all the memory there is, down to small pieces.
class hog {
 public:
  void take_all() {
    for (std::size_t size = 1024UL * 1024; size >= smallest; size /= 4) {
      while (auto* const taken = static_cast<piece*>(std::malloc(size))) first_ = new (taken) piece{first_};
    }
  }
  void let_go() noexcept {
    while (first_ != nullptr) std::free(std::exchange(first_, first_->next));
  }

 private:
  static constexpr std::size_t smallest = 1024;
  struct piece {
    piece* next;
  };
  piece* first_ = nullptr;
};

/// What there is no memory for has not happened, and may be tried again.
template <class Step>
auto patiently(Step step) {
  for (;;) {
    try {
      return step();
    } catch (const std::bad_alloc&) {
      ::usleep(1000);
    }
  }
}

/// What the child process does: answers what it is asked, until it is told to end.
class service {
 public:
  explicit service(bool is_inline) {
    ::mallopt(M_ARENA_MAX, 1);  // an arena of a thread's own is not held to the limit
    if (is_inline) {
      ctx_.emplace(inline_loop);
    } else {
      ctx_.emplace();
    }
    questions_.emplace(*ctx_);
    door_.emplace(*ctx_, socket_options{.receive_high_water_mark = 0, .receive_byte_limit = SIZE_MAX});
    events_.emplace(door_->monitor());
    questions_->bind("tcp://127.0.0.1:0");
    door_->bind("tcp://127.0.0.1:0");
  }
  [[nodiscard]] std::string endpoints() const {
    return questions_->last_endpoint() + " " + door_->last_endpoint();
  }

  void run() {
    for (bool goes_on = true; goes_on;) {
      const message asked = patiently([&] { return questions_->receive(); });
      note_events();
      std::array<char, 32> answer{"ok"};
      if (asked.view() == "limit") limit_memory();
      if (asked.view() == "fill") hog_.take_all();
      if (asked.view() == "free") hog_.let_go();
      if (asked.view() == "read") read_all();
      if (asked.view() == "failed") print(answer, failed_);
      if (asked.view() == "resumed") print(answer, resumed_);
      if (asked.view() == "out of memory") print(answer, closed_);
      if (asked.view() == "late") print(answer, late_);
      goes_on = asked.view() != "end";
      patiently([&] { questions_->send(std::string_view(answer.data())); });
    }
  }

 private:
  static void print(std::array<char, 32>& into, int number) {
    *std::to_chars(into.data(), into.data() + into.size() - 1, number).ptr = '\0';
  }
  void note_events() {
    while (const std::optional<event> next = patiently([&] { return events_->try_receive(); })) {
      const bool short_of_memory = next->reason.code() == std::errc::not_enough_memory;
      failed_ += next->kind == event_kind::accept_failed && short_of_memory ? 1 : 0;
      closed_ += next->kind == event_kind::disconnected && short_of_memory ? 1 : 0;
      resumed_ += next->kind == event_kind::accept_resumed ? 1 : 0;
    }
  }
  void read_all() {
    while (const std::optional<message> next = patiently([&] { return door_->try_receive(); })) {
      late_ += next->view() == "late" ? 1 : 0;
    }
  }

  std::optional<context> ctx_;
  std::optional<rep> questions_;
  std::optional<pull> door_;
  std::optional<monitor> events_;
  hog hog_;
  int failed_ = 0, resumed_ = 0, closed_ = 0, late_ = 0;
};

class memory_limit : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (checks_memory()) GTEST_SKIP() << "a sanitizer needs the address space";
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::close(pipe[0]);
      ::_exit(serve(pipe[1]));
    }
    ::close(pipe[1]);
    std::array<char, 256> line{};
    const auto size = ::read(pipe[0], line.data(), line.size() - 1);
    ::close(pipe[0]);
    const std::string told(line.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    ASSERT_NE(told.find(' '), std::string::npos);
    door_ = told.substr(told.find(' ') + 1);
    ctx_.emplace();
    questions_.emplace(*ctx_, socket_options{.linger = 0ms});
    questions_->connect(told.substr(0, told.find(' ')));
  }
  void TearDown() override {
    if (child_ <= 0) return;
    if (HasFailure()) {
      ::kill(child_, SIGKILL);
    } else {
      EXPECT_EQ(ask("end"), "ok");
    }
    int status = -1;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    EXPECT_TRUE(HasFailure() || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) << status;
  }
  static int serve(int tell) {
    ::alarm(120);
    try {
      service here(GetParam());
      const std::string endpoints = here.endpoints();
      if (::write(tell, endpoints.data(), endpoints.size()) < 0) return 2;
      ::close(tell);
      here.run();
      return 0;
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "in the service: %s\n", failure.what());
      return 1;
    }
  }
  std::string ask(const std::string& what) {
    questions_->send(what);
    return must_receive(*questions_).str();
  }
  /// Asks until the answer is more than zero.
  void await(const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (ask(what) == "0") {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << what;
    }
  }
  void expect_to_be_served() {
    for (int i = 0; i < 100; ++i) ASSERT_EQ(ask(std::to_string(i)), "ok");
  }
  void expect_newcomers_to_be_served() {
    push late(*ctx_, {.linger = 0ms, .reconnect_interval = 10ms});
    late.connect(door_);
    late.send("late");
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (ask("late") == "0") {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      ASSERT_EQ(ask("read"), "ok");
    }
  }

  pid_t child_ = -1;
  std::string door_;
  std::optional<context> ctx_;
  std::optional<req> questions_;
};

TEST_P(memory_limit, that_connections_run_into_pauses_accepting_until_there_is_memory) {
  expect_to_be_served();
  ASSERT_EQ(ask("limit"), "ok");
  ASSERT_EQ(ask("fill"), "ok");
  expect_to_be_served();
  std::vector<std::unique_ptr<push>> crowd;  // until it takes what is left
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (ask("failed") == "0") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    crowd.push_back(std::make_unique<push>(*ctx_, socket_options{.linger = 0ms}));
    crowd.back()->connect(door_);
  }
  expect_to_be_served();
  ASSERT_EQ(ask("free"), "ok");
  await("resumed");
  expect_newcomers_to_be_served();
}

TEST_P(memory_limit, that_unread_messages_run_into_closes_that_connection_only) {
  expect_to_be_served();
  ASSERT_EQ(ask("limit"), "ok");
  push greedy(*ctx_, {.linger = 0ms, .reconnect_interval = 10ms});
  greedy.connect(door_);
  const std::string large(1'000'000, 'x');
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (ask("out of memory") == "0") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    static_cast<void>(greedy.try_send(large));
  }
  expect_to_be_served();
  greedy.close(0ms);
  ASSERT_EQ(ask("read"), "ok");
  expect_newcomers_to_be_served();
}

INSTANTIATE_TEST_SUITE_P(of, memory_limit, testing::Bool(), [](const auto& parameter) {
  return std::string(parameter.param ? "an_inline_service" : "a_threaded_service");
});

}  // namespace
}  // namespace monocoque::test
