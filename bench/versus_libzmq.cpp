// Monocoque beside libzmq in one run: throughput PUSH -> PULL and round trip REQ <-> REP over loopback TCP,
// two processes each, rounds interleaved, medians. `versus_libzmq [ROUNDS] [SECONDS PER CELL]`.
#include <monocoque/monocoque.hpp>

#include <zmq.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

namespace mq = monocoque;
using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

/// A pipe from the binding process to the other one, which tells it the endpoint.
struct endpoint_pipe {
  std::array<int, 2> ends{};
  endpoint_pipe() {
    if (pipe(ends.data()) != 0) std::abort();
  }
  void put(const std::string& endpoint) const {
    if (write(ends[1], endpoint.data(), endpoint.size()) < 0) std::abort();
  }
  [[nodiscard]] std::string take() const {
    std::array<char, 256> text{};
    const ssize_t size = read(ends[0], text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }
};

/// One rival: how it sends until it is killed, receives `count` messages, asks and answers.
struct rival {
  const char* name;
  std::function<void(const std::string& endpoint, std::size_t size)> push;
  std::function<double(const endpoint_pipe& tell, double seconds)> pull;           ///< messages a second
  std::function<std::vector<double>(const std::string& endpoint, int count)> ask;  ///< microseconds each
  std::function<void(const endpoint_pipe& tell)> answer;
};

// Every message is made afresh.
std::string payload(std::size_t size, std::uint64_t number) {
  std::string made(size, 'x');
  std::memcpy(made.data(), &number, std::min(size, sizeof number));
  return made;
}

mq::task<> push_all(mq::push& out, std::size_t size) {
  for (std::uint64_t number = 0;; ++number) {
    mq::message made(payload(size, number));
    co_await out.async_send(std::move(made));
  }
}

constexpr int warm_up = 20'000;

mq::task<double> pull_for(mq::pull& in, double seconds) {
  for (int i = 0; i < warm_up; ++i) co_await in.async_receive();
  const auto start = clock_type::now();
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  while ((count & 1023U) != 0 || seconds_since(start) < seconds) {
    const mq::message got = co_await in.async_receive();
    bytes += got[0].size();
    ++count;
  }
  if (bytes == 0) std::abort();
  co_return static_cast<double>(count) / seconds_since(start);
}

mq::task<std::vector<double>> ask_all(mq::req& out, int count) {
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const auto start = clock_type::now();
    mq::message question(payload(64, static_cast<std::uint64_t>(i)));
    co_await out.async_send(std::move(question));
    const mq::message reply = co_await out.async_receive();
    took.push_back(seconds_since(start) * 1e6);
  }
  co_return took;
}

mq::task<> answer_all(mq::rep& in) {
  for (;;) {
    mq::message question = co_await in.async_receive();
    co_await in.async_send(std::move(question));
  }
}

rival inline_monocoque() {
  return {"Monocoque inline",
          [](const std::string& endpoint, std::size_t size) {
            mq::context context{mq::inline_loop};
            mq::push out{context, {.linger = std::chrono::milliseconds(0)}};
            out.connect(endpoint);
            context.run(push_all(out, size));
          },
          [](const endpoint_pipe& tell, double seconds) {
            mq::context context{mq::inline_loop};
            mq::pull in{context};
            in.bind("tcp://127.0.0.1:*");
            tell.put(in.last_endpoint());
            return context.run(pull_for(in, seconds));
          },
          [](const std::string& endpoint, int count) {
            mq::context context{mq::inline_loop};
            mq::req out{context, {.linger = std::chrono::milliseconds(0)}};
            out.connect(endpoint);
            return context.run(ask_all(out, count));
          },
          [](const endpoint_pipe& tell) {
            mq::context context{mq::inline_loop};
            mq::rep in{context};
            in.bind("tcp://127.0.0.1:*");
            tell.put(in.last_endpoint());
            context.run(answer_all(in));
          }};
}

