// The short cut for small messages of a socket with one peer (detail/lanes.hpp): whatever goes over a lane
// and whatever does not stays in order, and nothing is lost when the lane is shut in between.
#include "tests/socket/support.hpp"

#include <random>
#include <string>
#include <vector>

namespace monocoque::test {
namespace {

std::string numbered(int number, std::size_t size) {
  std::string text = std::to_string(number);
  if (text.size() < size) text.resize(size, static_cast<char>('a' + number % 26));
  return text;
}

/// Sizes around those where the way changes: in the message object, short header, gathered.
std::size_t some_size(std::minstd_rand& random) {
  constexpr std::size_t sizes[] = {0,  1,  7,  8,   15,  16,  17,  64,   70,
                                   71, 72, 73, 254, 255, 256, 257, 1000, 9000};
  return sizes[random() % std::size(sizes)];
}

/// Its number first, then frames of any size.
message in_frames(const std::string& text, std::minstd_rand& random) {
  message made(text);
  for (auto more = 1 + random() % (random() % 8 == 0 ? 12 : 3); more > 0; --more) {
    made.push_back(std::string(some_size(random), static_cast<char>('A' + more)));
  }
  return made;
}

template <class Socket>
void send_in_some_form(Socket& out, std::minstd_rand& random, int number) {
  const std::string text = numbered(number, some_size(random));
  switch (random() % 5) {
    case 0: out.send(text); break;
    case 1: out.send(message(text)); break;
    case 2: out.send(std::string(text)); break;
    case 3: out.send(in_frames(text, random)); break;
    default: {
      const message made = in_frames(text, random);
      out.send(std::vector<frame_view>(made.frames().begin(), made.frames().end()));
    }
  }
}

void expect_number(const message& got, int number) {
  const std::string start = std::to_string(number);
  ASSERT_EQ(got.view().substr(0, start.size()), start);
  if (got[0].size() > start.size()) {
    EXPECT_EQ(got.view().back(), static_cast<char>('a' + number % 26));
  }
  for (std::size_t i = 1; i < got.size(); ++i) {
    const std::string expected(got[i].size(), static_cast<char>('A' + got.size() - i));
    ASSERT_EQ(got[i], expected) << "message " << number << ", frame " << i;
  }
}

TEST(lanes, keep_the_order_of_messages_of_every_kind) {
  context ctx{inline_loop};
  pull in{ctx, {.receive_high_water_mark = 0}};
  in.bind("tcp://127.0.0.1:*");
  push out{ctx, {.send_high_water_mark = 0}};
  out.connect(in.last_endpoint());
  std::minstd_rand random(7);
  int sent = 0;
  int received = 0;
  while (sent < 20'000) {
    for (auto burst = random() % 300; burst > 0; --burst) send_in_some_form(out, random, sent++);
    for (auto burst = random() % 300; burst > 0 && received < sent; --burst) {
      if (random() % 50 == 0) (void)in.can_receive();  // shuts the lane
      expect_number(in.receive(), received++);
    }
  }
  while (received < sent) expect_number(in.receive(), received++);
  EXPECT_FALSE(in.try_receive());
}

TEST(lanes, name_a_routers_only_sender_in_every_message) {
  context ctx{inline_loop};
  router in{ctx, {.receive_high_water_mark = 0}};
  in.bind("tcp://127.0.0.1:*");
  dealer out{ctx, {.send_high_water_mark = 0, .routing_id = bytes::copy("me")}};
  out.connect(in.last_endpoint());
  std::minstd_rand random(8);
  for (int i = 0; i < 5000; ++i) send_in_some_form(out, random, i);
  dealer second{ctx, {.routing_id = bytes::copy("you")}};
  bool greeted = false;
  for (int next = 0; next < 5000 || !greeted;) {
    if (next == 2500 && second.last_endpoint().empty()) {
      second.connect(in.last_endpoint());
      second.send("hello");
      while (in.peer_count() < 2) ctx.poll();
    }
    message got = in.receive();
    ASSERT_NE(got.peer(), nullptr);
    const bytes sender = got.pop_front();
    if (sender == "you") {
      EXPECT_EQ(got, message("hello"));
      greeted = true;
    } else {
      ASSERT_EQ(sender, "me");
      expect_number(got, next++);
    }
  }
}

TEST(lanes, pass_received_messages_on_as_they_came) {
  context ctx{inline_loop};
  pull middle{ctx};
  middle.bind("tcp://127.0.0.1:*");
  push first{ctx};
  first.connect(middle.last_endpoint());
  pull last{ctx};
  last.bind("tcp://127.0.0.1:*");
  push onward{ctx};
  onward.connect(last.last_endpoint());
  std::minstd_rand random(9);
  for (int i = 0; i < 3000; ++i) {
    const message made = i % 5 == 0 ? in_frames(numbered(i, 3), random)
                                    : message::of({std::to_string(i), "", std::string(random() % 30, 'x')});
    first.send(message(made));
    message got = middle.receive();
    EXPECT_EQ(got, made);
    if (i % 3 == 0) {
      ASSERT_EQ(got.frames().size(), made.size());
    }
    onward.send(std::move(got));
    ASSERT_EQ(last.receive(), made) << "message " << i;
  }
}

TEST(lanes, take_exactly_as_many_messages_as_the_high_water_mark_says) {
  context ctx{inline_loop};
  push out{ctx, {.send_high_water_mark = 150, .linger = std::chrono::milliseconds(0)}};
  out.connect("tcp://127.0.0.1:9");  // nobody is there, and messages wait
  int sent = 0;
  while (sent < 1000 && out.try_send("small")) ++sent;
  EXPECT_EQ(sent, 150);
}

TEST(lanes, end_when_a_second_peer_comes) {
  context ctx{inline_loop};
  pull first{ctx};
  first.bind("tcp://127.0.0.1:*");
  pull second{ctx};
  second.bind("tcp://127.0.0.1:*");
  push out{ctx};
  out.connect(first.last_endpoint());
  for (int i = 0; i < 10; ++i) out.send("x");
  out.connect(second.last_endpoint());
  for (int i = 0; i < 20; ++i) out.send("y");
  int at_second = 0;
  while (second.receive_for(std::chrono::seconds(5))) {
    if (++at_second == 10) break;
  }
  EXPECT_EQ(at_second, 10);  // dealt out in turn
}

TEST(lanes, lose_nothing_when_the_socket_closes) {
  context ctx{inline_loop};
  pull in{ctx};
  in.bind("tcp://127.0.0.1:*");
  push out{ctx};
  out.connect(in.last_endpoint());
  for (int i = 0; i < 100; ++i) out.send(std::to_string(i));
  EXPECT_EQ(out.close(), 0U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(in.receive(), message(std::to_string(i)));
}

TEST(lanes, are_not_there_after_close) {
  context ctx{inline_loop};
  pull in{ctx};
  in.bind("tcp://127.0.0.1:*");
  push out{ctx};
  out.connect(in.last_endpoint());
  for (int i = 0; i < 10; ++i) out.send("x");
  (void)in.receive();
  (void)in.receive();
  out.close();
  EXPECT_THROW(out.send("late"), exception);
  in.close();
  EXPECT_THROW((void)in.receive(), exception);
}

TEST(lanes, count_a_receivers_room_exactly) {
  context ctx{inline_loop};
  pull in{ctx, {.receive_high_water_mark = 20}};
  in.bind("tcp://127.0.0.1:*");
  push out{ctx, {.send_high_water_mark = 0}};
  out.connect(in.last_endpoint());
  for (int i = 0; i < 5000; ++i) out.send(std::to_string(i));
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(in.receive(), message(std::to_string(i)));
  EXPECT_FALSE(in.try_receive());
}

/// Payloads that refer to receive memory, of messages that are kept, dropped out of order or never taken.
TEST(lanes, give_back_the_memory_that_messages_refer_to) {
  context ctx{inline_loop};
  pull in{ctx};
  in.bind("tcp://127.0.0.1:*");
  push out{ctx};
  out.connect(in.last_endpoint());
  std::minstd_rand random(13);
  std::vector<std::pair<message, std::string>> kept;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> sent;
    for (int i = 0; i < 60; ++i) {
      sent.push_back(numbered(round * 100 + i, some_size(random)));
      out.send(sent.back());
    }
    for (std::size_t i = 0; i < sent.size(); ++i) {
      message got = must_receive(in);
      ASSERT_EQ(got.view(), sent[i]);
      if (random() % 3 == 0) kept.emplace_back(std::move(got), sent[i]);
      if (kept.size() > 20) kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(random() % kept.size()));
    }
    for (const auto& [message, text] : kept) ASSERT_EQ(message.view(), text);
  }
  // A lane that is shut with messages left in it: under the address sanitizer nothing of them may remain.
  for (int i = 0; i < 30; ++i) out.send(numbered(i, 200));
  ASSERT_EQ(must_receive(in).view(), numbered(0, 200));
  ASSERT_EQ(must_receive(in).view(), numbered(1, 200));
  in.close();
  for (const auto& [message, text] : kept) EXPECT_EQ(message.view(), text);
}

TEST(lanes, know_who_sent_each_message) {
  context ctx{inline_loop};
  pull in{ctx};
  in.bind("tcp://127.0.0.1:*");
  push out{ctx};
  out.connect(in.last_endpoint());
  for (int i = 0; i < 50; ++i) out.send("x");
  for (int i = 0; i < 50; ++i) {
    const message got = in.receive();
    ASSERT_NE(got.peer(), nullptr);
    EXPECT_EQ(got.peer()->socket_type, "PUSH");
  }
}

}  // namespace
}  // namespace monocoque::test
