#include "rivals/many_peers.hpp"

#include "rivals/frames.hpp"
#include "rivals/plain_socket.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

namespace bench {

namespace {

constexpr std::size_t greeting_size = 64;

void put(std::vector<std::byte>& into, std::string_view text) {
  const auto* const from = reinterpret_cast<const std::byte*>(text.data());
  into.insert(into.end(), from, from + text.size());
}

/// Our half of the handshake (RFC 37): greeting and READY.
std::vector<std::byte> opening() {
  using namespace std::string_view_literals;
  std::vector<std::byte> bytes;
  put(bytes, "\xff\0\0\0\0\0\0\0\1\x7f"sv);
  put(bytes, "\3\0NULL"sv);
  bytes.resize(greeting_size);
  std::vector<std::byte> ready;
  put(ready, "\5READY\13Socket-Type\0\0\0\4PUSH"sv);
  bytes.push_back(command_flag);
  bytes.push_back(static_cast<std::byte>(ready.size()));
  bytes.insert(bytes.end(), ready.begin(), ready.end());
  return bytes;
}

/// Reads the other half: greeting and one short command.
void take_opening(const plain_socket& from) {
  std::array<std::byte, greeting_size + 2 + 255> bytes{};
  std::size_t wanted = greeting_size + 2;
  for (std::size_t got = 0; got < wanted;) {
    got += from.receive(std::span(bytes).subspan(got, wanted - got));
    if (got >= greeting_size + 2)
      wanted = greeting_size + 2 + static_cast<std::size_t>(bytes[greeting_size + 1]);
  }
}

}  // namespace

void be_many_peers(const duty& mine) {
  constexpr std::size_t at_once = 50;  // fewer than anybody's backlog
  const std::vector<std::byte> hello = opening();
  std::vector<plain_socket> peers;
  while (peers.size() < mine.what.senders) {
    const std::size_t from = peers.size();
    const std::size_t to = std::min<std::size_t>(from + at_once, mine.what.senders);
    while (peers.size() < to) {
      peers.push_back(plain_socket::connect(mine.endpoint()));
      peers.back().reset_on_close();
      peers.back().send(hello);
    }
    for (std::size_t i = from; i < to; ++i) take_opening(peers[i]);
    mine.mine.ready.add(to - from);
  }
  while (!mine.shared.subscribed) std::this_thread::sleep_for(std::chrono::milliseconds(1));

  // A write of each busy one carries this many messages.
  const std::size_t burst = std::max<std::size_t>(1, 4096 / mine.what.size);
  std::vector<frame_writer> busy;
  for (std::size_t i = 0; i < peers.size(); i += 100) busy.emplace_back(std::span(&peers[i], 1), mine);
  for (std::uint64_t number = 0;;) {
    for (frame_writer& each : busy) {
      for (std::size_t i = 0; i < burst; ++i) each.put(number++);
      each.flush();
    }
  }
}

}  // namespace bench
