// A user's first program: one message through a PUSH and a PULL, and an exception across the library's edge.
#include <monocoque/monocoque.hpp>

#include <chrono>
#include <string>

namespace mq = monocoque;

int main() {
  mq::context context;
  mq::pull sink{context};
  sink.bind("tcp://127.0.0.1:0");
  mq::push source{context};
  source.connect(sink.last_endpoint());
  source.send(mq::message{"hello"});
  const auto received = sink.receive_for(std::chrono::seconds{20});
  if (!received || received->view() != "hello") return 1;

  try {
    sink.bind("nonsense");
  } catch (const mq::exception& problem) {
    return problem.reason() == mq::errc::invalid_endpoint ? 0 : 2;
  }
  return 3;
}