rival threaded_monocoque() {
  return {"Monocoque threaded",
          [](const std::string& endpoint, std::size_t size) {
            mq::context context;
            mq::push out{context};
            out.connect(endpoint);
            for (std::uint64_t number = 0;; ++number) out.send(payload(size, number));
          },
          [](const endpoint_pipe& tell, double seconds) {
            mq::context context;
            mq::pull in{context};
            in.bind("tcp://127.0.0.1:*");
            tell.put(in.last_endpoint());
            for (int i = 0; i < warm_up; ++i) static_cast<void>(in.receive());
            const auto start = clock_type::now();
            std::uint64_t count = 0;
            std::uint64_t bytes = 0;
            while ((count & 1023U) != 0 || seconds_since(start) < seconds) {
              bytes += in.receive()[0].size();
              ++count;
            }
            if (bytes == 0) std::abort();
            return static_cast<double>(count) / seconds_since(start);
          },
          [](const std::string& endpoint, int count) {
            mq::context context;
            mq::req out{context};
            out.connect(endpoint);
            std::vector<double> took;
            for (int i = 0; i < count; ++i) {
              const auto start = clock_type::now();
              out.send(payload(64, static_cast<std::uint64_t>(i)));
              static_cast<void>(out.receive());
              took.push_back(seconds_since(start) * 1e6);
            }
            return took;
          },
          [](const endpoint_pipe& tell) {
            mq::context context;
            mq::rep in{context};
            in.bind("tcp://127.0.0.1:*");
            tell.put(in.last_endpoint());
            for (;;) in.send(in.receive());
          }};
}

void check(bool ok) {
  if (!ok) {
    std::fprintf(stderr, "libzmq: %s\n", zmq_strerror(zmq_errno()));
    std::_Exit(1);
  }
}

void* zmq_bound(void* context, int type, const endpoint_pipe& tell) {
  void* socket = zmq_socket(context, type);
  check(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
  std::array<char, 256> endpoint{};
  std::size_t size = endpoint.size();
  check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint.data(), &size) == 0);
  tell.put(endpoint.data());
  return socket;
}

void* zmq_connected(void* context, int type, const std::string& endpoint) {
  void* socket = zmq_socket(context, type);
  check(zmq_connect(socket, endpoint.c_str()) == 0);
  return socket;
}

void zmq_send_payload(void* socket, std::size_t size, std::uint64_t number) {
  zmq_msg_t made;
  check(zmq_msg_init_size(&made, size) == 0);
  std::memset(zmq_msg_data(&made), 'x', size);
  std::memcpy(zmq_msg_data(&made), &number, std::min(size, sizeof number));
  check(zmq_msg_send(&made, socket, 0) >= 0);
}

std::size_t zmq_take(void* socket) {
  zmq_msg_t got;
  zmq_msg_init(&got);
  check(zmq_msg_recv(&got, socket, 0) >= 0);
  const std::size_t size = zmq_msg_size(&got);
  zmq_msg_close(&got);
  return size;
}

rival libzmq() {
  return {"libzmq",
          [](const std::string& endpoint, std::size_t size) {
            void* out = zmq_connected(zmq_ctx_new(), ZMQ_PUSH, endpoint);
            for (std::uint64_t number = 0;; ++number) zmq_send_payload(out, size, number);
          },
          [](const endpoint_pipe& tell, double seconds) {
            void* in = zmq_bound(zmq_ctx_new(), ZMQ_PULL, tell);
            for (int i = 0; i < warm_up; ++i) zmq_take(in);
            const auto start = clock_type::now();
            std::uint64_t count = 0;
            std::uint64_t bytes = 0;
            while ((count & 1023U) != 0 || seconds_since(start) < seconds) {
              bytes += zmq_take(in);
              ++count;
            }
            if (bytes == 0) std::abort();
            return static_cast<double>(count) / seconds_since(start);
          },
          [](const std::string& endpoint, int count) {
            void* out = zmq_connected(zmq_ctx_new(), ZMQ_REQ, endpoint);
            std::vector<double> took;
            for (int i = 0; i < count; ++i) {
              const auto start = clock_type::now();
              zmq_send_payload(out, 64, static_cast<std::uint64_t>(i));
              zmq_take(out);
              took.push_back(seconds_since(start) * 1e6);
            }
            return took;
          },
          [](const endpoint_pipe& tell) {
            void* in = zmq_bound(zmq_ctx_new(), ZMQ_REP, tell);
            for (std::uint64_t number = 0;; ++number) zmq_send_payload(in, zmq_take(in), number);
          }};
}

