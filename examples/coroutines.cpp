// A server and a client as coroutines on one thread: no locks, no I/O thread. With a timeout and a
// cancellation.

#include <monocoque/monocoque.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <utility>

namespace mq = monocoque;
using namespace std::chrono_literals;

namespace {

/// Answers every request but "silence", until it is cancelled.
mq::task<> serve(mq::router& server) {
  for (;;) {
    mq::message request = co_await server.async_receive();
    if (request.back() == "silence") continue;
    co_await server.async_send(std::move(request));  // its first frame says to whom
  }
}

mq::task<std::string> ask(mq::dealer& client, std::string question) {
  co_await client.async_send(question);
  const mq::message answer = co_await client.async_receive();
  co_return answer.str();
}

mq::task<> talk(mq::context& ctx) {
  mq::router server{ctx};
  server.bind("tcp://127.0.0.1:0");
  mq::dealer client{ctx};
  client.connect(server.last_endpoint());
  mq::join_handle<> service = ctx.spawn(serve(server));

  const std::string answer = co_await ask(client, "are you there?");
  std::cout << "answer: " << answer << '\n';

  try {
    (void)co_await mq::timeout(ask(client, "silence"), 50ms);
  } catch (const mq::exception& failure) {
    std::cout << "silence: " << failure.what() << '\n';  // errc::timed_out
  }

  service.request_stop();
  try {
    co_await std::move(service);
  } catch (const mq::exception& failure) {
    std::cout << "service: " << failure.what() << '\n';  // errc::cancelled
  }
}

}  // namespace

int main() {
  mq::context ctx{mq::inline_loop};
  ctx.run(talk(ctx));
}
