// A ROUTER that talks to DEALERs by name. The first frame of what it sends and receives is the routing id.

#include <monocoque/monocoque.hpp>

#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace mq = monocoque;

namespace {

void follow_orders(mq::context& ctx, const std::string& endpoint, const std::string& name) {
  mq::dealer robot{ctx, {.routing_id = mq::bytes::copy(name)}};
  robot.connect(endpoint);
  robot.send("ready");
  for (std::string order; order != "rest";) {
    order = robot.receive().str();
    robot.send("done: " + order);
  }
}

}  // namespace

int main() {
  mq::context ctx;
  mq::router control{ctx, {.router_mandatory = true}};  // an order to nobody is an error, not dropped
  control.bind("tcp://127.0.0.1:0");

  const std::vector<std::string> names{"lifter", "welder", "painter"};
  std::vector<std::jthread> robots;
  robots.reserve(names.size());
  for (const std::string& name : names) {
    robots.emplace_back(
        [&ctx, endpoint = control.last_endpoint(), name] { follow_orders(ctx, endpoint, name); });
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const mq::message hello = control.receive();
    std::cout << hello[0].view() << " is " << hello[1].view() << '\n';
  }

  for (const std::string& name : names) {
    for (const char* order : {"work", "rest"}) {
      control.send(mq::message::of({name, order}));
      const mq::message answer = control.receive();
      std::cout << answer[0].view() << " " << answer[1].view() << '\n';
    }
  }

  const mq::result<void> sent = control.send(mq::as_result, mq::message::of({"dreamer", "work"}));
  std::cout << (sent ? "sent?" : sent.error().message()) << '\n';
}
