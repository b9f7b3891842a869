#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cerrno>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

constexpr const char* place = "inproc://here";

class inproc_test : public zmq_test {
 protected:
  void* bound(int type) {
    void* const made = socket(type);
    bind_to(made, place);
    return made;
  }
  void* connected(int type) {
    void* const made = socket(type);
    EXPECT_EQ(error_of(zmq_connect(made, place)), 0);
    return made;
  }
  /// How many messages go out before one would block.
  static int fill(void* out) {
    int count = 0;
    while (send(out, "x", ZMQ_DONTWAIT)) ++count;
    EXPECT_EQ(zmq_errno(), EAGAIN);
    return count;
  }
};

/// The parameter: whether the name is bound first.
class inproc_order_test : public inproc_test, public testing::WithParamInterface<bool> {
 protected:
  std::array<void*, 2> pair(int binding, int connecting) {
    if (GetParam()) {
      void* const first = bound(binding);
      return {first, connected(connecting)};
    }
    void* const first = connected(connecting);
    return {bound(binding), first};
  }
};
INSTANTIATE_TEST_SUITE_P(all, inproc_order_test, testing::Bool(), [](const auto& parameter) {
  return parameter.param ? "bind_first" : "connect_first";
});

TEST_P(inproc_order_test, serves_pairs) {
  const auto [one, other] = pair(ZMQ_PAIR, ZMQ_PAIR);
  ASSERT_TRUE(send(one, frames{"a", "b"}));
  EXPECT_EQ(receive_all(other), (frames{"a", "b"}));
  ASSERT_TRUE(send(other, "c"));
  EXPECT_EQ(receive(one), "c");
}

TEST_P(inproc_order_test, serves_pipelines_either_way) {
  {
    const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
    ASSERT_TRUE(send(out, "x"));
    EXPECT_EQ(receive(in), "x");
    ASSERT_EQ(error_of(zmq_unbind(in, place)), 0);
  }
  const auto [out, in] = pair(ZMQ_PUSH, ZMQ_PULL);
  ASSERT_TRUE(send(out, "x"));
  EXPECT_EQ(receive(in), "x");
}

TEST_P(inproc_order_test, serves_questions) {
  for (const auto& [answering, asking] : {std::pair{ZMQ_REP, ZMQ_REQ}, std::pair{ZMQ_REP, ZMQ_DEALER}}) {
    const auto [service, client] = pair(answering, asking);
    const frames delimiter = asking == ZMQ_DEALER ? frames{""} : frames{};
    frames question = delimiter;
    question.push_back("how many?");
    ASSERT_TRUE(send(client, question));
    EXPECT_EQ(receive_all(service), frames{"how many?"});
    ASSERT_TRUE(send(service, "four"));
    frames answer = delimiter;
    answer.push_back("four");
    EXPECT_EQ(receive_all(client), answer);
    ASSERT_EQ(error_of(zmq_unbind(service, place)), 0);
  }
}

TEST_P(inproc_order_test, serves_subscribers) {
  const auto [feed, reader] = pair(ZMQ_XPUB, ZMQ_SUB);
  ASSERT_EQ(set(reader, ZMQ_SUBSCRIBE, std::string("a")), 0);
  EXPECT_EQ(receive(feed), "\001a");
  ASSERT_TRUE(send(feed, "b"));
  ASSERT_TRUE(send(feed, frames{"a", "content"}));
  EXPECT_EQ(receive_all(reader), (frames{"a", "content"}));
}

TEST_P(inproc_order_test, serves_subscribers_by_hand) {
  const auto [feed, reader] = pair(ZMQ_XPUB, ZMQ_XSUB);
  ASSERT_TRUE(send(reader, "\001a"));
  EXPECT_EQ(receive(feed), "\001a");
  ASSERT_TRUE(send(feed, "a"));
  EXPECT_EQ(receive(reader), "a");
}

