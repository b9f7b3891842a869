#pragma once

#include "tests/socket/support.hpp"

#include <monocoque/monocoque.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace monocoque::test {

enum class medium { tcp, ipc, inproc };

/// Does `step`, which may fail for want of memory, or be in vain because others failed; true if it went well.
/// Throws what says anything else.
template <class Step>
bool managed(Step step) {
  try {
    step();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  } catch (const exception& failure) {
    if (failure.code() != std::errc::not_enough_memory && failure.code() != errc::timed_out) throw;
    return false;
  }
}

/// Two or more sockets of one context that talk, some of the time without memory. Each step may fail then; it
/// is a test failure if what was done with memory does not work, or if what arrives is not what was sent.
class talk {
 public:
  virtual ~talk() = default;

  /// Makes and connects what is not there yet, as far as memory goes.
  virtual void arrange() = 0;
  /// Sends and receives, as far as memory goes.
  virtual void speak() = 0;
  /// Some steps towards a message that gets through; true if one has.
  virtual bool works() = 0;
  /// All sockets go.
  virtual void end() noexcept = 0;
  /// The first thing that was not as it ought to be; empty: nothing.
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

  talk(context& ctx, std::string endpoint) : ctx_(ctx), endpoint_(std::move(endpoint)) {}

 protected:
  [[nodiscard]] socket_options options() const {
    using std::chrono::milliseconds;
    return {
        .send_timeout = milliseconds(1), .linger = milliseconds(0), .reconnect_interval = milliseconds(1)};
  }
  /// In so few letters that it takes no memory.
  void complain(std::string_view what) noexcept {
    if (complaint_.empty()) complaint_.assign(what.substr(0, 15));
  }
  [[nodiscard]] bool is_inproc() const { return endpoint_.starts_with("inproc"); }

  /// Lets things happen.
  void turn();
  /// The next message, or none within a moment.
  template <class Socket>
  std::optional<message> next(Socket& from) {
    std::optional<message> got;
    managed([&] {
      turn();
      if (ctx_.is_inline()) {
        got = from.try_receive();
      } else {
        got = from.receive_for(std::chrono::milliseconds(1));
      }
    });
    if (got && !is_whole(*got)) complain("garbled");
    return got;
  }
  template <class Socket>
  bool give(Socket& to, message what) {
    bool sent = false;
    managed([&] { sent = to.try_send(what); });
    return sent;
  }
  /// A server and a client of the pair, with what may be left to be done.
  template <class Server, class Client>
  void pair_up(std::optional<Server>& server, std::optional<Client>& client,
               void (*adapt)(socket_options& of_client) = nullptr) {
    socket_options wanted = options();
    if (!server) managed([&] { server.emplace(ctx_, wanted); });
    if (server && !bound_) bound_ = managed([&] { server->bind(endpoint_); });
    if (adapt != nullptr) adapt(wanted);
    if (!client) managed([&] { client.emplace(ctx_, wanted); });
    // An inproc connection that is over does not come back by itself.
    if (client && connected_ && is_inproc() && client->peer_count() == 0) connected_ = false;
    if (bound_ && client && !connected_)
      connected_ = managed([&] { client->connect(server->last_endpoint()); });
  }
  void forget() noexcept { bound_ = connected_ = false; }

  static bool is_whole(const message& got);

  context& ctx_;
  const std::string endpoint_;
  bool bound_ = false;
  bool connected_ = false;

 private:
  std::string complaint_;
};

/// Sizes that are handled differently: in the message, in the segment, in memory of their own.
inline constexpr std::size_t spoken_sizes[] = {10, 300, 9'000, 200'000};
/// A frame of that size, all of one letter.
[[nodiscard]] std::string spoken(std::size_t size);
/// What `works` sends.
inline constexpr std::string_view sign = "sign";

enum class manner { push_pull, request_reply, publish, route, coroutines };
[[nodiscard]] std::unique_ptr<talk> make_talk(manner how, context& ctx, const std::string& endpoint);

}  // namespace monocoque::test
