#include "rivals/rival.hpp"

#include "rivals/makers.hpp"
#include "rivals/zmq_library.hpp"

#include <atomic>
#include <sched.h>
#include <thread>
#include <unistd.h>

namespace bench {

std::string duty::endpoint_to_bind() const {
  static std::atomic<unsigned> made{0};
  if (what.transport == "tcp") return "tcp://127.0.0.1:*";
  // Abstract names and inproc names need nobody to clean up.
  const std::string unique = "monocoque-bench-" + std::to_string(getpid()) + "-" + std::to_string(made++);
  return what.transport + "://" + (what.transport == "ipc" ? "@" : "") + unique;
}

void pin_to_own_core(const duty& mine) {
  const unsigned cores = std::thread::hardware_concurrency();
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(mine.binds || cores < 2 ? 0U : 1U, &only);
  sched_setaffinity(0, sizeof only, &only);  // where it is refused, figures are worse and nothing else
}

std::vector<std::unique_ptr<rival>> all_rivals() {
  using monocoque::io_driver;
  using enum passing;
  std::vector<std::unique_ptr<rival>> all;
  all.push_back(make_inline_monocoque("inline-uring", io_driver::uring, waiting::asleep));
  all.push_back(make_inline_monocoque("inline-epoll", io_driver::epoll, waiting::asleep));
  all.push_back(make_threaded_monocoque("threaded-uring", io_driver::uring, waiting::asleep));
  all.push_back(make_threaded_monocoque("threaded-epoll", io_driver::epoll, waiting::asleep));
#ifdef BENCH_ZMQ_LIBRARY
  const auto on_ours = [&](const char* name, const char* driver, passing how) {
    all.push_back(make_zmq_program(name, {BENCH_ZMQ_LIBRARY, driver}, waiting::asleep, how));
  };
  on_ours("zmq.h-uring", "uring", messages);
  on_ours("zmq.h-epoll", "epoll", messages);
  on_ours("zmq.h-uring-buffers", "uring", buffers);
  on_ours("zmq.h-epoll-buffers", "epoll", buffers);
#endif
  all.push_back(make_zmq_program("libzmq", {system_libzmq}, waiting::asleep, messages));
  all.push_back(make_zmq_program("libzmq-buffers", {system_libzmq}, waiting::asleep, buffers));
  all.push_back(make_floor("floor", waiting::asleep));
  all.push_back(make_crypto("crypto"));
  all.push_back(make_inline_monocoque("inline-uring-spin", io_driver::uring, waiting::spinning));
  all.push_back(make_inline_monocoque("inline-epoll-spin", io_driver::epoll, waiting::spinning));
  all.push_back(make_threaded_monocoque("threaded-epoll-spin", io_driver::epoll, waiting::spinning));
  all.push_back(make_zmq_program("libzmq-spin", {system_libzmq}, waiting::spinning, messages));
  all.push_back(make_floor("floor-spin", waiting::spinning));
  return all;
}

}  // namespace bench
