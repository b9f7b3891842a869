#pragma once

#include "engine/accept_filter.hpp"
#include "engine/link.hpp"
#include "io/kept_work.hpp"
#include "io/stream.hpp"
#include "transport/endpoint.hpp"
#include "transport/listener.hpp"
#include "transport/stream_options.hpp"
#include "transport/unique_fd.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace monocoque::engine {

/// One bound endpoint: accepts connections and runs their links, which live on the context's loops in turn.
/// Belongs to its socket; lives on one loop's thread, and its pending operations keep it alive. Accepting
/// pauses while there is no descriptor or no memory for another connection.
class listener final : public std::enable_shared_from_this<listener> {
 public:
  /// `options`: what it and all its links go by.
  listener(std::shared_ptr<socket_core> socket, std::shared_ptr<const socket_options> options, io::loop& loop,
           transport::endpoint where, transport::listening_socket listening);
  ~listener();

  [[nodiscard]] const std::string& endpoint() const noexcept { return where_.text; }
  [[nodiscard]] const std::string& last_endpoint() const noexcept { return last_endpoint_; }
  /// Its number, also when it is closed already.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const socket_options& options() const noexcept { return *terms_->of_socket; }

  // -- any thread, with the socket's monitor held
  void begin() noexcept;
  /// Accepts nothing, or goes on.
  void pause(bool pause) noexcept;
  /// Stops accepting, then the socket is told listener_over. Its links are the socket's to close.
  void end() noexcept;
  [[nodiscard]] bool ending() const noexcept { return wished_end_; }

 private:
  friend class socket_core;
  void on_wish() noexcept;
  void stop() noexcept;
  void accept_unless_paused() noexcept;
  void on_exhausted(int errno_value) noexcept;
  [[nodiscard]] event describe_exhaustion(int errno_value) const;
  void note_accepted() noexcept;
  void on_accept(io::acceptor::outcome& got) noexcept;
  void over() noexcept;
  [[nodiscard]] result<void> look_at(int accepted, const std::string& peer) const;
  [[nodiscard]] result<void> admit(int accepted, const std::string& peer);
  void adopt(transport::unique_fd accepted);
  struct alarm : detail::timer {
    listener* owner = nullptr;
  };

  const std::shared_ptr<socket_core> socket_;
  io::loop& loop_;
  const transport::endpoint where_;
  transport::listening_socket listening_;
  const std::string last_endpoint_;
  const int descriptor_;
  const std::shared_ptr<const link::terms> terms_;
  const accept_filter filter_;
  std::optional<io::acceptor> acceptor_;
  bool wished_pause_ = false;  // guarded by the monitor, as is the next
  bool wished_end_ = false;
  bool stopping_ = false;
  bool paused_ = false;
  std::optional<event> no_memory_;  // that event, made while there was some
  bool told_ =
      false;  // there was no descriptor, or no memory, for another connection, and an event has said so
  alarm resume_alarm_;
  io::kept_work wish_work_{io::bind_callback<&listener::on_wish>(this)};
  std::shared_ptr<listener> keep_;
};

}  // namespace monocoque::engine
