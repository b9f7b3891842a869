#include <monocoque/authentication.hpp>

#include "auth/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace monocoque::auth {
namespace {

using testing::status;
using testing::verdicts;

TEST(auth_verdict, is_a_failure_until_it_is_something_else) {
  EXPECT_EQ(auth_verdict().status, status::failed);
  EXPECT_EQ(auth_verdict::allow("joe", {{"role", "admin"}}).status, status::allowed);
  EXPECT_EQ(auth_verdict::allow("joe", {{"role", "admin"}}).user_id, "joe");
  EXPECT_EQ(auth_verdict::allow("joe", {{"role", "admin"}}).metadata.at("role"), "admin");
  EXPECT_EQ(auth_verdict::deny("why").status, status::denied);
  EXPECT_EQ(auth_verdict::deny("why").reason, "why");
  EXPECT_EQ(auth_verdict::unavailable("why").status, status::unavailable);
  EXPECT_EQ(auth_verdict::fail("why").status, status::failed);
  EXPECT_EQ(static_cast<int>(status::unavailable), 300) << "the codes are those of ZAP";
}

TEST(auth_verdict, is_revoked_with_its_token) {
  std::stop_source source;
  const auth_verdict forever = auth_verdict::allow("joe");
  const auth_verdict verdict = auth_verdict::allow("joe").until(source.get_token());
  EXPECT_EQ(verdict.user_id, "joe");
  EXPECT_FALSE(forever.revoked.stop_possible());
  EXPECT_FALSE(verdict.revoked.stop_requested());
  source.request_stop();
  EXPECT_TRUE(verdict.revoked.stop_requested());
}

TEST(auth_answer, counts_the_first_time_alone) {
  const auto sink = std::make_shared<verdicts>();
  {
    const auth_answer answer(sink);
    const auth_answer copy = answer;  // NOLINT(performance-unnecessary-copy-initialization)
    copy(auth_verdict::allow("first"));
    answer(auth_verdict::deny("second"));
    copy(auth_verdict::deny("third"));
  }
  const auto got = sink->wait_for(1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got.front().user_id, "first");
}

TEST(auth_answer, that_nobody_gave_is_a_failure_when_the_last_copy_is_gone) {
  const auto sink = std::make_shared<verdicts>();
  std::optional<auth_answer> answer(sink);
  {
    const auth_answer copy = *answer;
    answer.reset();
    EXPECT_TRUE(sink->now().empty());
  }
  const auto got = sink->now();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got.front().status, status::failed);
  EXPECT_EQ(got.front().reason, "it was not answered");
}

TEST(auth_answer, of_many_threads_is_one) {
  for (int round = 0; round < 100; ++round) {
    const auto sink = std::make_shared<verdicts>();
    std::optional<auth_answer> answer(sink);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([copy = *answer, i] { copy(auth_verdict::allow(std::to_string(i))); });
    answer.reset();
    for (std::thread& each : threads) each.join();
    const auto got = sink->now();
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got.front().status, status::allowed);
  }
}

/// The bytes of an object that is gone.
template <class Type>
class remains {
 public:
  template <class... Arguments>
  Type& make(Arguments&&... arguments) {
    return *::new (storage_.data()) Type(std::forward<Arguments>(arguments)...);
  }
  void destroy() { std::launder(reinterpret_cast<Type*>(storage_.data()))->~Type(); }
  [[nodiscard]] bool hold(std::string_view text) const {
    const std::byte* data = storage_.data();
    asm volatile("" : "+r"(data) : : "memory");  // or a compiler might know that nothing can be there
    const std::string_view all(reinterpret_cast<const char*>(data), sizeof(Type));
    return all.find(text) != std::string_view::npos;
  }

 private:
  alignas(Type) std::array<std::byte, sizeof(Type)> storage_{};
};

TEST(auth_request, leaves_no_password_behind) {
  remains<auth_request> first;
  remains<auth_request> second;
  auth_request& asked = first.make();
  asked.password = "open sesame";  // short enough to lie in the object
  EXPECT_TRUE(first.hold("open sesame"));
  second.make(std::move(asked));
  EXPECT_TRUE(second.hold("open sesame"));
  first.destroy();
  second.destroy();
  EXPECT_FALSE(first.hold("pen sesame"));
  EXPECT_FALSE(second.hold("pen sesame"));
}

TEST(authenticator, knows_the_form_of_a_callable) {
  const authenticator none;
  const authenticator immediate = [](const auth_request&) { return auth_verdict::allow(); };
  const authenticator coroutine = [](auth_request) -> task<auth_verdict> { co_return auth_verdict::allow(); };
  const authenticator deferred = [](auth_request, auth_answer answer) { answer(auth_verdict::allow()); };
  EXPECT_FALSE(none);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(none.form()));
  EXPECT_TRUE(immediate);
  EXPECT_TRUE(std::holds_alternative<authenticator::immediate>(immediate.form()));
  EXPECT_TRUE(std::holds_alternative<authenticator::coroutine>(coroutine.form()));
  EXPECT_TRUE(std::holds_alternative<authenticator::deferred>(deferred.form()));
}

}  // namespace
}  // namespace monocoque::auth
