#include "engine/transcript.hpp"

#include "base/wire.hpp"
#include "zmtp/v1_framing.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque::engine {
namespace {

std::string canonical(std::size_t payload, std::size_t count = 1, std::uint8_t flags = 0) {
  std::array<std::byte, base::wire::max_header_size> header{};
  const std::size_t size = base::wire::put_header(header.data(), payload, flags);
  std::string made;
  for (std::size_t i = 0; i < count; ++i) {
    made.append(reinterpret_cast<const char*>(header.data()), size);
    made.append(payload, static_cast<char>('a' + i % 26));
  }
  return made;
}

class transcripts : public ::testing::Test {
 protected:
  transcript::extent write(std::string& queued, bool one_message = false) {
    const std::array<iovec, 1> pieces{{{queued.data(), queued.size()}}};
    return written.write(pieces, one_message, *form, *pool);
  }
  std::string out() const {
    write_list list;
    written.add_to(list);
    return {static_cast<const char*>(list.pieces[0].iov_base), list.pieces[0].iov_len};
  }
  std::string in_form(std::string_view queued) const {
    std::vector<std::byte> made;
    zmtp::append_in_form(*form, std::as_bytes(std::span(queued)), made);
    return {reinterpret_cast<const char*>(made.data()), made.size()};
  }

  std::shared_ptr<base::slab_pool> pool = base::slab_pool::make();
  std::unique_ptr<zmtp::frame_form> form = zmtp::make_v1_form();
  transcript written;
};

TEST_F(transcripts, are_what_is_queued_in_another_form) {
  std::string queued = canonical(0) + canonical(1, 3) + canonical(5000, 2);
  const auto taken = write(queued);
  EXPECT_EQ(taken.bytes, queued.size());
  EXPECT_EQ(taken.whole_messages, 6U);
  EXPECT_EQ(out(), in_form(queued));
}

TEST_F(transcripts, end_where_the_first_message_does_if_they_are_told_so) {
  std::string queued = canonical(10, 2, base::wire::flag_more) + canonical(10, 5);
  const auto taken = write(queued, true);
  EXPECT_EQ(taken.bytes, 3 * canonical(10).size());
  EXPECT_EQ(taken.whole_messages, 1U);
}

TEST_F(transcripts, hold_a_slab_of_small_frames) {
  std::string queued = canonical(1000, 200);
  const auto taken = write(queued);
  EXPECT_EQ(taken.whole_messages, pool->slab_size() / form->size_of(1000));
  EXPECT_EQ(pool->in_use(), 1U);
  written.clear();
  EXPECT_EQ(pool->in_use(), 0U);
}

/// Of 32 KB there would be one in a slab, and of 16 KB three.
TEST_F(transcripts, hold_several_large_frames) {
  for (const auto& [payload, count] : {std::pair{16'384U, 7U}, std::pair{32'768U, 3U}}) {
    std::string queued = canonical(payload, 20);
    EXPECT_EQ(write(queued).whole_messages, count) << payload;
    EXPECT_EQ(out(), in_form(queued.substr(0, count * canonical(payload).size())));
    written.clear();
  }
}

TEST_F(transcripts, grow_for_a_frame_that_is_larger) {
  std::string queued = canonical(1'000'000, 2);
  const auto taken = write(queued);
  EXPECT_EQ(taken.whole_messages, 1U);
  EXPECT_EQ(out(), in_form(queued.substr(0, taken.bytes)));
}

TEST_F(transcripts, count_in_the_queue_once_they_are_out) {
  std::string queued = canonical(300, 3);
  const auto taken = write(queued);
  const std::string whole = out();
  EXPECT_EQ(written.sent(100), 0U);
  EXPECT_EQ(out(), whole.substr(100));
  EXPECT_EQ(written.sent(whole.size() - 100), taken.bytes);
  EXPECT_TRUE(written.empty());
}

}  // namespace
}  // namespace monocoque::engine
