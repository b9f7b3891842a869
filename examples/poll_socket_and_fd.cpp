// One thread waits for a socket and for a plain file descriptor at once.

#include <monocoque/monocoque.hpp>

#include <array>
#include <iostream>
#include <string_view>
#include <thread>
#include <unistd.h>

namespace mq = monocoque;

namespace {

/// Some source of bytes that is no socket of ours, and a message from elsewhere.
void produce_lines(mq::push& jobs, int fd) {
  (void)!::write(fd, "from the pipe", 13);
  jobs.send("from the socket");
}

}  // namespace

int main() {
  std::array<int, 2> pipe_ends{};
  if (::pipe(pipe_ends.data()) != 0) return 1;

  mq::context ctx;
  mq::pull in{ctx};
  in.bind("tcp://127.0.0.1:0");
  mq::push jobs{ctx};
  jobs.connect(in.last_endpoint());
  std::jthread producer([&] { produce_lines(jobs, pipe_ends[1]); });

  mq::poller poller{ctx};
  poller.set(in, mq::readiness::readable);
  poller.set(pipe_ends[0], mq::readiness::readable);

  for (int seen = 0; seen < 2;) {
    for (const mq::poller::item& ready : poller.wait()) {
      if (ready.ready_socket == &in) {
        std::cout << in.receive().view() << '\n';
      } else {
        std::array<char, 100> text{};
        const ssize_t size = ::read(ready.fd, text.data(), text.size());
        std::cout << std::string_view(text.data(), static_cast<std::size_t>(size > 0 ? size : 0)) << '\n';
      }
      ++seen;
    }
  }
  poller.remove(in);
  poller.remove(pipe_ends[0]);
  producer.join();
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}
