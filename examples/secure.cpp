// CURVE: a server that lets in whom it knows, and tells who it is that talks. Everything is encrypted. The
// keys would be in files that `monocoque keygen` makes, and known_clients a key_directory (docs/security.md).

#include <monocoque/monocoque.hpp>

#include <chrono>
#include <iostream>
#include <map>
#include <string>

namespace mq = monocoque;
using namespace std::chrono_literals;

namespace {

mq::authenticator known_clients(std::map<std::string, std::string> names_by_key) {
  return [names = std::move(names_by_key)](const mq::auth_request& peer) {
    const auto found = names.find(peer.public_key.z85());
    return found != names.end() ? mq::auth_verdict::allow(found->second)
                                : mq::auth_verdict::deny("unknown key");
  };
}

}  // namespace

int main() {
  if (!mq::has_curve()) {
    std::cout << "built without CURVE\n";
    return 0;
  }
  const mq::curve_keypair server_keys = mq::curve_keypair::generate();
  const mq::curve_keypair joes_keys = mq::curve_keypair::generate();

  mq::context ctx;
  mq::pull server{ctx,
                  {.security = mq::curve_server{server_keys},
                   .authenticate = known_clients({{joes_keys.public_key.z85(), "joe"}})}};
  server.bind("tcp://127.0.0.1:0");

  // A client needs the server's public key, and so cannot be had by another one. This one has keys that the
  // server knows.
  mq::push joe{ctx, {.security = mq::curve_client{.server = server_keys.public_key, .keys = joes_keys}}};
  joe.connect(server.last_endpoint());
  joe.send("hello");
  const mq::message got = server.receive();
  std::cout << got.peer()->user_id << " says " << got.view() << " over " << got.peer()->mechanism << '\n';

  // This one draws keys of its own, and is told that it may not come in.
  mq::push stranger{ctx, {.linger = 0ms, .security = mq::curve_client{.server = server_keys.public_key}}};
  mq::monitor events = stranger.monitor();
  stranger.connect(server.last_endpoint());
  for (;;) {
    const mq::event next = events.receive();
    if (next.kind != mq::event_kind::handshake_failed) continue;
    std::cout << "a stranger: " << next.reason.detail() << '\n';
    break;
  }
}
