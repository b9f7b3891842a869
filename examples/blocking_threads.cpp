// Sockets are thread-safe: four threads share one PUSH, two share one PULL. No message is torn or lost.

#include <monocoque/monocoque.hpp>

#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace mq = monocoque;
using namespace std::chrono_literals;

namespace {

constexpr int senders = 4;
constexpr int messages_each = 10'000;

void produce(mq::push& out, int name) {
  for (int i = 0; i < messages_each; ++i) {
    out.send(mq::message::of({std::to_string(name), std::to_string(i)}));
  }
}

void consume(mq::pull& in, std::atomic<int>& received) {
  while (received < senders * messages_each) {
    if (const std::optional<mq::message> job = in.receive_for(50ms)) {
      if (job->size() == 2) ++received;
    }
  }
}

}  // namespace

int main() {
  mq::context ctx;
  mq::pull in{ctx};
  in.bind("tcp://127.0.0.1:0");
  mq::push out{ctx};
  out.connect(in.last_endpoint());

  std::atomic<int> received = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(senders + 2);
    for (int i = 0; i < senders; ++i) threads.emplace_back([&out, i] { produce(out, i); });
    for (int i = 0; i < 2; ++i) threads.emplace_back([&in, &received] { consume(in, received); });
  }
  std::cout << received << " messages of two frames each\n";
}
