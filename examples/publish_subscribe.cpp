// One publisher, two subscribers with topics of their own. A topic is the start of a message.

#include <monocoque/monocoque.hpp>

#include <iostream>
#include <string>
#include <string_view>
#include <thread>

namespace mq = monocoque;

namespace {

/// Prints what comes until the topic's "end".
void follow(mq::context& ctx, const std::string& endpoint, const std::string& topic) {
  mq::sub feed{ctx};
  feed.subscribe(topic);
  feed.connect(endpoint);
  for (;;) {
    const mq::message news = feed.receive();
    if (news.back() == "end") return;
    std::cout << topic + " subscriber: " + news[0].str() + " " + news[1].str() + "\n";
  }
}

}  // namespace

int main() {
  mq::context ctx;

  // A PUB loses what nobody has subscribed to yet. An XPUB is told who subscribes, so it can wait for both.
  mq::xpub publisher{ctx};
  publisher.bind("tcp://127.0.0.1:0");
  const std::string endpoint = publisher.last_endpoint();

  std::jthread weather([&] { follow(ctx, endpoint, "weather."); });
  std::jthread sport([&] { follow(ctx, endpoint, "sport."); });
  for (int i = 0; i < 2; ++i)
    std::cout << "subscribed: " << publisher.receive().view().substr(1) << std::endl;

  publisher.send(mq::message::of({"weather.oslo", "rain"}));
  publisher.send(mq::message::of({"sport.chess", "1-0"}));
  publisher.send(mq::message::of({"weather.rome", "sun"}));
  publisher.send(mq::message::of({"politics", "nobody hears this"}));
  publisher.send(mq::message::of({"weather.", "end"}));
  publisher.send(mq::message::of({"sport.", "end"}));
}
