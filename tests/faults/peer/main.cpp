// A process to be killed: `faults_peer LIBRARY ROLE ENDPOINT [ENDPOINT] [NAME]`. It says "bound" once it is,
// if its role binds, and works until it is killed or its input ends.
//
//   source ENDPOINT NAME     PUSH, connects; numbered messages of NAME without end
//   worker FROM TO NAME      PULL and PUSH, connect; hands on what comes, with NAME in front
//   broker FRONT BACK        ROUTER and DEALER, bind; requests one way, replies the other
//   forwarder FRONT BACK     XSUB and XPUB, bind
//   crowd ENDPOINT COUNT     so many TCP connections that say nothing

#include "tests/faults/end.hpp"
#include "tests/faults/numbered.hpp"

#include <monocoque/monocoque.hpp>

#include <zmq.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <map>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace monocoque::test {
namespace {

constexpr std::chrono::seconds a_while{1};

struct order {
  library from;
  std::vector<std::string> words;  ///< after the role
};

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// So that nothing is left over when the test itself was killed.
void end_with_input() {
  std::thread([] {
    char nothing;
    while (::read(STDIN_FILENO, &nothing, 1) > 0) continue;
    ::_exit(0);
  }).detach();
}

void run_source(const order& what) {
  const auto out = end::make(what.from, socket_type::push);
  out->connect(what.words.at(0));
  for (std::uint64_t number = 0;; ++number) {
    const frames next = write({what.words.at(1), number});
    while (!out->send_for(next, a_while)) continue;
  }
}

void run_worker(const order& what) {
  const auto in = end::make(what.from, socket_type::pull);
  const auto out = end::make(what.from, socket_type::push);
  out->connect(what.words.at(1));
  in->connect(what.words.at(0));
  for (;;) {
    std::optional<frames> work = in->receive_for(a_while);
    if (!work) continue;
    static_cast<void>(read(*work));
    work->insert(work->begin(), what.words.at(2));
    while (!out->send_for(*work, a_while)) continue;
  }
}

template <class Front, class Back>
void run_our_proxy(const order& what) {
  context ctx;
  Front front(ctx);
  Back back(ctx);
  front.bind(what.words.at(0));
  back.bind(what.words.at(1));
  say("bound");
  proxy(front, back);
}

/// libzmq says that an address is in use for a while after the one who had it was killed.
void bind_their(void* socket, const std::string& endpoint) {
  while (zmq_bind(socket, endpoint.c_str()) != 0) {
    if (zmq_errno() != EADDRINUSE) throw std::runtime_error("libzmq: bind " + endpoint);
    std::this_thread::yield();
  }
}

void run_their_proxy(const order& what, int front_type, int back_type) {
  void* ctx = zmq_ctx_new();
  void* front = zmq_socket(ctx, front_type);
  void* back = zmq_socket(ctx, back_type);
  bind_their(front, what.words.at(0));
  bind_their(back, what.words.at(1));
  say("bound");
  zmq_proxy(front, back, nullptr);
}

void run_broker(const order& what) {
  if (what.from == library::libzmq) return run_their_proxy(what, ZMQ_ROUTER, ZMQ_DEALER);
  run_our_proxy<router, dealer>(what);
}

void run_forwarder(const order& what) {
  if (what.from == library::libzmq) return run_their_proxy(what, ZMQ_XSUB, ZMQ_XPUB);
  run_our_proxy<xsub, xpub>(what);
}

void run_crowd(const order& what) {
  const std::string& place = what.words.at(0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(place.substr(place.rfind(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (unsigned long left = std::stoul(what.words.at(1)); left > 0; --left) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("connect " + place);
    }
  }
  say("bound");
  for (;;) ::pause();
}

int run(const std::vector<std::string>& arguments) {
  const std::map<std::string, void (*)(const order&)> roles{{"source", run_source},
                                                            {"worker", run_worker},
                                                            {"broker", run_broker},
                                                            {"forwarder", run_forwarder},
                                                            {"crowd", run_crowd}};
  const order what{arguments.at(0) == "libzmq" ? library::libzmq : library::monocoque,
                   {arguments.begin() + 2, arguments.end()}};
  end_with_input();
  roles.at(arguments.at(1))(what);
  return 0;
}

}  // namespace
}  // namespace monocoque::test

int main(int count, char** words) {
  try {
    return monocoque::test::run({words + 1, words + count});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "faults_peer: %s\n", failure.what());
    return 1;
  }
}
