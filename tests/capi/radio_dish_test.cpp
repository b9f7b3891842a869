// RADIO, DISH and DGRAM through zmq.h: groups of messages and of sockets, connections and UDP. What Debian's
// library lacks is skipped there.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <cerrno>
#include <cstring>

namespace monocoque::test {
namespace {

class radio_dish_test : public zmq_test {
 protected:
  void SetUp() override {
    if (is_debians_libzmq()) GTEST_SKIP() << "Debian's library has no draft functions";
  }

  /// 0, or an error number.
  static int send_to(void* radio, const char* group, const std::string& body, int flags = 0) {
    zmq_msg_t msg;
    zmq_msg_init_size(&msg, body.size());
    std::memcpy(zmq_msg_data(&msg), body.data(), body.size());
    EXPECT_EQ(zmq_msg_set_group(&msg, group), 0);
    const int failed = error_of(zmq_msg_send(&msg, radio, flags));
    zmq_msg_close(&msg);
    return failed;
  }
  /// "group|body", or an error's text.
  static std::string receive_of_group(void* dish, int flags = 0) {
    zmq_msg_t msg;
    zmq_msg_init(&msg);
    std::string told;
    if (zmq_msg_recv(&msg, dish, flags) < 0) {
      told = zmq_strerror(zmq_errno());
    } else {
      told = std::string(zmq_msg_group(&msg)) + '|' +
             std::string(static_cast<char*>(zmq_msg_data(&msg)), zmq_msg_size(&msg));
      EXPECT_EQ(zmq_msg_more(&msg), 0);
    }
    zmq_msg_close(&msg);
    return told;
  }
  /// Until the RADIO knows that the DISH has joined, which nothing but a message tells.
  static void await_joined(void* radio, void* dish, const char* group) {
    const int before = get(dish, ZMQ_RCVTIMEO);
    set(dish, ZMQ_RCVTIMEO, 5);
    do {
      ASSERT_EQ(send_to(radio, group, "there?"), 0);
    } while (receive_of_group(dish) == zmq_strerror(EAGAIN));
    set(dish, ZMQ_RCVTIMEO, before);
  }
  static std::string receive_next(void* dish) {
    std::string told;
    do {
      told = receive_of_group(dish);
    } while (told.ends_with("|there?"));
    return told;
  }
  void over(const std::string& endpoint) {
    void* const radio = socket(ZMQ_RADIO);
    void* const dish = socket(ZMQ_DISH);
    ASSERT_EQ(zmq_join(dish, "movies"), 0);
    ASSERT_EQ(zmq_bind(radio, endpoint.c_str()), 0);
    ASSERT_EQ(zmq_connect(dish, get_text(radio, ZMQ_LAST_ENDPOINT).c_str()), 0);
    await_joined(radio, dish, "movies");
    EXPECT_EQ(send_to(radio, "tv", "Friends"), 0);
    EXPECT_EQ(send_to(radio, "movies", "Godfather"), 0);
    EXPECT_EQ(receive_next(dish), "movies|Godfather");
    const std::string longest(ZMQ_GROUP_MAX_LENGTH, 'g');
    ASSERT_EQ(zmq_join(dish, longest.c_str()), 0);
    await_joined(radio, dish, longest.c_str());
    EXPECT_EQ(send_to(radio, longest.c_str(), std::string(10'000, 'x')), 0);
    EXPECT_EQ(receive_next(dish), longest + '|' + std::string(10'000, 'x'));
    close(radio);
    close(dish);
  }
};

TEST_F(radio_dish_test, talk_over_tcp) { over(any_port); }
TEST_F(radio_dish_test, talk_over_ipc) { over("ipc://*"); }
TEST_F(radio_dish_test, talk_over_inproc) { over("inproc://here"); }

TEST_F(radio_dish_test, a_group_of_any_length_belongs_to_a_message) {
  zmq_msg_t msg, other;
  zmq_msg_init(&msg);
  zmq_msg_init(&other);
  EXPECT_STREQ(zmq_msg_group(&msg), "");
  for (std::size_t size = 0; size <= ZMQ_GROUP_MAX_LENGTH; ++size) {
    const std::string name(size, static_cast<char>('a' + size % 26));
    ASSERT_EQ(zmq_msg_set_group(&msg, name.c_str()), 0);
    ASSERT_EQ(zmq_msg_group(&msg), name);
    ASSERT_EQ(zmq_msg_copy(&other, &msg), 0);
    ASSERT_EQ(zmq_msg_group(&other), name);
    ASSERT_EQ(zmq_msg_group(&msg), name);
    ASSERT_EQ(zmq_msg_move(&msg, &other), 0);
    ASSERT_EQ(zmq_msg_group(&msg), name);
    ASSERT_STREQ(zmq_msg_group(&other), "");
    const zmq_msg_t moved = msg;  // as bindings do
    zmq_msg_init(&msg);
    msg = moved;
    ASSERT_EQ(zmq_msg_group(&msg), name);
    ASSERT_EQ(zmq_msg_set_group(&msg, zmq_msg_group(&msg) + size / 2), 0) << "a part of its own name";
    ASSERT_EQ(zmq_msg_group(&msg), name.substr(size / 2));
  }
  ASSERT_EQ(zmq_msg_set_group(&msg, std::string(ZMQ_GROUP_MAX_LENGTH, 'g').c_str()), 0);
  const std::string too_long(ZMQ_GROUP_MAX_LENGTH + 1, 'g');
  EXPECT_EQ(error_of(zmq_msg_set_group(&msg, too_long.c_str())), EINVAL);
  EXPECT_EQ(std::strlen(zmq_msg_group(&msg)), std::size_t{ZMQ_GROUP_MAX_LENGTH}) << "as it was";
  zmq_msg_close(&msg);
  zmq_msg_close(&other);
  EXPECT_EQ(error_of(zmq_msg_set_group(&msg, "tv")), EFAULT);
}

TEST_F(radio_dish_test, a_group_is_joined_and_left_once) {
  void* const dish = socket(ZMQ_DISH);
  const std::string too_long(ZMQ_GROUP_MAX_LENGTH + 1, 'g');
  EXPECT_EQ(error_of(zmq_leave(dish, "tv")), EINVAL);
  EXPECT_EQ(zmq_join(dish, "tv"), 0);
  EXPECT_EQ(error_of(zmq_join(dish, "tv")), EINVAL);
  EXPECT_EQ(error_of(zmq_join(dish, too_long.c_str())), EINVAL);
  EXPECT_EQ(error_of(zmq_join(dish, nullptr)), EINVAL);
  EXPECT_EQ(zmq_leave(dish, "tv"), 0);
  EXPECT_EQ(error_of(zmq_leave(dish, "tv")), EINVAL);
  EXPECT_EQ(error_of(zmq_join(socket(ZMQ_SUB), "tv")), ENOTSUP);
  EXPECT_EQ(error_of(zmq_leave(socket(ZMQ_RADIO), "tv")), ENOTSUP);
  EXPECT_EQ(error_of(zmq_join(context(), "tv")), ENOTSOCK);
}

TEST_F(radio_dish_test, messages_have_one_frame) {
  void* const radio = socket(ZMQ_RADIO);
  void* const dish = socket(ZMQ_DISH);
  ASSERT_EQ(zmq_bind(radio, "inproc://here"), 0);
  ASSERT_EQ(zmq_join(dish, ""), 0);
  ASSERT_EQ(zmq_connect(dish, "inproc://here"), 0);
  await_joined(radio, dish, "");
  EXPECT_EQ(error_of(zmq_send(radio, "x", 1, ZMQ_SNDMORE)), EINVAL);
  EXPECT_EQ(send_to(radio, "tv", "x", ZMQ_SNDMORE), EINVAL);
  EXPECT_EQ(zmq_send(radio, "no group", 8, 0), 8);
  EXPECT_EQ(zmq_send_const(radio, "constant", 8, 0), 8);
  EXPECT_EQ(receive_next(dish), "|no group");
  EXPECT_EQ(receive_next(dish), "|constant");
  EXPECT_EQ(zmq_send(radio, "plain", 5, 0), 5);
  EXPECT_EQ(receive(dish), "plain");
  EXPECT_EQ(get(dish, ZMQ_RCVMORE), 0);
  EXPECT_EQ(error_of(zmq_send(dish, "x", 1, 0)), ENOTSUP);
  EXPECT_EQ(error_of(zmq_recv(radio, nullptr, 0, 0)), ENOTSUP);
}

TEST_F(radio_dish_test, a_message_that_could_not_be_sent_keeps_its_group) {
  void* const radio = socket(ZMQ_RADIO);
  void* const dish = socket(ZMQ_DISH);
  for (const int mark : {ZMQ_SNDHWM, ZMQ_RCVHWM}) set(mark == ZMQ_SNDHWM ? radio : dish, mark, 1);
  ASSERT_EQ(set(radio, ZMQ_XPUB_NODROP, 1), 0);
  ASSERT_EQ(zmq_bind(radio, "inproc://here"), 0);
  ASSERT_EQ(zmq_join(dish, "tv"), 0);
  ASSERT_EQ(zmq_connect(dish, "inproc://here"), 0);
  while (send_to(radio, "tv", "fill", ZMQ_DONTWAIT) == 0) {
  }
  zmq_msg_t msg;
  zmq_msg_init(&msg);
  zmq_msg_set_group(&msg, "tv");
  EXPECT_EQ(error_of(zmq_msg_send(&msg, radio, ZMQ_DONTWAIT)), EAGAIN);
  EXPECT_STREQ(zmq_msg_group(&msg), "tv");
  EXPECT_EQ(receive_of_group(dish), "tv|fill");
  EXPECT_EQ(receive_of_group(dish), "tv|fill");
  EXPECT_EQ(zmq_msg_send(&msg, radio, 0), 0);
  EXPECT_STREQ(zmq_msg_group(&msg), "");
  zmq_msg_close(&msg);
}

TEST_F(radio_dish_test, zmq_poll_tells_of_joined_groups) {
  void* const radio = socket(ZMQ_RADIO);
  void* const dish = socket(ZMQ_DISH);
  ASSERT_EQ(zmq_bind(radio, "inproc://here"), 0);
  ASSERT_EQ(zmq_join(dish, "movies"), 0);
  ASSERT_EQ(zmq_connect(dish, "inproc://here"), 0);
  zmq_pollitem_t items[] = {{radio, 0, ZMQ_POLLIN, 0}, {dish, 0, ZMQ_POLLIN, 0}};
  do {
    ASSERT_EQ(send_to(radio, "movies", "Godfather"), 0);
  } while (zmq_poll(items, 2, 5) == 0);
  EXPECT_EQ(items[0].revents, 0);
  EXPECT_EQ(items[1].revents, ZMQ_POLLIN);
  EXPECT_EQ(receive_of_group(dish), "movies|Godfather");
}

TEST_F(radio_dish_test, talk_over_udp) {
  void* const dish = socket(ZMQ_DISH);
  void* const radio = socket(ZMQ_RADIO);
  ASSERT_EQ(zmq_bind(dish, "udp://127.0.0.1:*"), 0);
  ASSERT_EQ(zmq_join(dish, "tv"), 0);
  const std::string bound = get_text(dish, ZMQ_LAST_ENDPOINT);
  ASSERT_EQ(zmq_connect(radio, bound.c_str()), 0);
  EXPECT_EQ(get_text(radio, ZMQ_LAST_ENDPOINT), bound);
  EXPECT_EQ(send_to(radio, "movies", "Godfather"), 0);
  EXPECT_EQ(send_to(radio, "tv", "Friends"), 0);
  EXPECT_EQ(receive_of_group(dish), "tv|Friends");
  EXPECT_EQ(zmq_disconnect(radio, bound.c_str()), 0);
  EXPECT_EQ(zmq_unbind(dish, bound.c_str()), 0);
  EXPECT_EQ(error_of(zmq_unbind(dish, bound.c_str())), ENOENT);
  EXPECT_EQ(zmq_bind(dish, bound.c_str()), 0) << "it is free at once";
}

TEST_F(radio_dish_test, udp_is_for_them_alone_and_one_way) {
  EXPECT_EQ(error_of(zmq_bind(socket(ZMQ_RADIO), "udp://*:5556")), ENOCOMPATPROTO);
  EXPECT_EQ(error_of(zmq_connect(socket(ZMQ_DISH), "udp://127.0.0.1:5556")), ENOCOMPATPROTO);
  EXPECT_EQ(error_of(zmq_connect(socket(ZMQ_DGRAM), "udp://127.0.0.1:5556")), ENOCOMPATPROTO);
  for (const int type : {ZMQ_PUB, ZMQ_SUB, ZMQ_PAIR, ZMQ_STREAM}) {
    EXPECT_EQ(error_of(zmq_bind(socket(type), "udp://127.0.0.1:*")), ENOCOMPATPROTO) << type;
    EXPECT_EQ(error_of(zmq_connect(socket(type), "udp://127.0.0.1:5556")), ENOCOMPATPROTO) << type;
  }
  void* const dish = socket(ZMQ_DISH);
  EXPECT_EQ(error_of(zmq_bind(dish, "udp://127.0.0.1")), EINVAL);
  EXPECT_EQ(error_of(zmq_bind(dish, "udp://lo;127.0.0.1:5556")), EINVAL);
  EXPECT_EQ(error_of(zmq_bind(dish, "udp://[::1]:*")), ENODEV) << "without ZMQ_IPV6";
}

TEST_F(radio_dish_test, dgram_goes_there_and_back) {
  void* const one = socket(ZMQ_DGRAM);
  void* const other = socket(ZMQ_DGRAM);
  ASSERT_EQ(zmq_bind(one, "udp://127.0.0.1:*"), 0);
  ASSERT_EQ(zmq_bind(other, "udp://127.0.0.1:*"), 0);
  const auto address_of = [](void* of) { return get_text(of, ZMQ_LAST_ENDPOINT).substr(6); };
  ASSERT_TRUE(send(one, {address_of(other), "Is someone there?"}));
  const frames question = receive_all(other);
  ASSERT_EQ(question.size(), 2U);
  EXPECT_EQ(question[0], address_of(one) + '\0') << "as libzmq has it";
  EXPECT_EQ(question[1], "Is someone there?");
  ASSERT_TRUE(send(other, {question[0], "Yes!"})) << "the same frame will do for the answer";
  EXPECT_EQ(receive_all(one).back(), "Yes!");
  EXPECT_EQ(error_of(zmq_send(one, "no address", 10, 0)), EINVAL);
}

TEST_F(radio_dish_test, options_of_multicast) {
  void* const radio = socket(ZMQ_RADIO);
  EXPECT_EQ(get(radio, ZMQ_MULTICAST_HOPS), 1);
  EXPECT_EQ(get(radio, ZMQ_MULTICAST_LOOP), 1);
  EXPECT_EQ(set(radio, ZMQ_MULTICAST_HOPS, 255), 0);
  EXPECT_EQ(set(radio, ZMQ_MULTICAST_LOOP, 0), 0);
  EXPECT_EQ(get(radio, ZMQ_MULTICAST_HOPS), 255);
  EXPECT_EQ(get(radio, ZMQ_MULTICAST_LOOP), 0);
  EXPECT_EQ(error_of(set(radio, ZMQ_MULTICAST_HOPS, 0)), EINVAL);
  EXPECT_EQ(zmq_connect(radio, "udp://lo;239.255.1.2:5557"), 0);
}

}  // namespace
}  // namespace monocoque::test
