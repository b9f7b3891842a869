#pragma once

#include "engine/link.hpp"
#include "io/stream.hpp"
#include "transport/endpoint.hpp"
#include "transport/listener.hpp"
#include "transport/stream_options.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace monocoque::engine {

/// One bound endpoint: accepts connections and runs their links, which live on the context's loops in turn.
/// Belongs to its socket; lives on one loop's thread, and its pending operations keep it alive.
class listener final : public std::enable_shared_from_this<listener> {
 public:
  listener(std::shared_ptr<socket_core> socket, io::loop& loop, transport::endpoint where,
           transport::listening_socket listening);
  ~listener();

  [[nodiscard]] const std::string& endpoint() const noexcept { return where_.text; }
  [[nodiscard]] const std::string& last_endpoint() const noexcept { return last_endpoint_; }

  // -- any thread, with the socket's monitor held
  void begin();
  /// Accepts nothing, or goes on.
  void pause(bool pause);
  /// Stops accepting, then the socket is told listener_over. Its links are the socket's to close.
  void end();
  [[nodiscard]] bool ending() const noexcept { return ending_; }

 private:
  friend class socket_core;
  void stop() noexcept;
  void accept_unless_paused();
  void on_exhausted(int errno_value);
  void on_accept(io::acceptor::outcome& got) noexcept;
  void over() noexcept;
  void adopt(int fd);
  struct alarm : detail::timer {
    listener* owner = nullptr;
  };

  const std::shared_ptr<socket_core> socket_;
  io::loop& loop_;
  const transport::endpoint where_;
  transport::listening_socket listening_;
  const std::string last_endpoint_;
  const std::shared_ptr<const link::terms> terms_;
  std::optional<io::acceptor> acceptor_;
  bool ending_ = false;  // under the socket's monitor
  bool stopping_ = false;
  bool paused_ = false;
  bool exhausted_ = false;  // the system could not accept the last time
  alarm resume_alarm_;
  std::shared_ptr<listener> keep_;
};

}  // namespace monocoque::engine
