#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>

namespace monocoque::test {
namespace {

/// A proxy between a ROUTER and a DEALER in a thread of its own, a client in front and a service behind.
class proxy_test : public zmq_test {
 protected:
  ~proxy_test() override {
    if (!proxying_.joinable()) return;
    EXPECT_EQ(error_of(zmq_ctx_shutdown(context())), 0);
    proxying_.join();
    EXPECT_EQ(answer_, ETERM);
  }

  /// With `control` as the proxy's end of a pair, or without.
  void begin(int control_type = -1, bool capture = false, bool device = false) {
    front_ = zmq_socket(context(), ZMQ_ROUTER);
    back_ = zmq_socket(context(), ZMQ_DEALER);
    void* const steered = control_type >= 0 ? zmq_socket(context(), control_type) : nullptr;
    void* const copies = capture ? zmq_socket(context(), ZMQ_PUSH) : nullptr;
    for (const auto& [socket, where] :
         {std::pair{front_, "inproc://front"}, std::pair{back_, "inproc://back"},
          std::pair{steered, "inproc://control"}, std::pair{copies, "inproc://copies"}}) {
      if (socket == nullptr) continue;
      ASSERT_EQ(error_of(zmq_bind(socket, where)), 0);
    }
    ASSERT_EQ(error_of(zmq_connect(client_, "inproc://front")), 0);
    ASSERT_EQ(error_of(zmq_connect(service_, "inproc://back")), 0);
    proxying_ = std::thread([=, this] {
      answer_ = error_of(device               ? zmq_device(ZMQ_QUEUE, front_, back_)
                         : steered != nullptr ? zmq_proxy_steerable(front_, back_, copies, steered)
                                              : zmq_proxy(front_, back_, copies));
      for (void* const each : {front_, back_, copies, steered}) {
        if (each != nullptr) zmq_close(each);
      }
    });
  }
  void ask_and_answer() {
    ASSERT_TRUE(send(client_, frames{"how", "many?"}));
    EXPECT_EQ(receive_all(service_), (frames{"how", "many?"}));
    ASSERT_TRUE(send(service_, "four"));
    EXPECT_EQ(receive_all(client_), frames{"four"});
  }
  void* control(int type) {
    void* const made = socket(type);
    EXPECT_EQ(error_of(zmq_connect(made, "inproc://control")), 0);
    return made;
  }
  /// From a PULL to a PUSH, with a capture that has room for hardly anything; answers its endpoint.
  std::string begin_streamer() {
    front_ = zmq_socket(context(), ZMQ_PULL);
    back_ = zmq_socket(context(), ZMQ_PUSH);
    void* const copies = zmq_socket(context(), ZMQ_PUSH);
    bind_to(front_, "inproc://front");
    bind_to(back_, "inproc://back");
    EXPECT_EQ(set(copies, ZMQ_SNDHWM, 1), 0);
    std::string where = bind_to(copies, any_port);
    proxying_ = std::thread([=, this] {
      answer_ = error_of(zmq_proxy(front_, back_, copies));
      for (void* const each : {front_, back_, copies}) zmq_close(each);
    });
    return where;
  }
  void await_end() {
    proxying_.join();
    EXPECT_EQ(answer_, 0);
  }

  void* client_ = socket(ZMQ_REQ);
  void* service_ = socket(ZMQ_REP);

 private:
  void* front_ = nullptr;
  void* back_ = nullptr;
  std::thread proxying_;
  int answer_ = -1;
};

TEST_F(proxy_test, hands_on_until_the_context_ends) {
  begin();
  for (int i = 0; i < 10; ++i) ask_and_answer();
}

TEST_F(proxy_test, has_an_older_name) {
  begin(-1, false, true);
  ask_and_answer();
}

TEST_F(proxy_test, gives_copies) {
  begin(-1, true);
  void* const copies = socket(ZMQ_PULL);
  ASSERT_EQ(error_of(zmq_connect(copies, "inproc://copies")), 0);
  ask_and_answer();
  for (const char* last : {"many?", "four"}) EXPECT_EQ(receive_all(copies).back(), last);
}

/// Whatever the capture's mark is.
TEST_F(proxy_test, gives_a_copy_of_each_message) {
  constexpr int count = 300;
  const std::string where = begin_streamer();
  void* const sender = socket(ZMQ_PUSH);
  void* const receiver = socket(ZMQ_PULL);
  void* const copies = socket(ZMQ_PULL);
  ASSERT_EQ(error_of(zmq_connect(copies, where.c_str())), 0);
  ASSERT_EQ(error_of(zmq_connect(receiver, "inproc://back")), 0);
  ASSERT_EQ(error_of(zmq_connect(sender, "inproc://front")), 0);
  for (int i = 0; i < count; ++i) ASSERT_TRUE(send(sender, std::to_string(i)));
  for (void* const each : {receiver, copies}) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(receive(each), std::to_string(i));
  }
}

TEST_F(proxy_test, is_told_to_end) {
  begin(ZMQ_PAIR);
  void* const steering = control(ZMQ_PAIR);
  ask_and_answer();
  ASSERT_TRUE(send(steering, "TERMINATE"));
  await_end();
}

TEST_F(proxy_test, is_told_to_pause) {
  begin(ZMQ_PAIR);
  void* const steering = control(ZMQ_PAIR);
  ask_and_answer();
  ASSERT_TRUE(send(steering, "PAUSE"));
  ASSERT_TRUE(send(steering, "STATISTICS"));
  static_cast<void>(receive_all(steering));  // so it has paused
  ASSERT_TRUE(send(client_, "wait"));
  EXPECT_EQ(receive(service_, ZMQ_DONTWAIT), "(Resource temporarily unavailable)");
  ASSERT_TRUE(send(steering, "RESUME"));
  EXPECT_EQ(receive(service_), "wait");
  ASSERT_TRUE(send(service_, "done"));
  EXPECT_EQ(receive(client_), "done");
  ASSERT_TRUE(send(steering, "TERMINATE"));
  await_end();
}

TEST_F(proxy_test, counts) {
  begin(ZMQ_PAIR);
  void* const steering = control(ZMQ_PAIR);
  ask_and_answer();
  ASSERT_TRUE(send(steering, "STATISTICS"));
  const frames told = receive_all(steering);
  ASSERT_EQ(told.size(), 8U);
  std::array<std::uint64_t, 8> numbers{};
  for (std::size_t i = 0; i < told.size(); ++i) {
    ASSERT_EQ(told[i].size(), sizeof numbers[i]);
    std::memcpy(&numbers.at(i), told[i].data(), sizeof numbers[i]);
  }
  // Received in front, sent in front, received behind, sent behind: messages, or frames, and bytes.
  const std::uint64_t in = numbers[0];
  const std::uint64_t out = numbers[2];
  EXPECT_GE(in, 1U);
  EXPECT_EQ(numbers[6], in);
  EXPECT_EQ(numbers[4], out);
  EXPECT_GE(numbers[1], std::string("howmany?").size());
  EXPECT_EQ(numbers[1], numbers[7]);
  EXPECT_EQ(numbers[3], numbers[5]);
  ASSERT_TRUE(send(steering, "TERMINATE"));
  await_end();
}

TEST_F(proxy_test, needs_two_sockets) {
  EXPECT_EQ(error_of(zmq_proxy(nullptr, client_, nullptr)), EFAULT);
  EXPECT_EQ(error_of(zmq_proxy(client_, nullptr, nullptr)), EFAULT);
  EXPECT_EQ(error_of(zmq_proxy_steerable(client_, nullptr, nullptr, nullptr)), EFAULT);
}

}  // namespace
}  // namespace monocoque::test
