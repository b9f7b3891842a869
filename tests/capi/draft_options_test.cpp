// Options that are drafts of libzmq's.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

namespace monocoque::test {
namespace {

class draft_options_test : public zmq_test {
 protected:
  void SetUp() override {
    if (is_debians_libzmq()) GTEST_SKIP() << "built without drafts";
  }
  /// Two sockets, the first of which has bound.
  std::pair<void*, void*> connected(int first, int second, const char* where = any_port) {
    const std::pair made(socket(first), socket(second));
    EXPECT_EQ(error_of(zmq_connect(made.second, bind_to(made.first, where).c_str())), 0);
    return made;
  }
};

TEST_F(draft_options_test, that_are_numbers_have_defaults_and_ranges) {
  struct number {
    int option;
    int usual;
    std::vector<int> accepted;
    std::vector<int> refused;
  };
  const std::vector<number> numbers{
      {ZMQ_IN_BATCH_SIZE, 8192, {1, INT_MAX}, {0, -1}},
      {ZMQ_OUT_BATCH_SIZE, 8192, {1, INT_MAX}, {0, -1}},
      {ZMQ_PRIORITY, 0, {0, 1, 6}, {-1}},
      {ZMQ_BUSY_POLL, 0, {-1, 0, 1}, {}},
      {ZMQ_MULTICAST_LOOP, 1, {0, 1}, {}},
      {ZMQ_ROUTER_NOTIFY, 0, {1, 2, 3, 0}, {-1, 4}},
  };
  void* const made = socket(ZMQ_ROUTER);
  for (const number& each : numbers) {
    EXPECT_EQ(get(made, each.option), each.usual) << each.option;
    for (const int value : each.refused)
      EXPECT_EQ(error_of(set(made, each.option, value)), EINVAL) << each.option;
    EXPECT_EQ(get(made, each.option), each.usual) << each.option;
    for (const int value : each.accepted) {
      EXPECT_EQ(error_of(set(made, each.option, value)), 0) << each.option << ": " << value;
      EXPECT_EQ(get(made, each.option), value) << each.option;
    }
  }
  EXPECT_EQ(set(made, ZMQ_MULTICAST_LOOP, -7), 0);
  EXPECT_EQ(get(made, ZMQ_MULTICAST_LOOP), 1);
  EXPECT_EQ(error_of(set(socket(ZMQ_DEALER), ZMQ_ROUTER_NOTIFY, 1)), EINVAL) << "of a DEALER";
  EXPECT_EQ(get(socket(ZMQ_DEALER), ZMQ_ROUTER_NOTIFY), 0);
}

TEST_F(draft_options_test, of_the_system_reach_it) {
  void* const in = socket(ZMQ_PULL);
  void* const out = socket(ZMQ_PUSH);
  for (void* const each : {in, out}) ASSERT_EQ(set(each, ZMQ_PRIORITY, 3), 0);
  ASSERT_EQ(error_of(zmq_connect(out, bind_to(in, any_port).c_str())), 0);
  ASSERT_TRUE(send(out, "x"));
  EXPECT_EQ(receive(in), "x");
}

TEST_F(draft_options_test, notify_of_peers_that_come_and_go) {
  for (const int notify :
       {0, ZMQ_NOTIFY_CONNECT, ZMQ_NOTIFY_DISCONNECT, ZMQ_NOTIFY_CONNECT | ZMQ_NOTIFY_DISCONNECT}) {
    SCOPED_TRACE(notify);
    void* const router = socket(ZMQ_ROUTER);
    ASSERT_EQ(set(router, ZMQ_ROUTER_NOTIFY, notify), 0);
    const std::string where = bind_to(router, any_port);
    void* const dealer = socket(ZMQ_DEALER);
    set(dealer, ZMQ_ROUTING_ID, "it");
    ASSERT_EQ(error_of(zmq_connect(dealer, where.c_str())), 0);
    if ((notify & ZMQ_NOTIFY_CONNECT) != 0) {
      EXPECT_EQ(receive_all(router), (frames{"it", ""}));
    }
    ASSERT_TRUE(send(dealer, "x"));
    EXPECT_EQ(receive_all(router), (frames{"it", "x"}));
    close(dealer);
    if ((notify & ZMQ_NOTIFY_DISCONNECT) != 0) {
      EXPECT_EQ(receive_all(router), (frames{"it", ""}));
    }
    void* const last = socket(ZMQ_DEALER);
    set(last, ZMQ_ROUTING_ID, "last");
    ASSERT_EQ(error_of(zmq_connect(last, where.c_str())), 0);
    if ((notify & ZMQ_NOTIFY_CONNECT) != 0) {
      EXPECT_EQ(receive_all(router), (frames{"last", ""}));
    }
    ASSERT_TRUE(send(last, "y"));
    EXPECT_EQ(receive_all(router), (frames{"last", "y"})) << "and nothing that was not asked for";
  }
}

TEST_F(draft_options_test, count_topics) {
  const auto [feed, reader] = connected(ZMQ_XPUB, ZMQ_SUB);
  void* const other = socket(ZMQ_SUB);
  ASSERT_EQ(error_of(zmq_connect(other, get_text(feed, ZMQ_LAST_ENDPOINT).c_str())), 0);
  EXPECT_EQ(get(feed, ZMQ_TOPICS_COUNT), 0);
  for (const char* topic : {"a", "b", "a"}) ASSERT_EQ(set(reader, ZMQ_SUBSCRIBE, topic), 0);
  EXPECT_EQ(get(reader, ZMQ_TOPICS_COUNT), 2);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(receive(feed).substr(0, 1), "\1");
  EXPECT_EQ(get(feed, ZMQ_TOPICS_COUNT), 2);
  for (const char* topic : {"a", "c"}) ASSERT_EQ(set(other, ZMQ_SUBSCRIBE, topic), 0);
  EXPECT_EQ(receive(feed), "\1c");
  EXPECT_EQ(get(feed, ZMQ_TOPICS_COUNT), 3);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(set(reader, ZMQ_UNSUBSCRIBE, "a"), 0);
  ASSERT_EQ(set(reader, ZMQ_UNSUBSCRIBE, "b"), 0);
  EXPECT_EQ(get(reader, ZMQ_TOPICS_COUNT), 0);
  EXPECT_EQ(receive(feed), std::string("\0b", 2));
  EXPECT_EQ(get(feed, ZMQ_TOPICS_COUNT), 2);

  for (const int type : {ZMQ_PUB, ZMQ_XSUB}) EXPECT_EQ(get(socket(type), ZMQ_TOPICS_COUNT), 0) << type;
  int value = 0;
  std::size_t size = sizeof value;
  EXPECT_EQ(error_of(zmq_getsockopt(socket(ZMQ_PUSH), ZMQ_TOPICS_COUNT, &value, &size)), EINVAL);
  EXPECT_EQ(error_of(set(feed, ZMQ_TOPICS_COUNT, 1)), EINVAL);
}

TEST_F(draft_options_test, take_the_frames_behind_text_for_text) {
  for (const bool only_first : {false, true}) {
    void* const feed = socket(ZMQ_XPUB);
    ASSERT_EQ(error_of(set(feed, ZMQ_ONLY_FIRST_SUBSCRIBE, only_first ? 1 : 0)), 0);
    void* const upstream = socket(ZMQ_XSUB);
    ASSERT_EQ(error_of(set(upstream, ZMQ_ONLY_FIRST_SUBSCRIBE, only_first ? 1 : 0)), 0);
    ASSERT_EQ(error_of(zmq_connect(upstream, bind_to(feed, any_port).c_str())), 0);
    ASSERT_TRUE(send(upstream, "\1b"));
    EXPECT_EQ(receive(feed), "\1b");
    ASSERT_TRUE(send(upstream, frames{"text", "\1a"}));
    if (only_first) {
      EXPECT_EQ(receive_all(feed), (frames{"text", "\1a"}));
    } else {
      EXPECT_EQ(receive(feed), "\1a");
      EXPECT_EQ(receive(feed), "text");
    }
    EXPECT_EQ(get(feed, ZMQ_TOPICS_COUNT), only_first ? 1 : 2);
    EXPECT_EQ(get(upstream, ZMQ_TOPICS_COUNT), only_first ? 1 : 2);
  }
  EXPECT_EQ(error_of(set(socket(ZMQ_PUB), ZMQ_ONLY_FIRST_SUBSCRIBE, 1)), 0);
  EXPECT_EQ(error_of(set(socket(ZMQ_PUB), ZMQ_ONLY_FIRST_SUBSCRIBE, -1)), EINVAL);
  EXPECT_EQ(error_of(set(socket(ZMQ_SUB), ZMQ_ONLY_FIRST_SUBSCRIBE, 1)), EINVAL);
}

}  // namespace
}  // namespace monocoque::test
