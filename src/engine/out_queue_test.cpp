#include "engine/out_queue.hpp"

#include "base/wire.hpp"

#include <monocoque/message.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace monocoque::engine {
namespace {

std::shared_ptr<base::slab_pool> small_pool() { return base::slab_pool::make(16 * 1024); }

std::vector<bytes> frames_of(const message& what) {
  std::vector<bytes> frames;
  for (std::size_t i = 0; i < what.size(); ++i) frames.push_back(what[i]);
  return frames;
}

/// Takes at most `limit` bytes as a write of the kernel's would, a few parts at a time.
std::string take(out_queue& queue, std::size_t limit, std::size_t max_parts = 64) {
  std::vector<iovec> parts(max_parts);
  const std::size_t count = queue.gather(parts);
  std::string taken;
  for (std::size_t i = 0; i < count && taken.size() < limit; ++i) {
    const std::size_t size = std::min(parts[i].iov_len, limit - taken.size());
    taken.append(static_cast<const char*>(parts[i].iov_base), size);
  }
  queue.written(taken.size());
  return taken;
}

std::string encoded(const std::vector<message>& messages) {
  std::string wire;
  for (const message& what : messages) {
    for (std::size_t i = 0; i < what.size(); ++i) {
      std::array<std::byte, base::wire::max_header_size> header{};
      const std::uint8_t flags = i + 1 < what.size() ? base::wire::flag_more : 0;
      const std::size_t size = base::wire::put_header(header.data(), what[i].size(), flags);
      wire.append(reinterpret_cast<const char*>(header.data()), size).append(what[i].view());
    }
  }
  return wire;
}

std::vector<message> assorted() {
  return {message("a"),
          message(""),
          message::of({"one", "", "three"}),
          message(std::string(255, 'b')),
          message(std::string(256, 'c')),
          message(std::string(out_queue::gather_threshold - 1, 'd')),
          message(std::string(out_queue::gather_threshold, 'e')),
          message::of({std::string(20'000, 'f'), "tail", std::string(30'000, 'g')}),
          message(std::string(100'000, 'h')),
          message("z")};
}

TEST(out_queue, what_goes_in_comes_out_encoded_whatever_the_sizes_of_the_writes) {
  const std::vector<message> messages = assorted();
  const std::string expected = encoded(messages);
  for (const std::size_t step : {1UL, 2UL, 9UL, 257UL, 8192UL, 16'384UL, 1'000'000UL}) {
    for (const std::size_t parts : {1UL, 2UL, 64UL}) {
      out_queue queue(small_pool());
      for (const message& what : messages) queue.append({}, frames_of(what));
      EXPECT_EQ(queue.messages(), messages.size());
      std::string wire;
      while (!queue.empty()) wire += take(queue, step, parts);
      EXPECT_EQ(wire, expected) << "step " << step << ", parts " << parts;
      EXPECT_EQ(queue.messages(), 0U);
      EXPECT_TRUE(queue.at_boundary());
    }
  }
}

TEST(out_queue, counts_a_message_until_its_last_byte_is_written) {
  out_queue queue(small_pool());
  queue.append({}, frames_of(message("abc")));
  queue.append({}, frames_of(message("def")));
  take(queue, 4);
  EXPECT_EQ(queue.messages(), 2U);
  EXPECT_FALSE(queue.at_boundary());
  take(queue, 1);
  EXPECT_EQ(queue.messages(), 1U);
  EXPECT_TRUE(queue.at_boundary());
  take(queue, 5);
  EXPECT_EQ(queue.messages(), 0U);
  EXPECT_TRUE(queue.empty());
}

TEST(out_queue, rewind_sends_a_half_written_message_again_whole) {
  for (const std::size_t cut : {1UL, 3UL, 9UL, 5'000UL, 8'300UL, 20'000UL, 60'000UL}) {
    const std::vector<message> messages = assorted();
    const std::string expected = encoded(messages);
    out_queue queue(small_pool());
    for (const message& what : messages) queue.append({}, frames_of(what));
    const std::string before = take(queue, cut);
    queue.rewind();
    std::string after;
    while (!queue.empty()) after += take(queue, 10'000);
    // What comes after starts at the last message boundary before the cut.
    ASSERT_GE(before.size() + after.size(), expected.size());
    EXPECT_EQ(after, expected.substr(expected.size() - after.size()));
    std::vector<std::size_t> boundaries{0};
    for (std::size_t i = 1; i <= messages.size(); ++i) {
      boundaries.push_back(
          encoded({messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(i)}).size());
    }
    const auto last = std::ranges::upper_bound(boundaries, before.size()) - 1;
    EXPECT_EQ(expected.size() - after.size(), *last);
  }
}

TEST(out_queue, appending_while_a_write_is_under_way_leaves_its_memory_alone) {
  out_queue queue(small_pool());
  queue.append({}, frames_of(message("first")));
  std::array<iovec, 4> parts{};
  ASSERT_EQ(queue.gather(parts), 1U);
  const std::string before(static_cast<const char*>(parts[0].iov_base), parts[0].iov_len);
  for (int i = 0; i < 5000; ++i) queue.append({}, frames_of(message("more and more")));
  EXPECT_EQ(std::string(static_cast<const char*>(parts[0].iov_base), parts[0].iov_len), before);
  queue.written(before.size());
  EXPECT_EQ(queue.messages(), 5000U);
  EXPECT_TRUE(queue.at_boundary());
}

TEST(out_queue, prefix_frames_go_first) {
  const std::string envelope = encoded({message("id")}) + encoded({message("")});
  std::string prefix = envelope;
  prefix[0] = static_cast<char>(base::wire::flag_more);
  prefix[4] = static_cast<char>(base::wire::flag_more);
  out_queue queue(small_pool());
  queue.append(std::as_bytes(std::span(prefix)), frames_of(message("reply")));
  EXPECT_EQ(take(queue, 1000), encoded({message::of({"id", "", "reply"})}));
}

TEST(out_queue, drop_unsent_keeps_what_a_write_has_begun) {
  out_queue queue(small_pool());
  for (int i = 0; i < 4; ++i) queue.append({}, frames_of(message(std::string(100, 'a'))));
  take(queue, 50);
  EXPECT_EQ(queue.drop_unsent(false), 3U);  // the first one is half way out
  EXPECT_EQ(queue.messages(), 1U);
  EXPECT_EQ(take(queue, 1000).size(), 52U);

  queue.append({}, frames_of(message("in flight")));
  std::array<iovec, 4> parts{};
  ASSERT_EQ(queue.gather(parts), 1U);
  queue.append({}, frames_of(message("waiting")));
  EXPECT_EQ(queue.drop_unsent(true), 1U);
  queue.append({}, frames_of(message("newest")));
  queue.written(11);
  EXPECT_EQ(queue.messages(), 1U);
  EXPECT_EQ(take(queue, 1000), encoded({message("newest")}));
}

TEST(out_queue, drop_oldest_keeps_the_newest_and_what_a_write_has_begun) {
  out_queue queue(small_pool());
  for (int i = 0; i < 10; ++i) queue.append({}, frames_of(message(std::to_string(i))));
  out_queue::shortened done = queue.drop_oldest(false, 7, SIZE_MAX);
  EXPECT_EQ(done.dropped, 3U);
  EXPECT_EQ(done.droppable, 7U);
  EXPECT_EQ(take(queue, 4), encoded({message("3")}) + encoded({message("4")}).substr(0, 1));
  done = queue.drop_oldest(false, 2, SIZE_MAX);  // "4" is half way out
  EXPECT_EQ(done.dropped, 3U);
  EXPECT_EQ(queue.messages(), 3U);
  queue.append({}, frames_of(message("10")));
  EXPECT_EQ(take(queue, 1000),
            encoded({message("4")}).substr(1) + encoded({message("8"), message("9"), message("10")}));
  EXPECT_TRUE(queue.empty());
}

TEST(out_queue, drop_oldest_leaves_the_memory_of_a_write_alone) {
  out_queue queue(small_pool());
  const std::vector<message> begun{message("one"), message(std::string(20'000, 'f')), message("three")};
  for (const message& each : begun) queue.append({}, frames_of(each));
  std::array<iovec, 8> parts{};
  const std::size_t count = queue.gather(parts);
  for (int i = 0; i < 5; ++i)
    queue.append({}, frames_of(message(std::string(9000, static_cast<char>('a' + i)))));
  const out_queue::shortened done = queue.drop_oldest(true, 5, 20'000 + 20'000);
  EXPECT_EQ(done.dropped, 3U) << "by bytes";
  EXPECT_EQ(done.droppable, 2U);
  EXPECT_EQ(queue.messages(), 5U);
  std::string written;
  for (const iovec& part : std::span(parts).first(count))
    written.append(static_cast<const char*>(part.iov_base), part.iov_len);
  EXPECT_EQ(written, encoded(begun));
  queue.written(written.size());
  EXPECT_EQ(queue.messages(), 2U);
  EXPECT_EQ(take(queue, 100'000),
            encoded({message(std::string(9000, 'd')), message(std::string(9000, 'e'))}));
}

TEST(out_queue, drop_oldest_never_drops_the_last) {
  out_queue queue(small_pool());
  queue.append({}, frames_of(message(std::string(50'000, 'x'))));
  EXPECT_EQ(queue.drop_oldest(false, 0, 0).dropped, 0U);
  EXPECT_EQ(queue.messages(), 1U);
}

TEST(out_queue, holds_no_memory_once_it_is_empty) {
  const auto pool = small_pool();
  out_queue queue(pool);
  for (int i = 0; i < 100; ++i) queue.append({}, frames_of(message(std::string(1000, 'x'))));
  EXPECT_GT(pool->in_use(), 0U);
  while (!queue.empty()) take(queue, 7000);
  EXPECT_EQ(pool->in_use(), 0U);
}

TEST(out_queue, random_drops_of_the_oldest_lose_whole_messages_only) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto pool = small_pool();
  {
    out_queue queue(pool);
    std::string received;
    std::uint64_t sent = 0, dropped = 0;
    const std::array<std::size_t, 4> sizes{20, 300, 9000, 40'000};
    for (int step = 0; step < 5000; ++step) {
      if (random() % 4 != 0) {
        std::string text = std::to_string(sent++) + ' ';
        text.resize(sizes[random() % sizes.size()], 'x');
        queue.append({}, frames_of(random() % 2 == 0 ? message(text) : message::of({text, "tail"})));
      } else if (random() % 2 == 0) {
        received += take(queue, random() % 60'000, 1 + random() % 8);
      } else {
        // As with a write under way, of which the kernel takes a part after the drop.
        std::vector<iovec> parts(1 + random() % 8);
        const std::size_t count = queue.gather(parts);
        dropped += queue.drop_oldest(count > 0, random() % 10, 1 + random() % 100'000).dropped;
        std::string all;
        for (const iovec& part : std::span(parts).first(count))
          all.append(static_cast<const char*>(part.iov_base), part.iov_len);
        all.resize(all.empty() ? 0 : random() % all.size());
        queue.written(all.size());
        received += all;
      }
    }
    while (!queue.empty()) received += take(queue, 1'000'000);
    std::uint64_t next = 0, whole = 0;
    for (std::span<const std::byte> rest = std::as_bytes(std::span(received)); !rest.empty(); ++whole) {
      const base::wire::frame first = base::wire::next_frame(rest);
      const std::uint64_t number =
          std::stoull(std::string(reinterpret_cast<const char*>(first.payload.data()), 12));
      EXPECT_GE(number, next);
      next = number + 1;
      if (first.more) {
        EXPECT_EQ(base::wire::next_frame(rest).payload.size(), 4U);
      }
    }
    EXPECT_EQ(whole + dropped, sent);
  }
  EXPECT_EQ(pool->in_use(), 0U);
}

TEST(out_queue, random_traffic_with_rewinds_never_loses_or_splits_a_message) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  out_queue queue(small_pool());
  std::vector<message> sent;
  std::string received;  // of the current connection
  std::string whole;     // whole messages of the connections before
  const auto whole_prefix = [](const std::string& wire) {
    std::size_t end = 0;
    for (std::size_t at = 0; at + 2 <= wire.size();) {
      const auto flags = static_cast<std::uint8_t>(wire[at]);
      const bool is_long = (flags & base::wire::flag_long) != 0;
      if (is_long && at + 9 > wire.size()) break;
      const std::size_t header = is_long ? 9 : 2;
      const std::size_t size =
          is_long ? base::wire::load_u64(reinterpret_cast<const std::byte*>(wire.data()) + at + 1)
                  : static_cast<std::uint8_t>(wire[at + 1]);
      if (at + header + size > wire.size()) break;
      at += header + size;
      if ((flags & base::wire::flag_more) == 0) end = at;
    }
    return wire.substr(0, end);
  };
  for (int step = 0; step < 3000; ++step) {
    const auto what = random() % 10;
    if (what < 4) {
      const std::size_t size = random() % 5 == 0 ? random() % 40'000 : random() % 300;
      message made(std::string(size, static_cast<char>('a' + step % 26)));
      if (random() % 4 == 0) made.push_back(std::string(random() % 12'000, '.'));
      queue.append({}, frames_of(made));
      sent.push_back(made);
    } else if (what < 9) {
      received += take(queue, random() % 20'000, 1 + random() % 8);
    } else {
      whole += whole_prefix(received);
      received.clear();
      queue.rewind();
    }
  }
  while (!queue.empty()) received += take(queue, 50'000);
  EXPECT_EQ(whole + received, encoded(sent));
}

TEST(out_queue, shares_what_it_has_with_others) {
  const auto pool = small_pool();
  out_queue run(pool);
  std::vector<std::unique_ptr<out_queue>> others;
  for (int i = 0; i < 3; ++i) others.push_back(std::make_unique<out_queue>(pool));
  const std::vector<message> all = assorted();
  const std::string expected = encoded(all);
  std::vector<std::string> got(others.size());
  std::minstd_rand random(5);
  for (const message& what : all) {
    run.append({}, frames_of(what));
    if (random() % 3 == 0) continue;  // several at once
    for (const auto& each : others) EXPECT_TRUE(run.share_with(*each));
    run.start_anew();
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (random() % 2 == 0) got[i] += take(*others[i], random() % 5000);
    }
  }
  for (const auto& each : others) EXPECT_TRUE(run.share_with(*each));
  run.start_anew();
  for (std::size_t i = 0; i < others.size(); ++i) {
    while (!others[i]->empty()) got[i] += take(*others[i], 10'000);
    EXPECT_EQ(got[i], expected) << "queue " << i;
    EXPECT_EQ(others[i]->messages(), 0U);
  }
  run.release_unshared();
  EXPECT_EQ(pool->in_use(), 0U);
}

TEST(out_queue, refers_to_a_run_of_shared_messages_as_one_piece) {
  const auto pool = small_pool();
  out_queue run(pool);
  out_queue first(pool);
  out_queue second(pool);
  for (int i = 0; i < 50; ++i) {
    run.append({}, frames_of(message("message " + std::to_string(i))));
    EXPECT_TRUE(run.share_with(first));
    EXPECT_TRUE(run.share_with(second));
    run.start_anew();
  }
  EXPECT_EQ(first.messages(), 50U);
  std::array<iovec, 8> pieces{};
  EXPECT_EQ(first.gather(pieces), 1U);
  const void* const shared = pieces[0].iov_base;
  EXPECT_EQ(second.gather(pieces), 1U);
  EXPECT_EQ(pieces[0].iov_base, shared);
  EXPECT_EQ(pool->in_use(), 1U);
}

/// A slab that others fill is held by a little of it: a peer that does not read must not hold on to many.
TEST(out_queue, holds_on_to_few_slabs_of_which_it_has_little) {
  const auto pool = small_pool();
  out_queue run(pool);
  out_queue slow(pool);
  const message what(std::string(1500, 'x'));
  for (int i = 0; i < 1000; ++i) {
    run.append({}, frames_of(what));
    EXPECT_TRUE(run.share_with(slow));
    run.start_anew();
    for (int n = 0; n < 20; ++n) {  // for others
      run.append({}, frames_of(what));
      run.start_anew();
    }
  }
  EXPECT_EQ(slow.messages(), 1000U);
  const std::size_t bytes = slow.unwritten_bytes();
  EXPECT_LT(pool->in_use() * pool->slab_size(), 3 * bytes);
  std::string got;
  while (!slow.empty()) got += take(slow, 100'000);
  EXPECT_EQ(got, encoded(std::vector<message>(1000, what)));
}

}  // namespace
}  // namespace monocoque::engine
