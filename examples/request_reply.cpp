// A server that answers requests, and a client that asks three times. Calls block; each side has a thread.

#include <monocoque/monocoque.hpp>

#include <iostream>
#include <string>
#include <thread>

namespace mq = monocoque;

namespace {

void serve(mq::rep& server, int requests) {
  for (int i = 0; i < requests; ++i) {
    const mq::message request = server.receive();
    server.send("hello, " + request.str());
  }
}

}  // namespace

int main() {
  mq::context ctx;

  mq::rep server{ctx};
  server.bind("tcp://127.0.0.1:0");  // port 0: the system chooses one, last_endpoint tells which
  std::jthread service([&server] { serve(server, 3); });

  mq::req client{ctx};
  client.connect(server.last_endpoint());
  for (const char* name : {"Ada", "Grace", "Edsger"}) {
    client.send(name);
    std::cout << client.receive().view() << '\n';
  }
}
