#include <monocoque/bytes.hpp>

#include "base/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace monocoque {
namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + size);
  return text;
}

/// Memory of the caller's that counts how often it is given back.
struct lender {
  std::vector<std::byte> memory;
  std::atomic<int> given_back = 0;

  explicit lender(std::size_t size) : memory(size, std::byte{0x5a}) {}
  bytes lend() { return bytes::adopt(std::span<const std::byte>(memory), &lender::give_back, this); }
  static void give_back(void* data, void* hint) {
    auto* self = static_cast<lender*>(hint);
    EXPECT_EQ(data, self->memory.data());
    ++self->given_back;
  }
};

TEST(bytes, are_empty_by_default) {
  const bytes none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.size(), 0U);
  EXPECT_TRUE(none.is_inline());
  EXPECT_EQ(none.view(), "");
  EXPECT_EQ(none.owner(), nullptr);
  EXPECT_EQ(none.begin(), none.end());
}

TEST(bytes, of_every_size_around_the_inline_limit_keep_their_content) {
  for (const std::size_t size : {0U, 1U, 2U, 70U, 71U, 72U, 73U, 254U, 255U, 256U, 65536U}) {
    const std::string text = pattern(size);
    const bytes copied = bytes::copy(text);
    EXPECT_EQ(copied.is_inline(), size <= bytes::inline_capacity) << size;
    EXPECT_EQ(copied.owner() == nullptr, size <= bytes::inline_capacity) << size;
    EXPECT_EQ(copied, text);
    EXPECT_EQ(copied.str(), text);
    EXPECT_EQ(bytes::copy(copied.span()), copied);
    EXPECT_EQ(bytes::adopt(std::string(text)), text);
    EXPECT_EQ(copied.end() - copied.begin(), static_cast<std::ptrdiff_t>(size));
    EXPECT_TRUE(size == 0 || copied[size - 1] == static_cast<std::byte>(text.back()));
  }
}

TEST(bytes, copies_of_long_payloads_share_memory) {
  const bytes one = bytes::copy(pattern(72));
  const bytes two = one;
  EXPECT_EQ(one.data(), two.data());
  bytes three;
  three = two;
  EXPECT_EQ(three.data(), one.data());
}

TEST(bytes, copies_of_short_payloads_are_their_own) {
  const bytes one = bytes::copy(pattern(71));
  const bytes two = one;
  EXPECT_NE(one.data(), two.data());
  EXPECT_EQ(one, two);
}

TEST(bytes, moving_leaves_the_source_empty) {
  for (const std::size_t size : {5U, 71U, 72U, 1000U}) {
    bytes source = bytes::copy(pattern(size));
    const bytes target = std::move(source);
    EXPECT_EQ(target, pattern(size));
    EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    source = target;
    EXPECT_EQ(source, target);
  }
}

TEST(bytes, may_be_assigned_to_themselves) {
  for (const std::size_t size : {3U, 300U}) {
    bytes value = bytes::copy(pattern(size));
    bytes& alias = value;
    value = alias;
    EXPECT_EQ(value, pattern(size));
    value = std::move(alias);
    EXPECT_EQ(value, pattern(size));
  }
}

TEST(bytes, adopting_a_long_string_does_not_copy_it) {
  std::string text = pattern(1000);
  const void* before = text.data();
  const bytes adopted = bytes::adopt(std::move(text));
  EXPECT_EQ(static_cast<const void*>(adopted.data()), before);
}

TEST(bytes, slices_are_clamped_to_what_there_is) {
  for (const std::size_t size : {10U, 500U}) {
    const std::string text = pattern(size);
    const bytes all = bytes::copy(text);
    EXPECT_EQ(all.slice(0), text);
    EXPECT_EQ(all.slice(3), text.substr(3));
    EXPECT_EQ(all.slice(3, 4), text.substr(3, 4));
    EXPECT_EQ(all.slice(size), "");
    EXPECT_EQ(all.slice(size + 1, 5), "");
    EXPECT_EQ(all.slice(SIZE_MAX, SIZE_MAX), "");
    EXPECT_EQ(all.slice(size - 1, SIZE_MAX), text.substr(size - 1));
  }
}