TEST_P(inproc_order_test, tells_routers_who_it_is) {
  void* router = nullptr;
  void* const dealer = socket(ZMQ_DEALER);
  ASSERT_EQ(set(dealer, ZMQ_ROUTING_ID, std::string("the dealer")), 0);
  if (GetParam()) router = bound(ZMQ_ROUTER);
  ASSERT_EQ(error_of(zmq_connect(dealer, place)), 0);
  if (!GetParam()) router = bound(ZMQ_ROUTER);
  ASSERT_TRUE(send(dealer, "hello"));
  EXPECT_EQ(receive_all(router), (frames{"the dealer", "hello"}));
  ASSERT_TRUE(send(router, frames{"the dealer", "welcome"}));
  EXPECT_EQ(receive(dealer), "welcome");
}

TEST_P(inproc_order_test, adds_up_high_water_marks) {
  void* const out = socket(ZMQ_PUSH);
  void* const in = socket(ZMQ_PULL);
  ASSERT_EQ(set(out, ZMQ_SNDHWM, 3), 0);
  ASSERT_EQ(set(in, ZMQ_RCVHWM, 4), 0);
  if (GetParam()) bind_to(in, place);
  ASSERT_EQ(error_of(zmq_connect(out, place)), 0);
  if (!GetParam()) bind_to(in, place);
  EXPECT_EQ(fill(out), 7);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(receive(in), "x");
}

TEST_F(inproc_test, counts_what_was_taken_in_halves_of_the_mark) {
  void* const out = socket(ZMQ_PUSH);
  void* const in = socket(ZMQ_PULL);
  for (void* const each : {out, in}) {
    ASSERT_EQ(set(each, ZMQ_SNDHWM, 2), 0);
    ASSERT_EQ(set(each, ZMQ_RCVHWM, 2), 0);
  }
  bind_to(in, place);
  ASSERT_EQ(error_of(zmq_connect(out, place)), 0);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(out, "x", ZMQ_DONTWAIT));
  EXPECT_EQ(receive(in), "x");
  EXPECT_EQ(fill(out), 1);
  EXPECT_EQ(receive(in), "x");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(send(out, "x"));
  EXPECT_EQ(fill(out), 0);
}

TEST_F(inproc_test, waits_for_who_binds_within_the_senders_mark) {
  void* const out = socket(ZMQ_PUSH);
  ASSERT_EQ(set(out, ZMQ_SNDHWM, 3), 0);
  ASSERT_EQ(error_of(zmq_connect(out, place)), 0);
  EXPECT_EQ(fill(out), 3);
  void* const in = bound(ZMQ_PULL);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(receive(in), "x");
}

TEST_F(inproc_test, has_no_limit_if_either_side_has_none) {
  void* const out = socket(ZMQ_PUSH);
  void* const in = socket(ZMQ_PULL);
  ASSERT_EQ(set(out, ZMQ_SNDHWM, 1), 0);
  ASSERT_EQ(set(in, ZMQ_RCVHWM, 0), 0);
  bind_to(in, place);
  ASSERT_EQ(error_of(zmq_connect(out, place)), 0);
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(send(out, "x", ZMQ_DONTWAIT)) << i;
}

TEST_F(inproc_test, knows_names_of_its_context_only) {
  void* const other_context = zmq_ctx_new();
  void* const elsewhere = zmq_socket(other_context, ZMQ_PULL);
  ASSERT_EQ(error_of(zmq_bind(elsewhere, place)), 0);
  void* const out = connected(ZMQ_PUSH);
  ASSERT_TRUE(send(out, "x"));
  void* const in = bound(ZMQ_PULL);
  EXPECT_EQ(receive(in), "x");
  EXPECT_EQ(error_of(zmq_recv(elsewhere, nullptr, 0, ZMQ_DONTWAIT)), EAGAIN);
  EXPECT_EQ(error_of(zmq_close(elsewhere)), 0);
  EXPECT_EQ(error_of(zmq_ctx_term(other_context)), 0);
}

