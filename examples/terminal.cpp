// Sends each line that is typed to a service and prints its answer. Ends at the end of input (Ctrl-D).

#include <monocoque/monocoque.hpp>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <stop_token>
#include <string>
#include <thread>
#include <unistd.h>

namespace mq = monocoque;

namespace {

void shout(mq::rep& service, std::stop_token stop) {
  while (mq::result<mq::message> line = service.receive(mq::as_result, stop)) {
    std::string text = line->str();
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    service.send(std::move(text));
  }
}

}  // namespace

int main() {
  mq::context ctx;
  mq::rep service{ctx};
  service.bind("tcp://127.0.0.1:0");
  std::jthread server([&service](std::stop_token stop) { shout(service, stop); });

  mq::req terminal{ctx};
  terminal.connect(service.last_endpoint());
  const bool interactive = ::isatty(STDIN_FILENO) != 0;
  if (interactive) std::cout << "Type lines; Ctrl-D ends.\n> " << std::flush;
  for (std::string line; std::getline(std::cin, line);) {
    terminal.send(line);
    std::cout << terminal.receive().view() << '\n';
    if (interactive) std::cout << "> " << std::flush;
  }
}