/// Runs `other` in a process of its own while this one measures in another; both end here.
double in_two_processes(const std::function<void(const endpoint_pipe&, int result)>& measuring,
                        const std::function<void(const endpoint_pipe&)>& other) {
  const endpoint_pipe tell;
  std::array<int, 2> result{};
  if (pipe(result.data()) != 0) std::abort();
  const pid_t measurer = fork();
  if (measurer == 0) {
    measuring(tell, result[1]);
    std::_Exit(0);
  }
  const pid_t partner = fork();
  if (partner == 0) {
    other(tell);
    std::_Exit(0);
  }
  double value = 0;
  close(result[1]);
  if (read(result[0], &value, sizeof value) != sizeof value) value = 0;
  for (const pid_t each : {measurer, partner}) {
    kill(each, SIGKILL);
    waitpid(each, nullptr, 0);
  }
  for (const int fd : {result[0], tell.ends[0], tell.ends[1]}) close(fd);
  return value;
}

void report(int fd, double value) {
  if (write(fd, &value, sizeof value) < 0) std::abort();
}

double throughput(const rival& who, std::size_t size, double seconds) {
  return in_two_processes([&](const endpoint_pipe& tell, int fd) { report(fd, who.pull(tell, seconds)); },
                          [&](const endpoint_pipe& tell) { who.push(tell.take(), size); });
}

double round_trip(const rival& who, int count) {
  return in_two_processes(
      [&](const endpoint_pipe& tell, int fd) {
        std::vector<double> took = who.ask(tell.take(), count);
        std::ranges::sort(took);
        report(fd, took[took.size() / 2]);
      },
      [&](const endpoint_pipe& tell) { who.answer(tell); });
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  const double seconds = argc > 2 ? std::atof(argv[2]) : 1.0;
  const std::array rivals{inline_monocoque(), threaded_monocoque(), libzmq()};
  std::printf("%-22s", "PUSH->PULL tcp, M/s");
  for (const rival& who : rivals) std::printf("%20s", who.name);
  std::printf("%20s\n", "ratios to libzmq");
  for (const std::size_t size : {16UL, 64UL, 256UL, 1024UL, 4096UL, 16'384UL}) {
    std::array<std::vector<double>, rivals.size()> rates;
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < rivals.size(); ++i)
        rates[i].push_back(throughput(rivals[i], size, seconds));
    }
    std::printf("%16zu bytes", size);
    for (const auto& each : rates) std::printf("%20.3f", median(each) / 1e6);
    std::printf("%12.1fx %6.1fx\n", median(rates[0]) / median(rates[2]), median(rates[1]) / median(rates[2]));
    std::fflush(stdout);
  }
  constexpr int questions = 5000;
  std::array<std::vector<double>, rivals.size()> trips;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < rivals.size(); ++i) trips[i].push_back(round_trip(rivals[i], questions));
  }
  std::printf("%-22s", "REQ<->REP 64 B p50, us");
  for (const auto& each : trips) std::printf("%20.1f", median(each));
  std::printf("%12.1fx %6.1fx\n", median(trips[2]) / median(trips[0]), median(trips[2]) / median(trips[1]));
}
