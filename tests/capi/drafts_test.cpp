// The draft types whose messages have one frame, and routing ids. Debian's libzmq is built without drafts.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>

namespace monocoque::test {
namespace {

/// A zmq_msg_t.
class frame {
 public:
  explicit frame(const std::string& text = {}) {
    zmq_msg_init_size(&msg_, text.size());
    std::memcpy(zmq_msg_data(&msg_), text.data(), text.size());
  }
  ~frame() { zmq_msg_close(&msg_); }
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  zmq_msg_t* operator&() { return &msg_; }  // NOLINT
  [[nodiscard]] std::string text() {
    return {static_cast<const char*>(zmq_msg_data(&msg_)), zmq_msg_size(&msg_)};
  }

 private:
  zmq_msg_t msg_;
};

class drafts : public zmq_test {
 protected:
  drafts() {
    if (is_debians_libzmq()) return;
    server_ = socket(ZMQ_SERVER);
    client_ = socket(ZMQ_CLIENT);
  }
  void SetUp() override {
    if (is_debians_libzmq()) GTEST_SKIP() << "built without drafts";
  }
  void join(void* binding, void* connecting, const char* where = any_port) {
    EXPECT_EQ(error_of(zmq_connect(connecting, bind_to(binding, where).c_str())), 0);
  }
  static int send_to(void* from, std::uint32_t routing_id, const std::string& text, int flags = 0) {
    frame what(text);
    EXPECT_EQ(error_of(zmq_msg_set_routing_id(&what, routing_id)), 0);
    const int answer = zmq_msg_send(&what, from, flags);
    if (answer >= 0) {
      EXPECT_EQ(answer, static_cast<int>(text.size()));
      EXPECT_EQ(zmq_msg_routing_id(&what), 0U);
      return 0;
    }
    const int error = zmq_errno();
    EXPECT_EQ(what.text(), text);
    EXPECT_EQ(zmq_msg_routing_id(&what), routing_id);
    return error;
  }
  /// Who sent the next message, which must be this one.
  static std::uint32_t sender_of(void* to, const std::string& text) {
    frame received;
    EXPECT_EQ(zmq_msg_recv(&received, to, 0), static_cast<int>(text.size()));
    EXPECT_EQ(received.text(), text);
    EXPECT_EQ(zmq_msg_more(&received), 0);
    EXPECT_EQ(get(to, ZMQ_RCVMORE), 0);
    return zmq_msg_routing_id(&received);
  }