TEST(bytes, long_slices_share_and_short_ones_are_copied_out) {
  bytes all = bytes::copy(pattern(400));
  const bytes long_slice = all.slice(100, 72);
  const bytes short_slice = all.slice(100, 71);
  EXPECT_EQ(long_slice.data(), all.data() + 100);
  EXPECT_EQ(long_slice.owner(), all.owner());
  EXPECT_TRUE(short_slice.is_inline());
  all = bytes();
  EXPECT_EQ(long_slice, pattern(400).substr(100, 72));
  EXPECT_EQ(short_slice, pattern(400).substr(100, 71));
}

TEST(bytes, a_slice_of_a_slice_holds_the_same_block) {
  const bytes nested = bytes::copy(pattern(1000)).slice(10, 800).slice(20, 300);
  EXPECT_EQ(nested, pattern(1000).substr(30, 300));
}

TEST(bytes, give_foreign_memory_back_once_with_the_last_slice) {
  lender memory(500);
  {
    bytes whole = memory.lend();
    EXPECT_EQ(whole.data(), memory.memory.data());
    const bytes part = whole.slice(0, 100);
    whole = bytes();
    EXPECT_EQ(memory.given_back, 0);
    const bytes copied_out = part.slice(0, 10);
    EXPECT_TRUE(copied_out.is_inline());
  }
  EXPECT_EQ(memory.given_back, 1);
}

TEST(bytes, refer_to_foreign_memory_even_if_it_would_fit_inline) {
  lender memory(5);
  {
    const bytes small = memory.lend();
    EXPECT_EQ(small.data(), memory.memory.data());
    EXPECT_FALSE(small.is_inline());
    EXPECT_EQ(memory.given_back, 0);
  }
  EXPECT_EQ(memory.given_back, 1);
}

TEST(bytes, give_empty_foreign_memory_back_at_once) {
  lender memory(0);
  const bytes none = memory.lend();
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(memory.given_back, 1);
  static const std::array<std::byte, 100> constant{};
  EXPECT_EQ(bytes::adopt(std::span(constant), nullptr, nullptr).size(), 100U);
}

TEST(bytes, that_share_memory_are_used_from_many_threads) {
  lender memory(10'000);
  {
    const bytes whole = memory.lend();
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 4; ++i) {
      threads.emplace_back([whole, i] {
        for (std::size_t round = 0; round < 2000; ++round) {
          const bytes part = whole.slice(i * 100 + round % 7, 200);
          const bytes copy = part;
          EXPECT_EQ(copy[0], std::byte{0x5a});
        }
      });
    }
  }
  EXPECT_EQ(memory.given_back, 1);
}

TEST(bytes, the_last_slice_may_go_on_another_thread) {
  for (int round = 0; round < 200; ++round) {
    lender memory(100);
    {
      bytes mine = memory.lend();
      const std::jthread other([theirs = mine]() mutable { theirs = bytes(); });
      mine = bytes();
    }
    EXPECT_EQ(memory.given_back, 1);
  }
}

TEST(heap_buffer, resize_keeps_the_content_and_the_reference) {
  base::heap_buffer* block = base::heap_buffer::make(10);
  const std::string text = pattern(10);
  std::ranges::copy(std::as_bytes(std::span(text)), block->data());
  block = base::heap_buffer::resize(block, 1 << 20);
  EXPECT_EQ(block->capacity(), std::size_t{1} << 20);
  EXPECT_TRUE(block->unique());
  const bytes kept = bytes::share(*block, block->data(), 10);
  EXPECT_EQ(kept, text);
  EXPECT_TRUE(block->unique());  // ten bytes are copied out
  const bytes taken = bytes::take(*block, block->data(), 10);
  EXPECT_EQ(taken, text);
  EXPECT_FALSE(taken.is_inline());
}

TEST(heap_buffer, refuses_sizes_that_overflow) {
  EXPECT_THROW((void)base::heap_buffer::make(SIZE_MAX), std::bad_alloc);
}

}  // namespace
}  // namespace monocoque