TEST_F(inproc_test, delivers_what_was_sent_before_the_sender_closed) {
  void* const in = bound(ZMQ_PULL);
  void* const out = zmq_socket(context(), ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(out, place)), 0);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(send(out, std::to_string(i)));
  EXPECT_EQ(error_of(zmq_close(out)), 0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(receive(in), std::to_string(i));
}

TEST_F(inproc_test, goes_on_after_a_disconnect) {
  void* const in = bound(ZMQ_PULL);
  void* const out = connected(ZMQ_PUSH);
  ASSERT_TRUE(send(out, "one"));
  EXPECT_EQ(receive(in), "one");
  ASSERT_EQ(error_of(zmq_disconnect(out, place)), 0);
  EXPECT_EQ(error_of(zmq_send(out, "x", 1, ZMQ_DONTWAIT)), EAGAIN);
  ASSERT_EQ(error_of(zmq_connect(out, place)), 0);
  ASSERT_TRUE(send(out, "two"));
  EXPECT_EQ(receive(in), "two");
}

TEST_F(inproc_test, tells_what_the_sender_is) {
  void* const in = bound(ZMQ_PULL);
  ASSERT_TRUE(send(connected(ZMQ_PUSH), "x"));
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  ASSERT_EQ(zmq_msg_recv(&frame, in, 0), 1);
  if (is_debians_libzmq()) {
    EXPECT_EQ(zmq_msg_gets(&frame, "Socket-Type"), nullptr);
  } else {
    EXPECT_STREQ(zmq_msg_gets(&frame, "Socket-Type"), "PUSH");
  }
  zmq_msg_close(&frame);
}

/// The parameter: the type of those who connect. Even one that no PULL gets messages from over a wire.
class inproc_threads_test : public inproc_test, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(all, inproc_threads_test, testing::Values(ZMQ_PUSH, ZMQ_PAIR),
                         [](const auto& parameter) { return parameter.param == ZMQ_PUSH ? "push" : "pair"; });

TEST_P(inproc_threads_test, connect_send_and_close_while_the_name_is_bound) {
  constexpr int threads = 30;
  for (int round = 0; round < 20; ++round) {
    const std::string where = "inproc://" + std::to_string(round);
    std::vector<std::thread> connecting;
    for (int i = 0; i < threads; ++i) {
      connecting.emplace_back([this, where] {
        void* const out = zmq_socket(context(), GetParam());
        EXPECT_EQ(error_of(zmq_connect(out, where.c_str())), 0);
        EXPECT_TRUE(send(out, "x"));
        EXPECT_EQ(error_of(zmq_close(out)), 0);
      });
    }
    void* const in = socket(ZMQ_PULL);
    bind_to(in, where);
    for (int i = 0; i < threads; ++i) EXPECT_EQ(receive(in), "x") << i;
    for (std::thread& each : connecting) each.join();
    close(in);
  }
}

TEST_F(inproc_test, connects_and_binds_many_names_at_once) {
  constexpr int pairs = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < pairs; ++i) {
    const std::string where = "inproc://" + std::to_string(i);
    threads.emplace_back([this, where] {
      void* const in = zmq_socket(context(), ZMQ_PAIR);
      set(in, ZMQ_RCVTIMEO, patience);
      EXPECT_EQ(error_of(zmq_connect(in, where.c_str())), 0);
      EXPECT_EQ(receive(in), "x");
      EXPECT_EQ(error_of(zmq_close(in)), 0);
    });
    threads.emplace_back([this, where] {
      void* const out = zmq_socket(context(), ZMQ_PAIR);
      EXPECT_EQ(error_of(zmq_bind(out, where.c_str())), 0);
      EXPECT_TRUE(send(out, "x"));
      EXPECT_EQ(error_of(zmq_close(out)), 0);
    });
  }
  for (std::thread& each : threads) each.join();
}

}  // namespace
}  // namespace monocoque::test
