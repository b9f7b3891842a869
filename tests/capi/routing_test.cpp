// Routing ids that two peers have.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <cerrno>

namespace monocoque::test {
namespace {

/// The parameter: an endpoint.
class routing_test : public zmq_test, public testing::WithParamInterface<const char*> {
 protected:
  void* named(const char* name) {
    void* const made = socket(ZMQ_DEALER);
    EXPECT_EQ(set(made, ZMQ_ROUTING_ID, name), 0);
    EXPECT_EQ(error_of(zmq_connect(made, where_.c_str())), 0);
    return made;
  }
  void* router_ = socket(ZMQ_ROUTER);
  const std::string where_ = bind_to(router_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(all, routing_test, testing::Values(any_port, "ipc://*", "inproc://router"),
                         [](const auto& parameter) { return std::string(parameter.param).substr(0, 3); });

TEST_P(routing_test, a_second_peer_with_a_name_that_is_taken_stays_and_is_not_heard) {
  void* const first = named("it");
  ASSERT_TRUE(send(first, "first"));
  EXPECT_EQ(receive_all(router_), (frames{"it", "first"}));
  void* const second = named("it");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(second, "second"));
  ASSERT_TRUE(send(named("other"), "other"));
  EXPECT_EQ(receive_all(router_), (frames{"other", "other"}));
  ASSERT_TRUE(send(first, "again"));
  EXPECT_EQ(receive_all(router_), (frames{"it", "again"}));
  ASSERT_TRUE(send(router_, frames{"it", "answer"}));
  EXPECT_EQ(receive(first), "answer");
  EXPECT_EQ(receive(second, ZMQ_DONTWAIT), "(Resource temporarily unavailable)");
  EXPECT_EQ(receive(router_, ZMQ_DONTWAIT), "(Resource temporarily unavailable)");
  close(second);
  ASSERT_TRUE(send(first, "still"));
  EXPECT_EQ(receive_all(router_), (frames{"it", "still"}));
}

}  // namespace
}  // namespace monocoque::test
