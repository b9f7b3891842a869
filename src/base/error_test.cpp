#include <monocoque/error.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace monocoque {
namespace {

constexpr int first_code = static_cast<int>(errc::would_block);
constexpr int last_code = static_cast<int>(errc::limit_reached);

TEST(error_category, has_a_name_and_a_distinct_text_for_every_code) {
  EXPECT_STREQ(error_category().name(), "monocoque");
  std::set<std::string> texts;
  std::set<std::string_view> names;
  for (int value = first_code; value <= last_code; ++value) {
    const std::string text = error_category().message(value);
    EXPECT_EQ(text.find("unknown"), std::string::npos) << value;
    EXPECT_TRUE(texts.insert(text).second) << text;
    const std::string_view name = name_of(static_cast<errc>(value));
    EXPECT_NE(name, "unknown") << value;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(error_category, answers_foreign_values) {
  EXPECT_EQ(error_category().message(0), "unknown error 0");
  EXPECT_EQ(error_category().message(last_code + 1), "unknown error " + std::to_string(last_code + 1));
  EXPECT_EQ(name_of(static_cast<errc>(-1)), "unknown");
}

TEST(error_category, compares_with_the_conditions_of_the_standard_library) {
  const std::error_code timed_out = errc::timed_out;
  EXPECT_EQ(timed_out, std::errc::timed_out);
  EXPECT_EQ(make_error_code(errc::would_block), std::errc::operation_would_block);
  EXPECT_EQ(make_error_code(errc::cancelled), std::errc::operation_canceled);
  EXPECT_EQ(make_error_code(errc::invalid_endpoint), std::errc::invalid_argument);
  EXPECT_EQ(make_error_code(errc::unroutable), std::errc::host_unreachable);
  EXPECT_NE(timed_out, std::errc::operation_would_block);
  EXPECT_NE(timed_out, std::error_code(static_cast<int>(errc::timed_out), std::generic_category()));
}

TEST(error, with_a_code_only_says_what_the_category_says) {
  const error plain = errc::timed_out;
  EXPECT_EQ(plain.message(), "timed out");
  EXPECT_EQ(plain, errc::timed_out);
  EXPECT_FALSE(plain == errc::cancelled);
  EXPECT_TRUE(plain.doing().empty());
  EXPECT_TRUE(plain.endpoint().empty());
  EXPECT_TRUE(plain.peer().empty());
  EXPECT_TRUE(plain.detail().empty());
}

TEST(error, message_says_what_where_and_why) {
  EXPECT_EQ(error::from_errno(EACCES, "bind").with_endpoint("tcp://*:80").message(),
            "bind tcp://*:80: permission denied");
  EXPECT_EQ(error::from_errno(ECONNREFUSED).message(), "connection refused");
  EXPECT_EQ(error(errc::wrong_state).with_doing("send").message(),
            "send: not allowed in the socket's current state");
  EXPECT_EQ(error(errc::bad_frame, "flags 0xf8").message(), "peer sent a malformed frame (flags 0xf8)");
  EXPECT_EQ(error(errc::bad_frame)
                .with_doing("handshake failed")
                .with_endpoint("tcp://127.0.0.1:5555")
                .with_peer("tcp://127.0.0.1:40312")
                .with_detail("flags 0xf8")
                .message(),
            "handshake failed tcp://127.0.0.1:5555, peer tcp://127.0.0.1:40312: "
            "peer sent a malformed frame (flags 0xf8)");
  EXPECT_EQ(error(errc::timed_out).with_peer("ipc:///tmp/x").message(), "ipc:///tmp/x: timed out");
}

TEST(error, keeps_abbreviations_of_the_system_in_capitals) {
  // EIO is "Input/output error", which becomes lower case; nothing that starts with two capitals is touched.
  EXPECT_EQ(error::from_errno(EIO).message(), "input/output error");
  for (const int value : {EPERM, ENOENT, EADDRINUSE, EADDRNOTAVAIL, EMFILE}) {
    const std::string text = error::from_errno(value).message();
    EXPECT_TRUE(text[0] >= 'a' && text[0] <= 'z') << text;
    EXPECT_EQ(error::from_errno(value).code().value(), value);
    EXPECT_EQ(error::from_errno(value).code().category(), std::generic_category());
  }
}

TEST(error, changing_a_copy_leaves_the_original_alone) {
  const error original = error(errc::bad_frame, "first").with_peer("a");
  error copy = original;
  copy = std::move(copy).with_detail("second").with_peer("b");
  EXPECT_EQ(original.detail(), "first");
  EXPECT_EQ(original.peer(), "a");
  EXPECT_EQ(copy.detail(), "second");
  EXPECT_EQ(copy.peer(), "b");
  EXPECT_EQ(copy.code(), original.code());
}

TEST(error, copies_may_be_read_and_changed_on_several_threads) {
  const error original = error(errc::bad_frame, "shared").with_endpoint("e");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([mine = original, i]() mutable {
      for (int round = 0; round < 500; ++round) {
        error copy = mine;
        EXPECT_EQ(copy.endpoint(), "e");
        mine = std::move(copy).with_peer(std::to_string(i));
        EXPECT_EQ(mine.peer(), std::to_string(i));
      }
    });
  }
  threads.clear();
  EXPECT_TRUE(original.peer().empty());
}

TEST(exception, carries_the_code_and_the_whole_line) {
  try {
    throw exception(error(errc::invalid_endpoint).with_doing("bind").with_endpoint("tpc://x"));
  } catch (const std::system_error& caught) {
    EXPECT_EQ(caught.code(), errc::invalid_endpoint);
    EXPECT_STREQ(caught.what(), "bind tpc://x: invalid endpoint");
  }
  const exception with_reason(errc::unroutable);
  EXPECT_EQ(with_reason.reason(), errc::unroutable);
}

}  // namespace
}  // namespace monocoque
