#include "capi/c_socket.hpp"

#include "capi/context.hpp"
#include "capi/error_numbers.hpp"
#include "capi/event_descriptor.hpp"
#include "capi/numbered_peers.hpp"

#include <array>
#include <cerrno>
#include <utility>

namespace monocoque::capi {
namespace {

/// The sockets that were closed last, so that whoever uses a handle after zmq_close is told so, which libzmq
/// does as long as the memory happens to be untouched. They hold nothing any more. Thread-safe.
class closed_sockets {
 public:
  void add(std::unique_ptr<c_socket> closed) noexcept {
    const std::lock_guard lock(mutex_);
    std::swap(kept_[next_], closed);  // what it held is destroyed
    next_ = (next_ + 1) % kept_.size();
  }

 private:
  std::mutex mutex_;
  std::array<std::unique_ptr<c_socket>, 256> kept_;
  std::size_t next_ = 0;
};

/// Never destroyed: programs close sockets while they end.
closed_sockets& closed_lately() {
  static auto* const all = new closed_sockets;
  return *all;
}

}  // namespace

c_socket::c_socket(context& owner, std::shared_ptr<engine::socket_core> core, settings chosen)
    : owner_(owner),
      core_(std::move(core)),
      type_(core_->type()),
      has_outgoing_(numbers_peers(type_) || type_ == socket_type::radio),
      settings_(std::move(chosen)) {}

c_socket::~c_socket() = default;

void c_socket::close() noexcept {
  tag_.store(closed, std::memory_order_relaxed);
  std::unique_ptr<c_socket> self(this);
  delete descriptor_.exchange(nullptr);
  core_->begin_close();
  core_->await_listeners_end();  // so that others may bind the same
  monitor_.reset();              // it goes on until the socket is over
  // What nobody can ask for any more. Messages may hold much.
  incoming_.clear();
  outgoing_.clear();
  owner_.closed(core_.let_go());
  closed_lately().add(std::move(self));
}

}  // namespace monocoque::capi

using monocoque::capi::c_socket;
using monocoque::capi::context;
using monocoque::capi::guard;

void* zmq_socket(void* handle, int type) {
  context* const owner = context::in(handle);
  if (owner == nullptr) return nullptr;
  return guard(static_cast<void*>(nullptr), [&]() -> void* {
    auto made = owner->open(type);
    if (made) return *made;
    monocoque::capi::fail(made.error());
    return nullptr;
  });
}

int zmq_close(void* handle) {
  c_socket* const closing = c_socket::in(handle);
  if (closing == nullptr) return -1;
  closing->close();
  return 0;
}
