#pragma once

#include "engine/link.hpp"
#include "io/kept_work.hpp"
#include "io/stream.hpp"
#include "transport/address.hpp"
#include "transport/dialer.hpp"
#include "transport/endpoint.hpp"
#include "transport/socks_session.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace monocoque::engine {

/// One connected endpoint: resolves, connects, maybe through a proxy, runs a link, and does it all again
/// after a while when that is over, until it is stopped. Belongs to its socket; lives on one loop's thread,
/// and its pending operations keep it alive.
class dialer final : public link_owner, public std::enable_shared_from_this<dialer> {
 public:
  /// `options`: what it goes by, from the first attempt to the last. `kept`: the pipe that outlives the
  /// connections, or null.
  dialer(std::shared_ptr<socket_core> socket, std::shared_ptr<const socket_options> options, io::loop& loop,
         transport::endpoint where, std::shared_ptr<pipe> kept, bytes routing_id);
  ~dialer();

  [[nodiscard]] const std::string& endpoint() const noexcept { return where_.text; }
  [[nodiscard]] const transport::endpoint& where() const noexcept { return where_; }

  /// Why it has given up, if nobody asked for that.
  [[nodiscard]] const error& why_over() const noexcept { return why_over_; }
  [[nodiscard]] const std::shared_ptr<pipe>& kept() const noexcept { return kept_; }

  // -- any thread, with the socket's monitor held
  /// True if that is its kept pipe, or the one that its connection has made.
  [[nodiscard]] bool serves(const pipe& one) const noexcept {
    return kept_.get() == &one || (one.link != nullptr && &one.link->options() == terms_.get());
  }
  [[nodiscard]] bool ending() const noexcept { return ending_; }
  /// Begins; once.
  void begin() noexcept;
  /// Ends: what is queued is sent until `linger_deadline` (min(): dropped), then the socket is told
  /// dialer_over.
  void end(std::chrono::steady_clock::time_point linger_deadline) noexcept;

 private:
  [[nodiscard]] error failure(int errno_value) const;
  template <class Step>
  void with_memory_or_later(Step step) noexcept;
  void on_wish() noexcept;
  void attempt() noexcept;
  void look_up();
  void on_found() noexcept;
  void use_addresses();
  void try_next_address(const error& last);
  void on_connect(int errno_value) noexcept;
  void after_connect(int errno_value);
  void begin_with_proxy();
  void talk_to_proxy();
  void on_proxy(io::fd_watch::outcome& got) noexcept;
  void fail_at_proxy(error reason);
  void established();
  void retry(const error& reason, bool stops = false) noexcept;
  void on_alarm() noexcept;
  void stop(std::chrono::steady_clock::time_point linger_deadline) noexcept;
  void give_up() noexcept;
  void finish_if_idle() noexcept;
  void on_link_ready() noexcept override;
  void on_link_over(const error& reason) noexcept override;
  [[nodiscard]] std::chrono::milliseconds next_delay(const error& reason) noexcept;
  [[nodiscard]] std::chrono::milliseconds with_random_part(std::chrono::milliseconds wait) noexcept;

  enum class state : std::uint8_t { idle, resolving, connecting, proxying, linked, waiting, given_up, over };
  struct alarm : detail::timer {
    dialer* owner = nullptr;
  };

  const std::shared_ptr<socket_core> socket_;
  const std::shared_ptr<const socket_options> options_;
  io::loop& loop_;
  const transport::endpoint where_;
  const std::unique_ptr<const transport::endpoint> proxy_;
  const transport::endpoint& first_hop_;  // the proxy, or where we want to get
  const std::shared_ptr<pipe> kept_;
  const std::shared_ptr<const link::terms> terms_;
  io::connector connector_;
  io::fd_watch proxy_watch_;
  std::unique_ptr<transport::socks_session> session_;  // with the proxy
  transport::unique_fd connecting_;
  std::optional<result<std::vector<transport::socket_address>>> found_;  // by whoever looked the name up
  std::vector<transport::socket_address> addresses_;
  std::size_t next_address_ = 0;
  std::shared_ptr<link> link_;
  state state_ = state::idle;
  bool ending_ = false;  // guarded by the monitor, as is the next
  std::chrono::steady_clock::time_point wished_end_{};
  bool stopping_ = false;
  bool was_ready_ = false;       // a handshake was done once
  bool link_was_ready_ = false;  // that of this connection
  bool all_refused_ = true;      // in this attempt
  error why_over_;
  std::chrono::milliseconds backoff_{0};         // 0: the first retry comes after the plain interval
  std::chrono::milliseconds denied_backoff_{0};  // the same after the peer did not let us in
  std::minstd_rand jitter_;
  std::chrono::steady_clock::time_point linger_deadline_ = std::chrono::steady_clock::time_point::max();
  alarm alarm_;  // end of an attempt, or the next one
  alarm linger_alarm_;
  io::kept_work wish_work_{io::bind_callback<&dialer::on_wish>(this)};
  io::kept_work found_work_{io::bind_callback<&dialer::on_found>(this)};
  std::shared_ptr<dialer> keep_;  // from begin to over
};

}  // namespace monocoque::engine
