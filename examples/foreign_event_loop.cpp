// Monocoque inside somebody else's event loop. Here that is a plain poll(2) loop; with Asio, libuv, Qt or
// GLib it is the same: watch ctx.fd(), and call ctx.poll() when it is readable.

#include <monocoque/monocoque.hpp>

#include <array>
#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace mq = monocoque;

namespace {

mq::task<> serve(mq::rep& server) {
  for (;;) {
    const mq::message request = co_await server.async_receive();
    co_await server.async_send("echo " + request.str());
  }
}

/// Asks three questions, then writes a byte to `finished`, which the foreign loop watches too.
mq::task<> ask(mq::req& client, int finished) {
  for (const char* question : {"one", "two", "three"}) {
    co_await client.async_send(question);
    const mq::message answer = co_await client.async_receive();
    std::cout << answer.view() << '\n';
  }
  (void)!::write(finished, "!", 1);
}

}  // namespace

int main() {
  std::array<int, 2> pipe_ends{};
  if (::pipe(pipe_ends.data()) != 0) return 1;

  mq::context ctx{mq::inline_loop};
  mq::rep server{ctx};
  server.bind("tcp://127.0.0.1:0");
  mq::req client{ctx};
  client.connect(server.last_endpoint());
  const auto service = ctx.spawn(serve(server));
  const auto questions = ctx.spawn(ask(client, pipe_ends[1]));

  std::array<pollfd, 2> watched{{{ctx.fd(), POLLIN, 0}, {pipe_ends[0], POLLIN, 0}}};
  ctx.poll();
  while (!(watched[1].revents & POLLIN)) {
    if (::poll(watched.data(), watched.size(), -1) < 0) return 1;
    if (watched[0].revents != 0) ctx.poll();
  }
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}
