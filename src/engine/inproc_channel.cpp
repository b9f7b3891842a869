#include "engine/inproc_channel.hpp"

#include "engine/socket_core.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace monocoque::engine {
namespace {

std::uint64_t limit_of(int high_water_mark) noexcept {
  return high_water_mark <= 0 ? inproc_queue::unlimited : static_cast<std::uint64_t>(high_water_mark);
}

struct owed_call {
  std::shared_ptr<inproc_channel> channel;
  inproc_side callee;
};
struct call_list {
  std::vector<owed_call> calls;
  bool being_made = false;
};

// The pointer has no destructor, so that a socket which outlives its thread's other locals finds it in order.
constinit thread_local call_list* own_list = nullptr;

struct list_keeper {
  list_keeper() noexcept = default;
  list_keeper(const list_keeper&) = delete;
  list_keeper& operator=(const list_keeper&) = delete;
  ~list_keeper() { delete std::exchange(own_list, nullptr); }
  void attend() const noexcept {}
};
thread_local const list_keeper keeper;

call_list& list_of_this_thread() {
  if (own_list == nullptr) {
    keeper.attend();
    own_list = new call_list;
  }
  return *own_list;
}

}  // namespace

inproc_party inproc_party::of(socket_type type, const socket_options& options, const std::string& endpoint) {
  auto info = std::make_shared<peer_info>();
  info->address = endpoint;
  info->socket_type = name_of(type);
  info->metadata.insert(options.metadata.begin(), options.metadata.end());
  info->metadata.emplace("Socket-Type", info->socket_type);
  // Those that RFC 23 lets announce one.
  if (type == socket_type::req || type == socket_type::dealer || type == socket_type::router) {
    info->routing_id = options.routing_id;
    info->metadata.emplace("Identity", options.routing_id.str());
  }
  return {.type = type,
          .send_limit = limit_of(options.send_high_water_mark),
          .receive_limit = limit_of(options.receive_high_water_mark),
          .conflate = options.conflate,
          .info = std::move(info)};
}

std::uint64_t inproc_limit(const inproc_party& sender, const inproc_party& receiver) noexcept {
  if (sender.send_limit == inproc_queue::unlimited || receiver.receive_limit == inproc_queue::unlimited)
    return inproc_queue::unlimited;
  return sender.send_limit + receiver.receive_limit;
}

bool inproc_conflates(const inproc_party& sender, const inproc_party& receiver) noexcept {
  const bool subscribes = sender.type == socket_type::sub || sender.type == socket_type::xsub;
  return (sender.conflate || receiver.conflate) && !subscribes;
}

inproc_channel::inproc_channel(std::string endpoint, std::string name,
                               const std::shared_ptr<socket_core>& connecting, inproc_party party)
    : endpoint_(std::move(endpoint)), name_(std::move(name)), connector_(std::move(party)) {
  sockets_[index_of(inproc_side::connecting)] = connecting;
}

std::shared_ptr<socket_core> inproc_channel::socket_of(inproc_side side) {
  const std::lock_guard lock(mutex_);
  return sockets_.at(index_of(side)).lock();
}

void inproc_channel::answer(const std::shared_ptr<socket_core>& binding) {
  const std::lock_guard lock(mutex_);
  sockets_[index_of(inproc_side::binding)] = binding;
}

void inproc_channel::close(inproc_side side) noexcept {
  // Under the mutex: whoever answers later sees it, and whoever answered before is called.
  const std::lock_guard lock(mutex_);
  closed_.at(index_of(side)).store(true, std::memory_order_release);
}

void inproc_calls::owe(const inproc_end& caller) {
  list_of_this_thread().calls.push_back({caller.channel, other_of(caller.side)});
}

void inproc_calls::make() {
  call_list& list = list_of_this_thread();
  if (list.being_made) return;  // whoever makes calls makes these too
  list.being_made = true;
  for (std::size_t next = 0; next < list.calls.size(); ++next) {
    const owed_call call = std::move(list.calls[next]);
    if (const auto callee = call.channel->socket_of(call.callee)) callee->attend(*call.channel, call.callee);
  }
  list.calls.clear();
  list.being_made = false;
}

}  // namespace monocoque::engine
