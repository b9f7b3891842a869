// Payloads that are written where they go out from.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace monocoque::test {
namespace {

constexpr std::array<std::size_t, 14> sizes{0,    1,      71,     72,     255,    256,    4096,
                                            8192, 20'000, 65'526, 65'527, 65'536, 65'537, 300'000};

std::byte content(int number) { return static_cast<std::byte>(number); }

auto writer_of(int number) {
  return [number](std::span<std::byte> into) { std::ranges::fill(into, content(number)); };
}

void expect_message(const message& got, std::size_t size, int number) {
  ASSERT_EQ(got.size(), 1U);
  ASSERT_EQ(got.byte_count(), size);
  EXPECT_TRUE(std::ranges::all_of(got.front(), [&](std::byte each) { return each == content(number); }));
}

// Messages of several frames: none, short, long, mixed, too much for a segment, and more than a lane has room
// for.
const std::vector<std::vector<std::size_t>> shapes{{},
                                                   {5},
                                                   {0, 0},
                                                   {21, 21, 22},
                                                   {255, 256},
                                                   {72, 0, 71},
                                                   {1, 2, 3, 4},
                                                   {4096, 8192},
                                                   {8192, 1, 300},
                                                   {65'526, 10},
                                                   {1, 65'537, 1},
                                                   {300'000, 300'000},
                                                   {30'000, 30'000, 30'000},
                                                   std::vector<std::size_t>(50, 7),
                                                   std::vector<std::size_t>(2000, 40)};

auto frame_writer_of(int number) {
  return [number](std::size_t index, std::span<std::byte> into) {
    std::ranges::fill(into, content(number + static_cast<int>(index)));
  };
}

void expect_frames(const message& got, const std::vector<std::size_t>& shape, int number) {
  ASSERT_EQ(got.size(), std::max<std::size_t>(shape.size(), 1));
  ASSERT_EQ(got.byte_count(), std::accumulate(shape.begin(), shape.end(), std::size_t{0}));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    ASSERT_EQ(got.span(i).size(), shape[i]) << "frame " << i;
    EXPECT_TRUE(std::ranges::all_of(
        got.span(i), [&](std::byte each) { return each == content(number + static_cast<int>(i)); }));
  }
}

// What writes a message of that kind, and what checks it.
auto writer_for(std::size_t /*size*/, int number) { return writer_of(number); }
auto writer_for(const std::vector<std::size_t>& /*shape*/, int number) { return frame_writer_of(number); }
void expect_kind(const message& got, std::size_t size, int number) { expect_message(got, size, number); }
void expect_kind(const message& got, const std::vector<std::size_t>& shape, int number) {
  expect_frames(got, shape, number);
}

class in_place : public testing::TestWithParam<const char*> {
 protected:
  /// Of every kind, among messages that are sent otherwise.
  template <class Kinds>
  void goes_among_others(context& ctx, const Kinds& kinds) {
    pull in{ctx, {.receive_high_water_mark = 0}};
    in.bind(GetParam());
    push out{ctx, {.send_high_water_mark = 0}};
    out.connect(in.last_endpoint());
    constexpr int rounds = 20;
    int number = 0;
    for (int round = 0; round < rounds; ++round) {
      for (const auto& kind : kinds) {
        out.send_in_place(kind, writer_for(kind, number++));
        out.send("between");
      }
    }
    number = 0;
    for (int round = 0; round < rounds; ++round) {
      for (const auto& kind : kinds) {
        expect_kind(must_receive(in), kind, number++);
        EXPECT_EQ(must_receive(in).view(), "between");
      }
    }
  }

  template <class Kinds>
  static task<> send_all(push& out, const Kinds& kinds, int rounds) {
    int number = 0;
    for (int round = 0; round < rounds; ++round) {
      for (const auto& kind : kinds) {
        const auto write = writer_for(kind, number++);
        co_await out.async_send_in_place(kind, write);
      }
    }
  }
  /// The receiver is slower than the sender, whose queue is full again and again.
  template <class Kinds>
  void keeps_the_order(const Kinds& kinds) {
    context ctx{inline_loop};
    pull in{ctx, {.receive_high_water_mark = 10}};
    in.bind(GetParam());
    push out{ctx, {.send_high_water_mark = 10}};
    out.connect(in.last_endpoint());
    constexpr int rounds = 30;
    const join_handle<> sender = ctx.spawn(send_all(out, kinds, rounds));
    int number = 0;
    for (int round = 0; round < rounds; ++round) {
      for (const auto& kind : kinds) expect_kind(must_receive(in), kind, number++);
    }
  }
};

TEST_P(in_place, takes_every_size_on_an_inline_context) {
  context ctx{inline_loop};
  goes_among_others(ctx, sizes);
}

TEST_P(in_place, takes_every_size_on_a_threaded_context) {
  context ctx;
  goes_among_others(ctx, sizes);
}

TEST_P(in_place, takes_several_frames_on_an_inline_context) {
  context ctx{inline_loop};
  goes_among_others(ctx, shapes);
}

TEST_P(in_place, takes_several_frames_on_a_threaded_context) {
  context ctx;
  goes_among_others(ctx, shapes);
}

TEST_P(in_place, sends_nothing_if_the_writer_of_a_frame_throws) {
  context ctx{inline_loop};
  pull in{ctx};
  in.bind(GetParam());
  push out{ctx};
  out.connect(in.last_endpoint());
  const auto fails = [](std::size_t index, std::span<std::byte> /*into*/) {
    if (index == 1) throw std::runtime_error("no payload");
  };
  for (int i = 0; i < 10; ++i) {  // without a lane, and with one
    EXPECT_THROW(out.send_in_place({3, 4, 5}, fails), std::runtime_error);
    out.send_in_place({3, 4, 5}, frame_writer_of(i));
  }
  for (int i = 0; i < 10; ++i) expect_frames(must_receive(in), {3, 4, 5}, i);
  EXPECT_FALSE(in.try_receive());
}

TEST_P(in_place, sends_nothing_if_the_writer_throws) {
  context ctx{inline_loop};
  pull in{ctx};
  in.bind(GetParam());
  push out{ctx};
  out.connect(in.last_endpoint());
  const auto fails = [](std::span<std::byte>) { throw std::runtime_error("no payload"); };
  for (const std::size_t size : sizes) {
    EXPECT_THROW(out.send_in_place(size, fails), std::runtime_error);  // first without anything queued
    out.send_in_place(1, writer_of(1));
    EXPECT_THROW(out.send_in_place(size, fails), std::runtime_error);  // and then with a lane open
    out.send_in_place(size, writer_of(2));
  }
  for (const std::size_t size : sizes) {
    expect_message(must_receive(in), 1, 1);
    expect_message(must_receive(in), size, 2);
  }
  EXPECT_FALSE(in.try_receive());
}

TEST_P(in_place, keeps_the_order_when_coroutines_must_wait) { keeps_the_order(sizes); }
TEST_P(in_place, keeps_the_order_of_several_frames_when_coroutines_must_wait) { keeps_the_order(shapes); }

TEST_P(in_place, goes_to_several_peers_in_turn) {
  context ctx{inline_loop};
  push out{ctx};
  out.bind(GetParam());
  pull one{ctx};
  pull two{ctx};
  one.connect(out.last_endpoint());
  two.connect(out.last_endpoint());
  while (out.peer_count() < 2) ctx.poll();
  for (int i = 0; i < 20; ++i) out.send_in_place(400, writer_of(7));
  for (int i = 0; i < 10; ++i) {
    expect_message(must_receive(one), 400, 7);
    expect_message(must_receive(two), 400, 7);
  }
}

// The kernel takes some of them, and the rest waits: as many as the high-water mark says, however large.
TEST_P(in_place, fills_up_to_the_high_water_mark_while_nobody_reads) {
  constexpr int mark = 40;
  context ctx{inline_loop};
  pull in{ctx, {.receive_high_water_mark = 1}};
  in.bind(GetParam());
  push out{ctx, {.send_high_water_mark = mark, .send_timeout = std::chrono::milliseconds(30)}};
  out.connect(in.last_endpoint());
  while (out.peer_count() < 1) ctx.poll();
  int sent = 0;
  const auto flood = [&]() -> task<> {
    for (;;) {
      const auto write = writer_of(sent);
      co_await out.async_send_in_place(1'000'000, write);
      ++sent;
    }
  };
  EXPECT_EQ(code_thrown_by([&] { ctx.run(flood()); }), make_error_code(errc::timed_out));
  EXPECT_GE(sent, mark);
  for (int i = 0; i < sent; ++i) expect_message(must_receive(in), 1'000'000, i);
  EXPECT_FALSE(in.receive_for(brief));
}

INSTANTIATE_TEST_SUITE_P(
    over, in_place, testing::Values("tcp://127.0.0.1:0", "inproc://in-place"), [](const auto& parameter) {
      return std::string(parameter.param).substr(0, std::string(parameter.param).find(':'));
    });

}  // namespace
}  // namespace monocoque::test
