// Peers and brokers that are killed in mid-flow, again and again, with Monocoque and libzmq on either side.
// Whoever survives goes on with the next one, and sees no message altered, cut, mixed or doubled.

#include "tests/faults/end.hpp"
#include "tests/faults/numbered.hpp"
#include "tests/faults/victim.hpp"
#include "tests/socket/support.hpp"

#include <monocoque/monocoque.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <utility>

namespace monocoque::test {
namespace {

using std::chrono::milliseconds;

/// Four roles, three pairs of libraries: 240 in all, 200 of them with Monocoque on the killed side or the
/// other.
constexpr int lives = 20;
/// What a life has to bring before it ends.
constexpr int enough = 40;
constexpr milliseconds moment{5};

struct sides {
  library killed, survivor;
};

class killed : public testing::TestWithParam<sides> {
 protected:
  [[nodiscard]] std::unique_ptr<end> survivor(socket_type type) const {
    return end::make(GetParam().survivor, type);
  }
  [[nodiscard]] victim a_victim(std::vector<std::string> words) const {
    words.insert(words.begin(), std::string(name_of(GetParam().killed)));
    return victim(words);
  }
  static void give_up_after(const std::chrono::steady_clock::time_point& start, const char* waiting_for) {
    if (std::chrono::steady_clock::now() - start > patience) throw std::runtime_error(waiting_for);
  }

  temporary_folder folder_;
};

/// An end of loopback that nobody has now.
std::string free_endpoint() {
  context ctx;
  pull once(ctx);
  once.bind("tcp://127.0.0.1:0");
  std::string name = once.last_endpoint();
  once.close();
  return name;
}

TEST_P(killed, sources_leave_no_gap_in_what_they_sent) {
  const auto sink = survivor(socket_type::pull);
  const std::string place = sink->bind("tcp://127.0.0.1:*");
  std::map<std::string, std::uint64_t> next;
  for (int life = 0; life < lives; ++life) {
    const std::string name = "source " + std::to_string(life);
    const victim source = a_victim({"source", place, name});
    for (const auto start = std::chrono::steady_clock::now(); next[name] < enough;) {
      give_up_after(start, "nothing comes from the new source");
      const std::optional<frames> received = sink->receive_for(moment);
      if (!received) continue;
      const numbered what = read(*received);
      ASSERT_EQ(what.number, next[what.maker]++) << what.maker;
    }
  }
}

TEST_P(killed, workers_do_nothing_twice) {
  const auto jobs = survivor(socket_type::push);
  const auto results = survivor(socket_type::pull);
  const std::string from = jobs->bind("tcp://127.0.0.1:*");
  const std::string to = results->bind("tcp://127.0.0.1:*");
  std::atomic<std::uint64_t> made = 0;
  std::jthread maker([&](const std::stop_token& stop) {
    for (frames next; !stop.stop_requested();) {
      if (next.empty()) next = write({"maker", made});
      if (!jobs->send_for(next, moment)) continue;
      ++made;
      next.clear();
    }
  });
  std::set<std::uint64_t> done;
  std::map<std::string, std::uint64_t> last_of;
  std::map<std::string, int> count_of;
  const victim steady = a_victim({"worker", from, to, "steady"});
  for (int life = 0; life < lives; ++life) {
    const std::string name = "worker " + std::to_string(life);
    const victim worker = a_victim({"worker", from, to, name});
    for (const auto start = std::chrono::steady_clock::now(); count_of[name] < enough;) {
      give_up_after(start, "nothing comes from the new worker");
      const std::optional<frames> received = results->receive_for(moment);
      if (!received) continue;
      const std::string& by = received->at(0);
      const numbered what = read(*received);
      ASSERT_TRUE(done.insert(what.number).second) << what.number << " came twice, now from " << by;
      ASSERT_TRUE(count_of[by]++ == 0 || last_of[by] < what.number) << by << " changed the order";
      last_of[by] = what.number;
    }
  }
  EXPECT_GT(count_of["steady"], 0);
}

TEST_P(killed, brokers_are_found_again_and_answers_belong_to_their_questions) {
  const std::string front = folder_.ipc("front"), back = folder_.ipc("back");
  const auto client = survivor(socket_type::req);
  const auto server = survivor(socket_type::rep);
  client->connect(front);
  server->connect(back);
  std::jthread serving([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::optional<frames> question = server->receive_for(moment);
      while (question && !server->send_for(*question, moment) && !stop.stop_requested()) continue;
    }
  });
  std::uint64_t number = 0;
  for (int life = 0; life < lives; ++life) {
    const victim broker = a_victim({"broker", front, back});
    broker.await_bound();
    const auto start = std::chrono::steady_clock::now();
    for (int answers = 0; answers < enough; ++number) {
      give_up_after(start, "nothing comes through the new broker");
      const frames question = write({"client", number});
      if (!client->send_for(question, moment)) continue;
      // What went to the broker that was killed is not answered: ask again.
      const std::optional<frames> answer = client->receive_for(milliseconds(100));
      if (!answer) continue;
      ASSERT_EQ(*answer, question);
      ++answers;
    }
  }
}

TEST_P(killed, forwarders_lose_but_never_repeat_or_reorder) {
  const std::string front = free_endpoint(), back = free_endpoint();
  const auto source = survivor(socket_type::pub);
  const auto sink = survivor(socket_type::sub);
  sink->subscribe("publisher");
  source->connect(front);
  sink->connect(back);
  std::jthread publishing([&](const std::stop_token& stop) {
    for (std::uint64_t number = 1; !stop.stop_requested(); ++number) {
      static_cast<void>(source->send_for(write({"publisher", number}), moment));
      // Not so fast that a subscriber only ever sees a queue that is full.
      if (number % 50 == 0) std::this_thread::sleep_for(milliseconds(1));
    }
  });
  std::uint64_t last = 0;
  const auto follows = [&](const frames& received) {
    const numbered what = read(received);
    return std::exchange(last, what.number) < what.number;
  };
  for (int life = 0; life < lives; ++life) {
    {
      const victim forwarder = a_victim({"forwarder", front, back});
      forwarder.await_bound();
      const auto start = std::chrono::steady_clock::now();
      for (int heard = 0; heard < enough;) {
        give_up_after(start, "nothing comes through the new forwarder");
        const std::optional<frames> received = sink->receive_for(moment);
        if (!received) continue;
        ASSERT_TRUE(follows(*received)) << last;
        ++heard;
      }
    }
    // What came over its connection and what comes over the next one would be taken by turns.
    while (const std::optional<frames> received = sink->receive_for(10 * moment))
      ASSERT_TRUE(follows(*received)) << last;
  }
}

INSTANTIATE_TEST_SUITE_P(with, killed,
                         testing::Values(sides{library::monocoque, library::monocoque},
                                         sides{library::libzmq, library::monocoque},
                                         sides{library::monocoque, library::libzmq}),
                         [](const auto& parameter) {
                           return std::string(name_of(parameter.param.killed)) + "_killed_" +
                                  std::string(name_of(parameter.param.survivor)) + "_survives";
                         });

}  // namespace
}  // namespace monocoque::test
