// Monocoque and libzmq over a proxy that delays, cuts, resets and garbles. What arrives is whole and comes
// once, and whatever happens, the connection is made again and things go on.

#include "tests/faults/bad_proxy.hpp"
#include "tests/faults/end.hpp"
#include "tests/faults/numbered.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace monocoque::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds moment{2};
constexpr std::uint64_t harm_wanted = 15;

struct circumstances {
  library binds, connects;
  std::uint32_t seed;
};

class bad_network : public testing::TestWithParam<circumstances> {
 protected:
  [[nodiscard]] std::unique_ptr<end> binder(socket_type type) const {
    return end::make(GetParam().binds, type);
  }
  [[nodiscard]] std::unique_ptr<end> connecter(socket_type type) const {
    return end::make(GetParam().connects, type);
  }
  [[nodiscard]] mischief everything_but_garbling(std::uint32_t mean_life = 40'000) const {
    return {.seed = GetParam().seed, .cuts = true, .resets = true, .mean_life = mean_life};
  }

  /// Sends numbered messages until told to stop.
  static void send_all(end& out, const std::stop_token& stop) {
    for (std::uint64_t number = 0; !stop.stop_requested();) {
      if (out.send_for(write({"sender", number}), moment)) ++number;
    }
  }

  /// Receives until the proxy has done enough harm and a hundred messages came after that.
  static void receive_each_once(end& in, const bad_proxy& network) {
    std::set<std::uint64_t> seen;
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (int after = 0; after < 100;) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up)
          << seen.size() << " messages, " << network.harm() << " connections ended";
      const std::optional<frames> received = in.receive_for(moment);
      if (!received) continue;
      ASSERT_TRUE(seen.insert(read(*received).number).second) << "a message came twice";
      if (network.harm() >= harm_wanted) ++after;
    }
  }
};

TEST_P(bad_network, work_arrives_whole_and_once) {
  const auto sink = binder(socket_type::pull);
  const bad_proxy network(sink->bind("tcp://127.0.0.1:*"), everything_but_garbling());
  const auto source = connecter(socket_type::push);
  source->connect(network.endpoint());
  const std::jthread sending([&](const std::stop_token& stop) { send_all(*source, stop); });
  receive_each_once(*sink, network);
}

TEST_P(bad_network, work_from_the_side_that_binds_arrives_whole_and_once) {
  const auto source = binder(socket_type::push);
  const bad_proxy network(source->bind("tcp://127.0.0.1:*"), everything_but_garbling());
  const auto sink = connecter(socket_type::pull);
  sink->connect(network.endpoint());
  const std::jthread sending([&](const std::stop_token& stop) { send_all(*source, stop); });
  receive_each_once(*sink, network);
}

TEST_P(bad_network, news_arrive_whole_and_once) {
  const auto source = binder(socket_type::pub);
  const bad_proxy network(source->bind("tcp://127.0.0.1:*"), everything_but_garbling());
  const auto sink = connecter(socket_type::sub);
  sink->subscribe("sender");
  sink->connect(network.endpoint());
  const std::jthread sending([&](const std::stop_token& stop) { send_all(*source, stop); });
  receive_each_once(*sink, network);
}

TEST_P(bad_network, answers_belong_to_their_questions) {
  const auto server = binder(socket_type::rep);
  const bad_proxy network(server->bind("tcp://127.0.0.1:*"), everything_but_garbling(5000));
  const auto client = connecter(socket_type::req);
  client->connect(network.endpoint());
  const std::jthread serving([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const std::optional<frames> question = server->receive_for(moment);
      while (question && !server->send_for(*question, moment) && !stop.stop_requested()) continue;
    }
  });
  const auto give_up = std::chrono::steady_clock::now() + patience;
  int answers = 0;
  for (std::uint64_t number = 0; answers < 50 || network.harm() < harm_wanted; ++number) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up)
        << answers << " answers, " << network.harm() << " connections ended";
    const frames question = write({"client", number});
    if (!client->send_for(question, moment)) continue;
    const std::optional<frames> answer = client->receive_for(milliseconds(20));
    if (!answer) continue;  // lost on the way: ask again
    ASSERT_EQ(*answer, question);
    ++answers;
  }
}

TEST_P(bad_network, garbling_one_connection_does_no_harm_to_another) {
  const auto sink = binder(socket_type::pull);
  const std::string place = sink->bind("tcp://127.0.0.1:*");
  bad_proxy network(place, {.seed = GetParam().seed, .garbles = true});
  const auto unlucky = connecter(socket_type::push);
  unlucky->connect(network.endpoint());
  const auto lucky = connecter(socket_type::push);
  lucky->connect(place);
  const std::jthread sending([&](const std::stop_token& stop) {
    for (std::uint64_t number = 0; !stop.stop_requested(); ++number) {
      static_cast<void>(unlucky->send_for(write({"unlucky", number}), moment));
    }
  });
  const auto give_up = std::chrono::steady_clock::now() + patience;
  for (std::uint64_t number = 0; network.harm() < harm_wanted || number < 100; ++number) {
    ASSERT_TRUE(lucky->send_for(write({"lucky", number}), patience));
    for (bool came = false; !came;) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << network.harm() << " connections garbled";
      const std::optional<frames> received = sink->receive_for(moment);
      if (!received || received->front() != "lucky") continue;
      ASSERT_EQ(read(*received), (numbered{"lucky", number}));
      came = true;
    }
  }
  // What was garbled is cut off, and the unlucky one is as well heard as anybody.
  network.behave();
  for (int heard = 0; heard < 100;) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up + patience) << "nothing comes any more";
    const std::optional<frames> received = sink->receive_for(moment);
    if (received && received->front() == "unlucky") ++heard;
  }
}

std::vector<circumstances> all_circumstances() {
  std::vector<circumstances> all;
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    all.push_back({library::monocoque, library::monocoque, seed});
    all.push_back({library::monocoque, library::libzmq, seed});
    all.push_back({library::libzmq, library::monocoque, seed});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(with, bad_network, testing::ValuesIn(all_circumstances()),
                         [](const auto& parameter) {
                           return std::string(name_of(parameter.param.binds)) + "_binds_" +
                                  std::string(name_of(parameter.param.connects)) + "_connects_" +
                                  std::to_string(parameter.param.seed);
                         });

}  // namespace
}  // namespace monocoque::test
