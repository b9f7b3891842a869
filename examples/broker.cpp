// A broker between clients and workers that do not know each other: ROUTER in front, DEALER behind.

#include <monocoque/monocoque.hpp>

#include <iostream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace mq = monocoque;

namespace {

void work(mq::context& ctx, const std::string& broker, const std::string& name, std::stop_token stop) {
  mq::rep worker{ctx};
  worker.connect(broker);
  for (;;) {
    mq::result<mq::message> request = worker.receive(mq::as_result, stop);
    if (!request) return;  // errc::cancelled: we were asked to stop
    worker.send(name + " did " + request->str());
  }
}

}  // namespace

int main() {
  mq::context ctx;
  mq::router frontend{ctx};
  mq::dealer backend{ctx};
  frontend.bind("tcp://127.0.0.1:0");
  backend.bind("tcp://127.0.0.1:0");
  const std::string clients_side = frontend.last_endpoint();
  const std::string workers_side = backend.last_endpoint();

  std::jthread broker([&](std::stop_token stop) { mq::proxy(frontend, backend, nullptr, stop); });
  std::vector<std::jthread> workers;
  for (const char* name : {"worker A", "worker B"}) {
    workers.emplace_back([&, name](std::stop_token stop) { work(ctx, workers_side, name, stop); });
  }

  mq::req client{ctx};
  client.connect(clients_side);
  for (int i = 1; i <= 6; ++i) {
    client.send("job " + std::to_string(i));
    std::cout << client.receive().view() << '\n';
  }
}  // std::jthread asks workers and broker to stop, and waits for them
