#include <monocoque/message.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace monocoque::detail {
namespace {

std::shared_ptr<const peer_info> somebody(const char* address) {
  auto made = std::make_shared<peer_info>();
  made->address = address;
  return made;
}

TEST(peer_ref, a_default_one_refers_to_nobody) {
  const peer_ref nobody;
  EXPECT_FALSE(nobody);
  EXPECT_EQ(nobody.get(), nullptr);
  EXPECT_EQ(peer_ref(nobody).get(), nullptr);
}

// On a thread of its own, at whose end the references that it kept are given back.
TEST(peer_ref, the_last_reference_frees_whatever_the_number_and_order) {
  for (const int count : {1, 255, 256, 257, 1024, 5000}) {
    std::weak_ptr<const peer_info> watched;
    std::thread([&] {
      auto info = somebody("tcp://a");
      watched = info;
      peer_ref first(std::move(info));
      std::vector<peer_ref> copies(static_cast<std::size_t>(count), first);
      first = {};
      EXPECT_EQ(copies.back().get()->address, "tcp://a");
      while (copies.size() > 1) copies.pop_back();
      EXPECT_FALSE(watched.expired());
      copies.clear();
    }).join();
    EXPECT_TRUE(watched.expired()) << count;
  }
}

TEST(peer_ref, references_made_on_one_thread_are_dropped_on_another) {
  std::weak_ptr<const peer_info> watched;
  std::vector<peer_ref> copies;
  std::thread([&] {
    auto info = somebody("tcp://a");
    watched = info;
    const peer_ref first(std::move(info));
    copies.assign(1000, first);
  }).join();
  std::thread one([half = std::vector(copies.begin(), copies.begin() + 500)]() mutable { half.clear(); });
  std::thread two([half = std::vector(copies.begin() + 500, copies.end())]() mutable { half.clear(); });
  one.join();
  two.join();
  EXPECT_FALSE(watched.expired());
  std::thread([mine = std::exchange(copies, {})]() mutable { mine.clear(); }).join();
  std::thread([] {
    const peer_ref other(somebody("tcp://b"));
    const peer_ref copy = other;
  }).join();
  // This thread's purse may hold some still, from the copies it made: turn to another peer.
  const peer_ref other(somebody("tcp://c"));
  const peer_ref copy = other;
  EXPECT_TRUE(watched.expired());
}

TEST(peer_ref, a_thread_may_deal_with_two_peers_in_turn) {
  const peer_ref a(somebody("a"));
  const peer_ref b(somebody("b"));
  for (int i = 0; i < 1000; ++i) {
    const peer_ref one = a;
    const peer_ref other = b;
    ASSERT_EQ(one.get()->address, "a");
    ASSERT_EQ(other.get()->address, "b");
  }
}

}  // namespace
}  // namespace monocoque::detail
