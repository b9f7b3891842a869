#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <thread>

namespace monocoque::test {
namespace {

/// A message that is closed in the end.
class owned {
 public:
  owned() { EXPECT_EQ(zmq_msg_init(&msg_), 0); }
  explicit owned(std::string_view content) {
    EXPECT_EQ(error_of(zmq_msg_init_size(&msg_, content.size())), 0);
    if (!content.empty()) std::memcpy(zmq_msg_data(&msg_), content.data(), content.size());
  }
  ~owned() { EXPECT_EQ(error_of(zmq_msg_close(&msg_)), 0); }
  owned(const owned&) = delete;
  owned& operator=(const owned&) = delete;

  operator zmq_msg_t*() { return &msg_; }  // NOLINT(google-explicit-constructor): as zmq.h takes it
  std::string_view view() { return {static_cast<const char*>(zmq_msg_data(&msg_)), zmq_msg_size(&msg_)}; }

 private:
  zmq_msg_t msg_{};
};

/// Memory that counts how often it is given back.
struct lent {
  std::string content;
  std::atomic<int> returned = 0;
  void* data = nullptr;

  explicit lent(std::size_t size) : content(size, 'x') {}
  void into(zmq_msg_t* msg) {
    ASSERT_EQ(error_of(zmq_msg_init_data(
                  msg, content.data(), content.size(),
                  [](void* given, void* hint) {
                    auto& self = *static_cast<lent*>(hint);
                    ++self.returned;
                    self.data = given;
                  },
                  this)),
              0);
  }
};

constexpr std::array<std::size_t, 8> sizes{0, 1, 29, 33, 34, 1000, 8192, 1'000'000};

TEST(message_test, can_be_made_of_a_copy) {
  if (is_debians_libzmq()) GTEST_SKIP() << "built without drafts";
  for (const std::size_t size : {0U, 5U, 33U, 34U, 100'000U}) {
    std::string content(size, 'x');
    zmq_msg_t msg;
    ASSERT_EQ(error_of(zmq_msg_init_buffer(&msg, content.data(), size)), 0);
    content.assign(size, 'y');
    EXPECT_EQ(std::string_view(static_cast<const char*>(zmq_msg_data(&msg)), zmq_msg_size(&msg)),
              std::string(size, 'x'));
    EXPECT_EQ(zmq_msg_close(&msg), 0);
  }
  zmq_msg_t nothing;
  EXPECT_EQ(error_of(zmq_msg_init_buffer(&nothing, nullptr, 0)), 0);
  EXPECT_EQ(zmq_msg_size(&nothing), 0U);
  EXPECT_EQ(zmq_msg_close(&nothing), 0);
}

TEST(message_test, begins_empty) {
  owned msg;
  EXPECT_EQ(zmq_msg_size(msg), 0U);
  EXPECT_NE(zmq_msg_data(msg), nullptr);
  EXPECT_EQ(zmq_msg_more(msg), 0);
  EXPECT_EQ(zmq_msg_get(msg, ZMQ_MORE), 0);
  EXPECT_EQ(zmq_msg_get(msg, ZMQ_SHARED), 0);
}

TEST(message_test, holds_what_is_written_there) {
  for (const std::size_t size : sizes) {
    const std::string content(size, 'a');
    owned msg{content};
    EXPECT_EQ(msg.view(), content);
    EXPECT_EQ(zmq_msg_data(msg), zmq_msg_data(msg));
  }
}

TEST(message_test, too_large_for_memory_is_refused) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it looks at the sum with its own header only";
  for (const std::size_t size : {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX - 64}) {
    zmq_msg_t msg;
    EXPECT_EQ(error_of(zmq_msg_init_size(&msg, size)), ENOMEM) << size;
  }
}

TEST(message_test, lies_in_the_memory_that_it_was_given) {
  for (const std::size_t size : {1U, 33U, 100'000U}) {
    lent memory(size);
    zmq_msg_t msg;
    memory.into(&msg);
    EXPECT_EQ(zmq_msg_data(&msg), memory.content.data());
    EXPECT_EQ(zmq_msg_size(&msg), size);
    EXPECT_EQ(memory.returned, 0);
    zmq_msg_close(&msg);
    EXPECT_EQ(memory.returned, 1);
    EXPECT_EQ(memory.data, memory.content.data());
  }
}

TEST(message_test, of_constant_memory_is_never_given_back) {
  const std::string constant = "constant";
  zmq_msg_t msg;
  ASSERT_EQ(zmq_msg_init_data(&msg, const_cast<char*>(constant.data()), constant.size(), nullptr, nullptr),
            0);
  EXPECT_EQ(zmq_msg_data(&msg), constant.data());
  EXPECT_EQ(zmq_msg_get(&msg, ZMQ_SHARED), 1);
  EXPECT_EQ(zmq_msg_close(&msg), 0);
}

TEST(message_test, moves) {
  for (const std::size_t size : sizes) {
    const std::string content(size, 'a');
    owned from{content}, to{std::string_view("what was there")};
    EXPECT_EQ(error_of(zmq_msg_move(to, from)), 0);
    EXPECT_EQ(to.view(), content);
    EXPECT_EQ(from.view(), "");
  }
}

TEST(message_test, gives_back_what_a_move_replaces) {
  lent memory(100), other(100);
  owned from, to;
  zmq_msg_close(to);
  memory.into(to);
  zmq_msg_close(from);
  other.into(from);
  EXPECT_EQ(zmq_msg_move(to, from), 0);
  EXPECT_EQ(memory.returned, 1);
  EXPECT_EQ(other.returned, 0);
  EXPECT_EQ(zmq_msg_move(from, to), 0);
  EXPECT_EQ(other.returned, 0);
}

TEST(message_test, may_be_moved_to_itself) {
  owned msg{std::string_view("content")};
  EXPECT_EQ(error_of(zmq_msg_move(msg, msg)), 0);
  if (is_debians_libzmq()) return;  // leaves nothing of it
  EXPECT_EQ(msg.view(), "content");
}

TEST(message_test, copies) {
  for (const std::size_t size : sizes) {
    const std::string content(size, 'a');
    owned from{content}, to{std::string_view("what was there")};
    EXPECT_EQ(error_of(zmq_msg_copy(to, from)), 0);
    EXPECT_EQ(to.view(), content);
    EXPECT_EQ(from.view(), content);
    const int shared = size > 33 ? 1 : 0;
    EXPECT_EQ(zmq_msg_get(to, ZMQ_SHARED), shared) << size;
    EXPECT_EQ(zmq_msg_get(from, ZMQ_SHARED), shared) << size;
    EXPECT_EQ(zmq_msg_data(from) == zmq_msg_data(to), shared == 1);
  }
}

TEST(message_test, copied_is_given_back_with_the_last_copy) {
  lent memory(1000);
  zmq_msg_t first, second, third;
  memory.into(&first);
  for (zmq_msg_t* each : {&second, &third}) {
    zmq_msg_init(each);
    EXPECT_EQ(zmq_msg_copy(each, &first), 0);
  }
  zmq_msg_close(&first);
  zmq_msg_close(&third);
  EXPECT_EQ(memory.returned, 0);
  zmq_msg_close(&second);
  EXPECT_EQ(memory.returned, 1);
}

TEST(message_test, may_be_moved_bitwise) {
  for (const std::size_t size : sizes) {
    const std::string content(size, 'a');
    zmq_msg_t made;
    ASSERT_EQ(zmq_msg_init_size(&made, size), 0);
    if (size != 0) std::memcpy(zmq_msg_data(&made), content.data(), size);
    zmq_msg_t moved;
    std::memcpy(&moved, &made, sizeof moved);
    std::memset(&made, 0xff, sizeof made);
    EXPECT_EQ(std::string_view(static_cast<char*>(zmq_msg_data(&moved)), zmq_msg_size(&moved)), content);
    EXPECT_EQ(error_of(zmq_msg_close(&moved)), 0);
  }
}

TEST(message_test, that_is_closed_is_told_of) {
  zmq_msg_t msg;
  owned other;
  zmq_msg_init(&msg);
  EXPECT_EQ(error_of(zmq_msg_close(&msg)), 0);
  EXPECT_EQ(error_of(zmq_msg_close(&msg)), EFAULT);
  EXPECT_EQ(error_of(zmq_msg_move(other, &msg)), EFAULT);
  EXPECT_EQ(error_of(zmq_msg_copy(other, &msg)), EFAULT);
  if (is_debians_libzmq()) return;  // does not look
  EXPECT_EQ(error_of(zmq_msg_move(&msg, other)), EFAULT);
  EXPECT_EQ(error_of(zmq_msg_copy(&msg, other)), EFAULT);
  EXPECT_EQ(zmq_msg_data(&msg), nullptr);
  EXPECT_EQ(zmq_msg_size(&msg), 0U);
}

TEST(message_test, has_properties_to_be_read_only) {
  owned msg;
  EXPECT_EQ(error_of(zmq_msg_get(msg, 4711)), EINVAL);
  EXPECT_EQ(error_of(zmq_msg_set(msg, ZMQ_MORE, 1)), EINVAL);
  EXPECT_EQ(error_of(zmq_msg_gets(msg, "Socket-Type")), EINVAL) << "nobody has sent it";
}

class sent_message_test : public zmq_test {
 protected:
  void SetUp() override { ASSERT_EQ(error_of(zmq_connect(out_, bind_to(in_, any_port).c_str())), 0); }

  void* in_ = socket(ZMQ_PULL);
  void* out_ = socket(ZMQ_PUSH);
};

TEST_F(sent_message_test, is_empty_afterwards_and_given_back_once) {
  for (const std::size_t size : {1U, 33U, 1000U, 100'000U}) {
    lent memory(size);
    zmq_msg_t msg;
    memory.into(&msg);
    ASSERT_EQ(zmq_msg_send(&msg, out_, 0), static_cast<int>(size));
    EXPECT_EQ(zmq_msg_size(&msg), 0U);
    EXPECT_EQ(zmq_msg_close(&msg), 0);
    EXPECT_EQ(receive(in_), memory.content);
    close(out_);
    out_ = socket(ZMQ_PUSH);
    ASSERT_EQ(error_of(zmq_connect(out_, get_text(in_, ZMQ_LAST_ENDPOINT).c_str())), 0);
    while (memory.returned == 0) std::this_thread::yield();  // on a thread of the library's
    EXPECT_EQ(memory.returned, 1);
  }
}

TEST_F(sent_message_test, that_failed_stays_the_callers) {
  void* const alone = socket(ZMQ_PUSH);
  owned msg{std::string_view("content")};
  EXPECT_EQ(error_of(zmq_msg_send(msg, alone, ZMQ_DONTWAIT)), EAGAIN);
  EXPECT_EQ(msg.view(), "content");
}

TEST_F(sent_message_test, tells_what_its_sender_is) {
  ASSERT_TRUE(send(out_, frames{"one", "two"}));
  owned msg;
  for (const int more : {1, 0}) {
    ASSERT_EQ(zmq_msg_recv(msg, in_, 0), 3);
    EXPECT_EQ(zmq_msg_more(msg), more);
    EXPECT_EQ(zmq_msg_get(msg, ZMQ_MORE), more);
    EXPECT_STREQ(zmq_msg_gets(msg, "Socket-Type"), "PUSH");
    EXPECT_STREQ(zmq_msg_gets(msg, "Peer-Address"), "127.0.0.1");
    EXPECT_EQ(error_of(zmq_msg_gets(msg, "User-Id")), EINVAL);
    EXPECT_EQ(error_of(zmq_msg_gets(msg, "no such thing")), EINVAL);
  }
  owned copy;
  EXPECT_EQ(zmq_msg_copy(copy, msg), 0);
  EXPECT_STREQ(zmq_msg_gets(copy, "Socket-Type"), "PUSH");
}

}  // namespace
}  // namespace monocoque::test
