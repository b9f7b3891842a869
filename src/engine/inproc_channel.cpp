#include "engine/inproc_channel.hpp"

#include "engine/socket_core.hpp"

#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

std::uint64_t limit_of(int high_water_mark) noexcept {
  return high_water_mark <= 0 ? inproc_queue::unlimited : static_cast<std::uint64_t>(high_water_mark);
}

struct call_list {
  inproc_call* first = nullptr;
  inproc_call* last = nullptr;
  bool being_made = false;
};

// Without a destructor, so that a socket which outlives its thread's other locals finds it in order.
constinit thread_local call_list own_list;

}  // namespace

inproc_marks inproc_marks::of(const socket_options& options) noexcept {
  return {.send = limit_of(options.send_high_water_mark),
          .receive = limit_of(options.receive_high_water_mark)};
}

inproc_party inproc_party::of(socket_type type, inproc_marks marks, const socket_options& options,
                              const std::string& endpoint) {
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
  return {.type = type, .marks = marks, .conflate = options.conflate, .info = std::move(info)};
}

bool inproc_conflates(const inproc_party& sender, const inproc_party& receiver) noexcept {
  const bool subscribes = sender.type == socket_type::sub || sender.type == socket_type::xsub;
  return (sender.conflate || receiver.conflate) && !subscribes;
}

inproc_channel::inproc_channel(std::string endpoint, std::string name,
                               const std::shared_ptr<socket_core>& connecting, inproc_party party)
    : endpoint_(std::move(endpoint)),
      name_(std::move(name)),
      connector_(std::move(party)),
      marks_{connector_.marks, inproc_marks{}} {
  renew_limit(inproc_side::connecting);
  sockets_[index_of(inproc_side::connecting)] = connecting;
  calls_[index_of(inproc_side::binding)].callee = inproc_side::binding;
}

std::shared_ptr<socket_core> inproc_channel::socket_of(inproc_side side) {
  const std::lock_guard lock(mutex_);
  return sockets_.at(index_of(side)).lock();
}

void inproc_channel::answer(const std::shared_ptr<socket_core>& binding, const inproc_party& party) {
  const std::lock_guard lock(mutex_);
  sockets_[index_of(inproc_side::binding)] = binding;
  marks_[index_of(inproc_side::binding)] = party.marks;
  conflates_[index_of(inproc_side::connecting)] = inproc_conflates(connector_, party);
  conflates_[index_of(inproc_side::binding)] = inproc_conflates(party, connector_);
  answered_ = true;
  renew_limit(inproc_side::connecting);
  renew_limit(inproc_side::binding);
}

void inproc_channel::set_marks(inproc_side side, inproc_marks marks) noexcept {
  const std::lock_guard lock(mutex_);
  marks_.at(index_of(side)) = marks;
  renew_limit(side);
  if (!answered_) return;
  renew_limit(other_of(side));
  other_limit_.at(index_of(other_of(side))).store(true, std::memory_order_relaxed);
}

/// Of what that side sends. Before the other side is there, its own mark alone counts.
void inproc_channel::renew_limit(inproc_side sender) noexcept {
  const std::uint64_t send = marks_.at(index_of(sender)).send;
  const std::uint64_t receive = answered_ ? marks_.at(index_of(other_of(sender))).receive : 0;
  const bool unlimited = conflates_.at(index_of(sender)) || send == inproc_queue::unlimited ||
                         receive == inproc_queue::unlimited;
  sent_by(sender).set_limit(unlimited ? inproc_queue::unlimited : send + receive);
}

void inproc_channel::close(inproc_side side) noexcept {
  // Under the mutex: whoever answers later sees it, and whoever answered before is called.
  const std::lock_guard lock(mutex_);
  closed_.at(index_of(side)).store(true, std::memory_order_release);
}

void inproc_calls::owe(const inproc_end& caller) noexcept {
  inproc_call& call = caller.channel->call_to(other_of(caller.side));
  if (call.owed.exchange(true, std::memory_order_acq_rel)) return;
  call.channel = caller.channel;
  call.next = nullptr;
  call_list& list = own_list;
  (list.first != nullptr ? list.last->next : list.first) = &call;
  list.last = &call;
}

void inproc_calls::make() noexcept {
  call_list& list = own_list;
  if (list.being_made) return;  // whoever makes calls makes these too
  list.being_made = true;
  while (list.first != nullptr) {
    inproc_call& call = *std::exchange(list.first, list.first->next);
    const std::shared_ptr<inproc_channel> channel = std::move(call.channel);
    const inproc_side side = call.callee;
    // From here on another thread may owe it anew: what it did before is seen by this call or by the next.
    call.owed.exchange(false, std::memory_order_acq_rel);
    if (const auto callee = channel->socket_of(side)) callee->attend(*channel, side);
  }
  list.being_made = false;
}

}  // namespace monocoque::engine
