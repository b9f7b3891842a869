#pragma once

#include "engine/context_core.hpp"
#include "io/thread_settings.hpp"

#include <zmq.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace monocoque::io {
class signal_poll;
}

namespace monocoque::capi {

class c_socket;

/// What `zmq_ctx_new` answers: a threaded context, whose loops begin with its first socket. Thread-safe.
class context {
 public:
  context() noexcept = default;
  ~context();
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  /// Null, with `errno` EFAULT, if that is none.
  [[nodiscard]] static context* in(void* handle) noexcept;

  /// zmq_ctx_set and zmq_ctx_get. Errors: EINVAL.
  int set(int option, int value);
  [[nodiscard]] int get(int option);
  /// zmq_ctx_set_ext and zmq_ctx_get_ext. Errors: EINVAL.
  int set(int option, const void* value, std::size_t size);
  int get(int option, void* into, std::size_t* size);

  /// A socket of this zmq.h type. Errors: EINVAL, EMFILE (MAX_SOCKETS), ETERM, ENOMEM, and those of the
  /// system when the loops cannot begin.
  [[nodiscard]] result<c_socket*> open(int type);
  /// One of its sockets is closed; its messages linger.
  void closed(std::shared_ptr<engine::socket_core> lingering) noexcept;

  /// Blocking calls fail with ETERM, now and from now on.
  void shut_down() noexcept;
  /// The same, then waits until all sockets are closed and done with lingering. Errors: EINTR.
  result<void> terminate();

 private:
  struct limits {
    int io_threads = ZMQ_IO_THREADS_DFLT;
    int max_sockets = ZMQ_MAX_SOCKETS_DFLT;
    int max_message_size = INT32_MAX;
    bool ipv6 = false;
    bool blocky = true;
    bool zero_copy = true;  // told who asks; received messages lie where they came in as it pays
    io::thread_settings threads{};
  };

  int set_threads(int option, int value);

  [[nodiscard]] result<void> begin();
  [[nodiscard]] bool all_closed();
  result<void> wait_for_sockets(io::signal_poll& poll);
  result<void> wait_for_lingering(io::signal_poll& poll);

  static constexpr std::uint32_t alive = 0xabadcafe;
  std::uint32_t tag_ = alive;
  std::mutex mutex_;
  limits settings_;
  std::shared_ptr<engine::context_core> core_;  // null before the first socket
  int open_sockets_ = 0;
  std::vector<std::shared_ptr<engine::socket_core>> lingering_;
  std::vector<io::signal_poll*> waiting_;  // for sockets to be closed
  bool shut_down_ = false;
};

}  // namespace monocoque::capi
