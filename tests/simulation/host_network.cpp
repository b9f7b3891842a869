// What a host is to its context: a network, with descriptors.
#include "tests/simulation/driver.hpp"
#include "tests/simulation/host.hpp"
#include "tests/simulation/world.hpp"
#include "transport/resolve.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <utility>

namespace monocoque::simulation {

namespace {

// Far from the system's, so that none is ever taken for the other.
constexpr int descriptors_of_a_host = 1'000'000;
constexpr std::chrono::seconds knocks_again{1};

transport::socket_address internet_address(std::uint32_t address, std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(address);
  in.sin_port = htons(port);
  return {reinterpret_cast<const sockaddr*>(&in), sizeof in};
}

void close_simulated(int fd) noexcept {
  world::current().find_host(static_cast<unsigned>(fd / descriptors_of_a_host))->close(fd);
}

}  // namespace

// -- descriptors

void host::limit_descriptors(std::size_t most) noexcept { most_descriptors_ = most; }

bool host::give_descriptor(const std::shared_ptr<node>& accepted) {
  if (nodes_.size() >= most_descriptors_) return false;
  accepted->fd = static_cast<int>(number_) * descriptors_of_a_host + ++last_fd_;
  nodes_.emplace(accepted->fd, accepted);
  return true;
}

std::shared_ptr<node> host::make_node() {
  auto made = std::make_shared<node>(*this, -1);
  return give_descriptor(made) ? made : nullptr;
}

node& host::at(int fd) {
  const auto found = nodes_.find(fd);
  if (found == nodes_.end()) give_up("descriptor " + std::to_string(fd) + " of " + name_ + " is not open");
  return *found->second;
}

void host::close(int fd) noexcept {
  const auto found = nodes_.find(fd);
  if (found == nodes_.end()) give_up("closes descriptor " + std::to_string(fd) + " of " + name_ + " twice");
  const std::shared_ptr<node> closing = std::move(found->second);
  nodes_.erase(found);
  if (closing->acceptor != nullptr || closing->reader != nullptr || closing->writer != nullptr ||
      closing->connector != nullptr)
    give_up("closes a descriptor on which an operation is pending");
  closing->open = false;
  closing->port = 0;
  if (closing->line) closing->line->close(closing->end);
  for (const auto& each : std::exchange(closing->waiting, {})) each->line->close(each->end);
}

std::shared_ptr<node> host::find_listener(std::uint16_t port) const {
  if (dead_) return nullptr;
  for (const auto& [fd, each] : nodes_) {
    if (each->port == port) return each;
  }
  return nullptr;
}

void node::look_soon() {
  if (std::exchange(look_due_, true)) return;
  world& in = home->in();
  const nanoseconds delay = in.dice().happens(in.conditions().late_completions)
                                ? nanoseconds(in.dice().magnitude(2'000'000))
                                : nanoseconds(in.dice().below(5'000));
  in.after(delay, [self = shared_from_this()] { self->look(); });
}

void node::look() {
  look_due_ = false;
  if (open && fd >= 0) home->active_driver().look_at(*this);
}

// -- connecting: the caller knocks, and the other side takes it in or not

nanoseconds host::latency() {
  const weather& all = world_.conditions();
  return world_.dice().between(all.latency_least, all.latency_most);
}

void host::connect(const std::shared_ptr<node>& caller, time_point until) {
  chance& dice = world_.dice();
  world_.note("connects", number_);
  const bool rough = world_.is_rough();
  if (rough && dice.happens(world_.conditions().refused)) return answer_call(caller, ECONNREFUSED);
  if (rough && dice.happens(world_.conditions().unanswered)) {
    world_.at(until, [this, caller] { answer_call(caller, ETIMEDOUT); });
    return;
  }
  world_.after(latency(), [this, caller, until] { knock(caller, until); });
}

void host::knock(const std::shared_ptr<node>& caller, time_point until) {
  if (!caller->open || caller->connector == nullptr || dead_) return;
  const auto knock_later = [&] {
    if (world_.now() >= until) return answer_call(caller, ETIMEDOUT);
    world_.after(knocks_again, [this, caller, until] { knock(caller, until); });
  };
  host* const called = world_.find_host_at(caller->peer_address);
  if (called == nullptr) return answer_call(caller, EHOSTUNREACH);
  if (is_cut_off() || called->is_cut_off() || called->off_until_ > world_.now()) return knock_later();
  const std::shared_ptr<node> listening = called->find_listener(caller->peer_port);
  if (!listening) return answer_call(caller, ECONNREFUSED);
  if (listening->waiting.size() > listening->backlog) return knock_later();
  called->take_in(caller, *listening);
  answer_call(caller, 0);
}

void host::answer_call(const std::shared_ptr<node>& caller, int error) {
  world_.after(latency(), [caller, error] {
    if (!caller->open || caller->connector == nullptr) return;
    host& home = *caller->home;
    home.world_.note("connected", home.number_, static_cast<std::uint64_t>(error));
    home.driver_->finish_connect(*caller, error);
  });
}

void host::take_in(const std::shared_ptr<node>& caller, node& listening) {
  auto taken = std::make_shared<node>(*this, -1);
  taken->end = 1;
  taken->peer_address = caller->home->address();
  taken->peer_port = ++caller->home->last_port_;
  taken->connection = caller->connection = world_.note_connection(*caller->home, *this);
  taken->line = caller->line = std::make_shared<wire>(world_, *caller, *taken, taken->connection);
  taken->line->meet_fate();
  listening.waiting.push_back(std::move(taken));
  listening.look_soon();
}

// -- transport::network

bool host::needs_lookup(const transport::endpoint&) const noexcept { return false; }

result<std::vector<transport::socket_address>> host::resolve(const transport::endpoint& where,
                                                             transport::purpose wanted, bool ipv6) {
  if (!transport::needs_lookup(where)) return transport::resolve(where, wanted, ipv6);
  const host* const found = world_.find_host(std::string_view(where.address.host));
  if (found == nullptr)
    return error(errc::resolve_failed).with_detail("no such host").with_endpoint(where.text);
  return std::vector{internet_address(found->address(), where.address.port)};
}

result<transport::listening_socket> host::listen_on(const transport::endpoint& where,
                                                    const transport::socket_address& at,
                                                    const transport::stream_options& options) {
  const auto failed = [&](int reason) { return error::from_errno(reason, "bind").with_endpoint(where.text); };
  if (at.family() != AF_INET) return failed(EAFNOSUPPORT);
  const std::uint16_t port = at.port() != 0 ? at.port() : ++last_port_;
  if (find_listener(port)) return failed(EADDRINUSE);
  const std::shared_ptr<node> made = make_node();
  if (!made) return failed(EMFILE);
  made->port = port;
  made->backlog = static_cast<std::size_t>(options.backlog);
  return transport::listening_socket(own(made->fd), internet_address(address_, port).to_endpoint(), {});
}

result<transport::dialled> host::open_dialer(const transport::endpoint& where,
                                             const transport::socket_address& target,
                                             const transport::stream_options&) {
  const std::shared_ptr<node> made = make_node();
  if (!made) {
    world_.note("cannot connect", number_);
    return error::from_errno(EMFILE, "connect").with_endpoint(where.text);
  }
  return transport::dialled{own(made->fd), target};
}

bool host::is_self_connected(int) const noexcept { return false; }

result<void> host::prepare_accepted(int fd, const transport::stream_options&) {
  if (at(fd).line->is_lost() && world_.dice().happens(500)) return error::from_errno(EINVAL, "accept");
  return {};
}

std::string host::local_endpoint(int fd) const {
  const auto found = nodes_.find(fd);
  return found == nodes_.end() ? std::string()
                               : internet_address(address_, found->second->port).to_endpoint();
}

std::string host::peer_endpoint(int fd, std::string_view unnamed) const {
  const auto found = nodes_.find(fd);
  if (found == nodes_.end()) return std::string(unnamed);
  // With the number of the connection, which tells those between the same two hosts apart.
  return internet_address(found->second->peer_address, found->second->peer_port).to_endpoint() + "#" +
         std::to_string(found->second->connection);
}

std::uint64_t host::connection_of(const std::string& peer_address) {
  return std::stoull(peer_address.substr(peer_address.find('#') + 1));
}

std::size_t host::unacknowledged_bytes(int fd) const noexcept {
  const auto found = nodes_.find(fd);
  return found == nodes_.end() ? 0 : found->second->line->unacknowledged(found->second->end);
}

transport::unique_fd host::own(int fd) noexcept { return {fd, &close_simulated}; }

}  // namespace monocoque::simulation
