#pragma once

#include "rivals/rival.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace bench {

/// A stream socket, closed at the end. Throws std::system_error.
class plain_socket {
 public:
  explicit plain_socket(int fd) : fd_(fd) {}
  ~plain_socket();
  plain_socket(plain_socket&& other) noexcept;
  plain_socket& operator=(plain_socket&&) = delete;
  plain_socket(const plain_socket&) = delete;
  plain_socket& operator=(const plain_socket&) = delete;

  /// Connects to what a board announced: "tcp://127.0.0.1:PORT" or "ipc://@NAME".
  [[nodiscard]] static plain_socket connect(const std::string& endpoint);
  /// Listens as the duty says and announces where.
  [[nodiscard]] static plain_socket listen(const duty& mine);
  [[nodiscard]] plain_socket accept() const;

  void send(std::span<const std::byte> data) const;
  /// At least one byte, waiting for it; throws if the other side closed.
  [[nodiscard]] std::size_t receive(std::span<std::byte> into) const;
  /// As receive, asking again and again instead of sleeping.
  [[nodiscard]] std::size_t receive_spinning(std::span<std::byte> into) const;
  /// The connection is reset when it is closed, so that none is left in TIME_WAIT.
  void reset_on_close() const;

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// The connections of a duty: accepted, if it binds, or one that it made.
std::vector<plain_socket> connections_of(const duty& mine, unsigned count);

}  // namespace bench
