// Two hosts and a wire that loses, delays and reorders packets. TCP makes up for that, so that everything
// arrives, once, in order and unchanged, with Monocoque and libzmq on either side.

#include "tests/network/two_hosts.hpp"

namespace monocoque::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds moment{20};
constexpr milliseconds an_answer_takes{3000};
/// TCP waits twice as long after each loss of the same bytes: at worst, six in a row, some 20 s.
constexpr milliseconds until_it_gets_through{40'000};
/// A new attempt rather than the same one again after 1, 2, 4 and 8 s.
const end_options impatient{.connect_timeout = milliseconds(1000)};

struct climate {
  const char* name;
  library binds, connects;
  conditions weather;
  std::uint64_t messages;
};

void PrintTo(const climate& what, std::ostream* out) { *out << what.name; }

class bad_weather : public two_hosts, public testing::WithParamInterface<climate> {
 protected:
  void SetUp() override {
    two_hosts::SetUp();
    if (wire_) wire_->set(GetParam().weather);
  }

  struct pair_of_ends {
    std::unique_ptr<end> server, client;
  };
  [[nodiscard]] pair_of_ends joined(socket_type serves, socket_type asks) const {
    const auto bound = [&] {
      const stay at(*server_);
      std::unique_ptr<end> server = end::make(GetParam().binds, serves);
      std::string place = server->bind(server_endpoint());
      return std::pair(std::move(server), std::move(place));
    };
    auto [server, place] = bound();
    std::unique_ptr<end> client = end::make(GetParam().connects, asks, impatient);
    if (asks == socket_type::sub) client->subscribe("source");
    client->connect(place);
    return {std::move(server), std::move(client)};
  }

  static void send_all(end& out) {
    for (std::uint64_t number = 0; number < GetParam().messages; ++number) {
      ASSERT_TRUE(out.send_for(write({"source", number}), until_it_gets_through)) << number;
    }
  }
  static void receive_all(end& in) {
    for (std::uint64_t number = 0; number < GetParam().messages; ++number) {
      const std::optional<frames> received = in.receive_for(until_it_gets_through);
      ASSERT_TRUE(received) << number;
      ASSERT_EQ(read(*received), (numbered{"source", number}));
    }
  }
  /// Sends back what comes.
  static void echo(end& server, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const std::optional<frames> received = server.receive_for(moment);
      while (received && !server.send_for(*received, moment) && !stop.stop_requested()) continue;
    }
  }

  void work() const {
    const auto [sink, source] = joined(socket_type::pull, socket_type::push);
    const std::jthread sending([out = source.get()] { send_all(*out); });
    receive_all(*sink);
  }
  void news() const {
    const auto [source, sink] = joined(socket_type::xpub, socket_type::sub);
    ASSERT_EQ(source->receive_for(until_it_gets_through), frames{"\1source"});
    send_all(*source);
    receive_all(*sink);
  }
  void questions() const {
    const auto [server, client] = joined(socket_type::rep, socket_type::req);
    const std::jthread serving([in = server.get()](const std::stop_token& stop) { echo(*in, stop); });
    for (std::uint64_t number = 0, asked = 0; number < GetParam().messages / 2; ++asked) {
      ASSERT_LT(asked, 10 * GetParam().messages);
      const frames question = write({"client", number});
      ASSERT_TRUE(client->send_for(question, until_it_gets_through));
      const std::optional<frames> answer = client->receive_for(an_answer_takes);
      if (!answer) continue;  // it may be on its way: a newer question makes it void
      ASSERT_EQ(*answer, question);
      ++number;
    }
  }
  void conversation() const {
    const auto [server, client] = joined(socket_type::router, socket_type::dealer);
    const std::jthread serving([in = server.get()](const std::stop_token& stop) { echo(*in, stop); });
    send_all(*client);
    receive_all(*client);
  }
};

TEST_P(bad_weather, loses_repeats_and_reorders_nothing) {
  side_by_side({[this] { work(); }, [this] { news(); }, [this] { questions(); }, [this] { conversation(); }});
}

constexpr conditions lossy{.loss = 0.05, .delay = milliseconds(50), .jitter = milliseconds(50)};
constexpr conditions lossier{.loss = 0.15, .delay = milliseconds(50)};
constexpr conditions unruly{
    .loss = 0.1, .delay = milliseconds(50), .jitter = milliseconds(50), .keeps_order = false};
constexpr conditions narrow{.loss = 0.05, .delay = milliseconds(75), .bytes_per_second = 100'000};

INSTANTIATE_TEST_SUITE_P(
    with, bad_weather,
    testing::Values(climate{"a_seventh_lost", library::monocoque, library::monocoque, lossier, 15},
                    climate{"reordering", library::monocoque, library::monocoque, unruly, 25},
                    climate{"libzmq_connecting", library::monocoque, library::libzmq, lossy, 25},
                    climate{"libzmq_binding_behind_a_narrow_line", library::libzmq, library::monocoque,
                            narrow, 25}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace monocoque::test
