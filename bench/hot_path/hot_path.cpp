// A stream that repeats exactly, for counting instructions under callgrind: one thread, two inline contexts,
// epoll, bursts that fit the kernel's buffers. `hot_path BURSTS SIZE FRAMES`; instructions.py runs it.
#include <monocoque/monocoque.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <unistd.h>

namespace mq = monocoque;

// The two sides. callgrind counts inside these functions and what they call; their names are its switches.
extern "C" {

__attribute__((noinline, visibility("default"))) void sending_side(mq::context* context, mq::push* out,
                                                                   int count, std::size_t size, int frames) {
  std::array<std::byte, 4096> payload;  // NOLINT: filled as far as it is used
  for (int i = 0; i < count; ++i) {
    std::memset(payload.data(), i, size);
    const mq::bytes frame = mq::bytes::copy(std::span<const std::byte>(payload.data(), size));
    mq::message made(frame);
    for (int more = 1; more < frames; ++more) made.push_back(frame);
    out->send(std::move(made));
  }
  context->poll();
}

__attribute__((noinline, visibility("default"))) void receiving_side(mq::context* context, mq::pull* in,
                                                                     int count, std::size_t size) {
  for (int i = 0; i < count;) {
    const std::optional<mq::message> got = in->try_receive();
    if (!got) {
      context->poll();
      continue;
    }
    if ((*got)[0].size() != size) std::abort();
    ++i;
  }
}
}

namespace {

constexpr int burst = 200;  // messages; below the high-water mark

mq::context_options epoll() {
  mq::context_options options;
  options.driver = mq::io_driver::epoll;  // valgrind does not know all of io_uring
  return options;
}

void stream(int bursts, std::size_t size, int frames) {
  mq::context here{mq::inline_loop, epoll()};
  mq::context there{mq::inline_loop, epoll()};
  mq::pull in{here};
  in.bind("ipc://@monocoque-hot-path-" + std::to_string(std::rand()));
  mq::push out{there};
  out.connect(in.last_endpoint());
  while (out.peer_count() == 0 || in.peer_count() == 0) {
    there.poll();
    here.poll();
  }
  for (int i = 0; i < bursts; ++i) {
    sending_side(&there, &out, burst, size, frames);
    receiving_side(&here, &in, burst, size);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: hot_path BURSTS SIZE FRAMES\n");
    return 2;
  }
  std::srand(static_cast<unsigned>(getpid()));
  stream(std::atoi(argv[1]), std::strtoul(argv[2], nullptr, 10), std::atoi(argv[3]));
  std::printf("%d\n", burst);
}
