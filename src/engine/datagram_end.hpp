#pragma once

#include "base/slab.hpp"
#include "io/datagrams.hpp"
#include "io/kept_work.hpp"
#include "transport/datagrams.hpp"
#include "transport/endpoint.hpp"

#include <monocoque/bytes.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace monocoque::engine {

class socket_core;
struct pipe;

/// One udp endpoint, bound (DISH, DGRAM) or connected (RADIO): a socket for datagrams, and the pipe of the
/// one peer that it is to the pattern. There is no handshake and no connection to lose.
///
/// What is sent goes out on the thread that sends it, a datagram a system call, as long as the system takes
/// it; then it waits in the pipe, and the loop goes on. What comes in is read on the loop, so much at a time
/// that others get their turn, and dropped where there is no room for it. A datagram that makes no sense is
/// counted, and nothing else comes of it.
///
/// Belongs to its socket; lives on one loop's thread, and what it waits for keeps it alive.
class datagram_end final : public std::enable_shared_from_this<datagram_end> {
 public:
  datagram_end(std::shared_ptr<socket_core> socket, io::loop& loop, transport::endpoint where,
               transport::datagram_socket opened, std::shared_ptr<pipe> peer);
  ~datagram_end();

  [[nodiscard]] const std::string& endpoint() const noexcept { return where_.text; }
  [[nodiscard]] const std::string& last_endpoint() const noexcept { return last_endpoint_; }
  [[nodiscard]] const std::shared_ptr<pipe>& peer() const noexcept { return peer_; }
  /// Its number, also when it is closed already.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_bound() const noexcept { return sends_to_.size() == 0; }

  // -- any thread, with the socket's monitor held
  void begin() noexcept;
  /// Something was appended to the pipe.
  void on_queued() noexcept;
  /// Receives nothing more; what waits still goes out until then, or is dropped. Then the socket is told
  /// datagrams_over.
  void end(std::chrono::steady_clock::time_point deadline) noexcept;
  [[nodiscard]] bool ending() const noexcept { return wished_end_; }

 private:
  struct own_alarm : detail::timer {
    datagram_end* owner = nullptr;
  };
  enum class sent : std::uint8_t { one, none_now };

  // with the monitor held
  void write_some() noexcept;
  [[nodiscard]] sent write_next() noexcept;
  [[nodiscard]] int send(std::span<const std::byte> message) noexcept;
  // loop thread
  void go_on() noexcept;
  void try_again_later() noexcept;
  void finish_if_idle() noexcept;
  void on_readable(io::fd_watch::outcome& ready) noexcept;
  void on_writable(io::fd_watch::outcome& ready) noexcept;
  void read_some() noexcept;
  [[nodiscard]] bytes as_message(const io::datagrams::received& got);
  [[nodiscard]] bytes message_of(std::string_view first, std::span<const std::byte> payload);

  const std::shared_ptr<socket_core> socket_;
  io::loop& loop_;
  const transport::endpoint where_;
  const std::string last_endpoint_;
  const transport::socket_address sends_to_;  // of a RADIO; else each message says
  const int descriptor_;
  const int family_;
  const std::shared_ptr<pipe> peer_;
  std::optional<io::datagrams> io_;  // until the end
  base::slab_writer received_;
  std::unique_ptr<std::byte[]> datagram_;  // the one that comes in
  own_alarm alarm_;                        // to try again, or the end of the linger time
  bool stopping_ = false;
  std::shared_ptr<datagram_end> keep_;  // from begin to the end

  // Guarded by the monitor.
  bool waits_to_write_ = false;  // the loop goes on with what is queued
  bool wished_end_ = false;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  io::kept_work wish_work_{io::bind_callback<&datagram_end::go_on>(this)};
};

}  // namespace monocoque::engine
