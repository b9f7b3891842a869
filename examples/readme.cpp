// The program of the README: a server and a client in one process.

#include <monocoque/monocoque.hpp>

#include <iostream>

namespace mq = monocoque;

int main() {
  mq::context ctx;
  mq::rep server{ctx};
  server.bind("tcp://127.0.0.1:0");
  mq::req client{ctx};
  client.connect(server.last_endpoint());

  client.send("hello");
  server.send("you said " + server.receive().str());
  std::cout << client.receive().view() << '\n';
}