  void* server_ = nullptr;
  void* client_ = nullptr;
};

constexpr std::array single_frame_types{ZMQ_SERVER,  ZMQ_CLIENT, ZMQ_GATHER,
                                        ZMQ_SCATTER, ZMQ_PEER,   ZMQ_CHANNEL};

TEST_F(drafts, are_types_that_are_thread_safe_and_have_no_descriptor) {
  for (const int type : single_frame_types) {
    void* const made = socket(type);
    EXPECT_EQ(get(made, ZMQ_TYPE), type);
    EXPECT_EQ(get(made, ZMQ_THREAD_SAFE), 1) << type;
    int fd = -1;
    std::size_t size = sizeof fd;
    EXPECT_EQ(error_of(zmq_getsockopt(made, ZMQ_FD, &fd, &size)), EINVAL) << type;
  }
}

TEST_F(drafts, know_when_they_are_ready) {
  join(server_, client_);
  EXPECT_EQ(get(server_, ZMQ_EVENTS), ZMQ_POLLOUT) << "who knows for whom it will be";
  EXPECT_EQ(get(client_, ZMQ_EVENTS), ZMQ_POLLOUT);
  EXPECT_TRUE(send(client_, "x"));
  zmq_pollitem_t item{server_, -1, ZMQ_POLLIN, 0};
  EXPECT_EQ(zmq_poll(&item, 1, patience), 1);
  EXPECT_EQ(get(server_, ZMQ_EVENTS), ZMQ_POLLIN | ZMQ_POLLOUT);
  EXPECT_EQ(get(socket(ZMQ_GATHER), ZMQ_EVENTS), 0);
  EXPECT_EQ(get(socket(ZMQ_SCATTER), ZMQ_EVENTS), 0);
}

TEST_F(drafts, send_no_message_of_several_frames) {
  for (const int type : {ZMQ_CLIENT, ZMQ_SCATTER, ZMQ_CHANNEL, ZMQ_SERVER, ZMQ_PEER}) {
    void* const made = socket(type);
    frame first("first");
    zmq_msg_set_routing_id(&first, 1);
    EXPECT_EQ(error_of(zmq_msg_send(&first, made, ZMQ_SNDMORE)), EINVAL) << type;
    EXPECT_EQ(first.text(), "first");
    EXPECT_EQ(error_of(zmq_send(made, "x", 1, ZMQ_SNDMORE)), EINVAL) << type;
    EXPECT_EQ(error_of(zmq_send(made, "x", 1, ZMQ_SNDMORE | ZMQ_DONTWAIT)), EINVAL) << type;
  }
  join(server_, client_);
  EXPECT_EQ(error_of(zmq_send(client_, "x", 1, ZMQ_SNDMORE)), EINVAL);
  EXPECT_TRUE(send(client_, "y"));
  EXPECT_NE(sender_of(server_, "y"), 0U);
}

TEST_F(drafts, carry_the_routing_id_with_the_message) {
  for (const char* const where : {any_port, "ipc://*", "inproc://here"}) {
    SCOPED_TRACE(where);
    void* const server = socket(ZMQ_SERVER);
    void* const client = socket(ZMQ_CLIENT);
    join(server, client, where);
    EXPECT_TRUE(send(client, "question"));
    const std::uint32_t id = sender_of(server, "question");
    EXPECT_NE(id, 0U);
    EXPECT_EQ(send_to(server, id, "answer"), 0);
    EXPECT_EQ(send_to(server, id, std::string(100'000, 'x')), 0);
    EXPECT_EQ(sender_of(client, "answer"), 0U) << "of others it has none";
    EXPECT_EQ(sender_of(client, std::string(100'000, 'x')), 0U);
    EXPECT_TRUE(send(client, std::string(100'000, 'y')));
    EXPECT_EQ(sender_of(server, std::string(100'000, 'y')), id);
    EXPECT_TRUE(send(client, "z"));
    EXPECT_EQ(receive(server), "z") << "zmq_recv leaves it out";
    EXPECT_EQ(get(server, ZMQ_RCVMORE), 0);
  }
}

TEST_F(drafts, tell_of_the_sender_as_others_do) {
  join(server_, client_);
  EXPECT_TRUE(send(client_, "x"));
  frame received;
  EXPECT_EQ(zmq_msg_recv(&received, server_, 0), 1);
  EXPECT_STREQ(zmq_msg_gets(&received, "Socket-Type"), "CLIENT");
  EXPECT_STREQ(zmq_msg_gets(&received, "Peer-Address"), "127.0.0.1");
}

TEST_F(drafts, cannot_reach_who_is_not_there) {
  EXPECT_EQ(send_to(server_, 7, "x"), EHOSTUNREACH);
  EXPECT_EQ(error_of(zmq_send(server_, "x", 1, 0)), EHOSTUNREACH) << "to nobody";
  EXPECT_EQ(error_of(zmq_send(client_, "x", 1, ZMQ_DONTWAIT)), EAGAIN);
  EXPECT_EQ(error_of(zmq_recv(server_, nullptr, 0, ZMQ_DONTWAIT)), EAGAIN);
  EXPECT_EQ(error_of(zmq_recv(socket(ZMQ_SCATTER), nullptr, 0, ZMQ_DONTWAIT)), ENOTSUP);
  EXPECT_EQ(error_of(zmq_send(socket(ZMQ_GATHER), "x", 1, ZMQ_DONTWAIT)), ENOTSUP);
}

TEST_F(drafts, have_routing_ids_on_any_message) {
  frame one("x"), copy, moved;
  EXPECT_EQ(zmq_msg_routing_id(&one), 0U);
  EXPECT_EQ(error_of(zmq_msg_set_routing_id(&one, 0)), EINVAL);
  EXPECT_EQ(error_of(zmq_msg_set_routing_id(&one, 0xfedcba98)), 0);
  EXPECT_EQ(zmq_msg_routing_id(&one), 0xfedcba98U);
  zmq_msg_copy(&copy, &one);
  EXPECT_EQ(zmq_msg_routing_id(&copy), 0xfedcba98U);
  zmq_msg_move(&moved, &one);
  EXPECT_EQ(zmq_msg_routing_id(&moved), 0xfedcba98U);
  EXPECT_EQ(zmq_msg_routing_id(&one), 0U);
  zmq_msg_close(&one);
  EXPECT_EQ(zmq_msg_routing_id(&one), 0U);
  zmq_msg_init(&one);
}

TEST_F(drafts, connect_a_peer_and_part_from_it) {
  void* const bound = socket(ZMQ_PEER);
  void* const connected = socket(ZMQ_PEER);
  const std::uint32_t id = zmq_connect_peer(connected, bind_to(bound, any_port).c_str());
  ASSERT_NE(id, 0U);
  EXPECT_EQ(send_to(connected, id, "first"), 0);
  const std::uint32_t caller = sender_of(bound, "first");
  EXPECT_EQ(send_to(bound, caller, "second"), 0);
  EXPECT_EQ(sender_of(connected, "second"), id);
  EXPECT_EQ(error_of(zmq_disconnect_peer(bound, caller)), 0);
  EXPECT_EQ(send_to(bound, caller, "x"), EHOSTUNREACH);
  EXPECT_EQ(error_of(zmq_disconnect_peer(bound, caller)), EHOSTUNREACH);
}

TEST_F(drafts, say_why_a_peer_is_not_connected) {
  const auto why_not = [](void* by, const char* where) {
    errno = 0;
    return zmq_connect_peer(by, where) == 0 ? zmq_errno() : 0;
  };
  void* const peer = socket(ZMQ_PEER);
  EXPECT_EQ(why_not(nullptr, any_port), ENOTSOCK);
  EXPECT_EQ(why_not(server_, "tcp://127.0.0.1:1"), ENOTSUP);
  EXPECT_EQ(why_not(peer, "nowhere"), EINVAL);
  EXPECT_EQ(why_not(peer, "what://ever"), EPROTONOSUPPORT);
  EXPECT_EQ(set(peer, ZMQ_IMMEDIATE, 1), 0);
  EXPECT_EQ(why_not(peer, "tcp://127.0.0.1:1"), EFAULT);
  EXPECT_EQ(error_of(zmq_disconnect_peer(nullptr, 1)), ENOTSOCK);
  EXPECT_EQ(error_of(zmq_disconnect_peer(client_, 1)), ENOTSUP);
  EXPECT_EQ(error_of(zmq_disconnect_peer(server_, 1)), EHOSTUNREACH);
}

class proxied_drafts : public drafts {
 protected:
  /// What comes out of the one behind a proxy when this goes into the one before it.
  void expect_handed_on(int type_in, int front_type, int back_type, int type_out) {
    void* const front = socket(front_type);
    void* const back = socket(back_type);
    void* const in = socket(type_in);
    void* const out = socket(type_out);
    void* const control = socket(ZMQ_PAIR);
    void* const steering = socket(ZMQ_PAIR);
    join(front, in);
    join(back, out);
    join(control, steering, "inproc://control");
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(send(in, std::to_string(i)));
    std::thread proxy([&] { zmq_proxy_steerable(front, back, nullptr, control); });
    for (int i = 0; i < 10; ++i) EXPECT_EQ(receive_all(out), frames{std::to_string(i)});
    EXPECT_TRUE(send(steering, "TERMINATE"));
    proxy.join();
  }
};

TEST_F(proxied_drafts, are_handed_on) { expect_handed_on(ZMQ_SCATTER, ZMQ_GATHER, ZMQ_SCATTER, ZMQ_GATHER); }

TEST_F(proxied_drafts, are_handed_on_without_the_number_of_who_sent_them) {
  expect_handed_on(ZMQ_CLIENT, ZMQ_SERVER, ZMQ_PUSH, ZMQ_PULL);
}

}  // namespace
}  // namespace monocoque::test
