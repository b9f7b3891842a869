#pragma once

#include "tests/faults/end.hpp"
#include "tests/faults/numbered.hpp"
#include "tests/interop/convert.hpp"
#include "tests/network/bad_wire.hpp"
#include "tests/network/host.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace monocoque::test {

/// A socket of ours in a context of its own, and its events from the first on.
template <class Socket>
struct watched {
  explicit watched(const socket_options& options) : socket(ctx, options), events(socket.monitor()) {}

  context ctx;
  Socket socket;
  monitor events;
};

/// A client and a server, and what lies between them. The test is at the client's; servers bind there.
class two_hosts : public testing::Test {
 protected:
  static constexpr std::uint32_t seed = 1;

  void SetUp() override {
    if (const std::optional<std::string> obstacle = host::obstacle()) GTEST_SKIP() << *obstacle;
    client_.emplace("10.7.0.2");
    server_.emplace(server_address_);
    wire_.emplace(client_->wire(), server_->wire(), seed);
    here_.emplace(*client_);
  }

  [[nodiscard]] std::string server_endpoint() const { return "tcp://" + server_address_ + ":*"; }

  /// A socket at the server's that has bound.
  template <class Socket>
  [[nodiscard]] std::unique_ptr<watched<Socket>> there(const socket_options& options) const {
    const stay at(*server_);
    auto made = std::make_unique<watched<Socket>>(options);
    made->socket.bind(server_endpoint());
    return made;
  }
  /// A socket at the client's that connects to it.
  template <class Socket>
  [[nodiscard]] static std::unique_ptr<watched<Socket>> here(const socket_options& options,
                                                             const std::string& endpoint) {
    auto made = std::make_unique<watched<Socket>>(options);
    made->socket.connect(endpoint);
    return made;
  }

  const std::string server_address_ = "10.7.0.17";
  std::optional<host> client_, server_;
  std::optional<bad_wire> wire_;
  std::optional<stay> here_;
};

/// All of them at the same time, each on a thread of its own that starts where the caller is. What one throws
/// is a failure of the test.
inline void side_by_side(const std::vector<std::function<void()>>& works) {
  std::vector<std::jthread> threads;
  for (const std::function<void()>& work : works) {
    threads.emplace_back([&work] {
      try {
        work();
      } catch (const std::exception& failure) {
        ADD_FAILURE() << failure.what();
      }
    });
  }
}

}  // namespace monocoque::test
