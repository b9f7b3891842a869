#pragma once

#include <monocoque/security.hpp>
#include <monocoque/socket_type.hpp>

#include <zmq.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque::test {

using frames = std::vector<std::string>;

/// One end of a conversation that is not Monocoque's. Failures throw. One thread at a time.
class foreign_peer {
 public:
  virtual ~foreign_peer() = default;
  /// Before bind and connect; by name: "routing_id", "probe_router", ...
  virtual void set(std::string_view option, std::string_view value) = 0;
  /// The same: what it is itself, client or server. libzmq's PLAIN servers need a ZAP handler.
  virtual void secure(const security_mechanism& how) = 0;
  virtual std::string bind(const std::string& endpoint) = 0;  ///< answers the resolved endpoint
  virtual void connect(const std::string& endpoint) = 0;
  virtual void subscribe(const std::string& topic) = 0;  ///< SUB and XSUB
  virtual void send(const frames& message) = 0;
  [[nodiscard]] virtual frames receive() = 0;  ///< throws if nothing comes in good time
};

/// A libzmq context of its own, so that its end waits for its own sockets only.
class zmq_context {
 public:
  zmq_context();
  ~zmq_context();
  zmq_context(const zmq_context&) = delete;
  zmq_context& operator=(const zmq_context&) = delete;
  [[nodiscard]] void* raw() const noexcept { return raw_; }

 private:
  void* raw_;
};

/// libzmq in this process, through its C API.
class zmq_peer final : public foreign_peer {
 public:
  zmq_peer(const zmq_context& owner, socket_type type);
  ~zmq_peer() override;
  zmq_peer(zmq_peer&& other) noexcept;
  zmq_peer(const zmq_peer&) = delete;
  zmq_peer& operator=(const zmq_peer&) = delete;

  void set(std::string_view option, std::string_view value) override;
  void set(int option, int value);
  void set(int option, std::string_view value);
  void secure(const security_mechanism& how) override;
  std::string bind(const std::string& endpoint) override;
  void connect(const std::string& endpoint) override;
  void subscribe(const std::string& topic) override;
  void send(const frames& message) override;
  [[nodiscard]] frames receive() override;

  [[nodiscard]] bool try_send(const frames& message);
  [[nodiscard]] std::optional<frames> receive_for(std::chrono::milliseconds timeout);
  /// Of the peer that the last received message came from, as zmq_msg_gets has it; none: no such property.
  [[nodiscard]] std::optional<std::string> property(const std::string& name) const;
  void close();

  [[nodiscard]] void* raw() const noexcept { return raw_; }

 private:
  bool send_parts(const frames& message, int flags);

  socket_type type_;
  void* raw_;
  zmq_msg_t last_;  // the last frame that was received
};

/// pyzmq in a process of its own, driven by lines of text (see peer.py).
class python_peer final : public foreign_peer {
 public:
  explicit python_peer(socket_type type);
  ~python_peer() override;
  python_peer(const python_peer&) = delete;
  python_peer& operator=(const python_peer&) = delete;

  void set(std::string_view option, std::string_view value) override;
  void secure(const security_mechanism& how) override;
  std::string bind(const std::string& endpoint) override;
  void connect(const std::string& endpoint) override;
  void subscribe(const std::string& topic) override;
  void send(const frames& message) override;
  [[nodiscard]] frames receive() override;

  /// What only this peer can: a command of peer.py, and what it answers.
  std::vector<std::string> tell(std::string_view command, const std::vector<std::string>& words = {});

 private:
  std::vector<std::string> ask(const std::string& line);

  int process_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace monocoque::test
