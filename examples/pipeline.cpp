// A ventilator deals numbers out to three workers; a sink collects their squares.

#include <monocoque/monocoque.hpp>

#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace mq = monocoque;

namespace {

constexpr int workers = 3;
constexpr int jobs = 30;

void work(mq::context& ctx, const std::string& source, const std::string& sink) {
  mq::pull in{ctx};
  mq::push out{ctx};
  in.connect(source);
  out.connect(sink);
  for (;;) {
    const std::string job = in.receive().str();
    if (job == "end") return;
    const long number = std::stol(job);
    out.send(std::to_string(number * number));
  }
}

}  // namespace

int main() {
  mq::context ctx;
  mq::push ventilator{ctx};
  mq::pull sink{ctx};
  ventilator.bind("tcp://127.0.0.1:0");
  sink.bind("tcp://127.0.0.1:0");

  std::vector<std::jthread> pool;
  pool.reserve(workers);
  for (int i = 0; i < workers; ++i) {
    pool.emplace_back(
        [&ctx, in = ventilator.last_endpoint(), out = sink.last_endpoint()] { work(ctx, in, out); });
  }

  for (int i = 1; i <= jobs; ++i) ventilator.send(std::to_string(i));
  long sum = 0;
  for (int i = 0; i < jobs; ++i) sum += std::stol(sink.receive().str());
  std::cout << "1^2 + ... + " << jobs << "^2 = " << sum << '\n';

  // All results are in, so all workers are connected: dealt in turn, each gets one "end".
  while (ventilator.peer_count() < workers) std::this_thread::yield();
  for (auto worker = pool.size(); worker > 0; --worker) ventilator.send("end");
  pool.clear();
  return sum == jobs * (jobs + 1) * (2 * jobs + 1) / 6 ? 0 : 1;
}
