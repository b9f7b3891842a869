#pragma once

#include "base/slab.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/node.hpp"
#include "transport/network.hpp"

#include <monocoque/context.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace monocoque::simulation {

class driver;
class world;

/// A machine of a simulated world: an address, descriptors, listening ports, and one inline context that runs
/// on all that. It is the network that its context sees.
class host final : public transport::network {
 public:
  host(world& in, std::string name, unsigned number, std::uint32_t address);
  ~host() override;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] unsigned number() const noexcept { return number_; }
  [[nodiscard]] std::uint32_t address() const noexcept { return address_; }
  [[nodiscard]] world& in() noexcept { return world_; }
  [[nodiscard]] monocoque::context& context() noexcept { return *context_; }
  [[nodiscard]] driver& active_driver() noexcept { return *driver_; }

  // -- for the world
  [[nodiscard]] bool runnable() const noexcept;
  void tick();
  void unsettle() noexcept { settled_ = false; }
  [[nodiscard]] bool is_ticked() const noexcept { return ticked_; }
  [[nodiscard]] bool has_nothing() const noexcept;
  [[nodiscard]] time_point sleeps_until() const noexcept;
  [[nodiscard]] std::uint64_t ticks_in_vain() const noexcept { return ticks_in_vain_; }
  /// Ends the context; complains of descriptors and slabs that are left over.
  void end();
  /// The process is gone, at this moment: whatever its context still does has no effect on anybody. Silently:
  /// the machine is off, and back at `until`; else the system closes what the process had open.
  void die(bool silently, time_point until);
  [[nodiscard]] bool is_dead() const noexcept { return dead_; }
  /// Nothing gets to it or away from it until then.
  void cut_off(time_point until);
  [[nodiscard]] bool is_cut_off() const noexcept;
  /// All its sockets have heartbeats, and have noticed a half-open connection after so long; 0: they have
  /// not.
  void expect_heartbeats(nanoseconds notices_within) noexcept { notices_within_ = notices_within; }
  [[nodiscard]] nanoseconds notices_within() const noexcept { return notices_within_; }

  // -- descriptors
  void limit_descriptors(std::size_t most) noexcept;
  [[nodiscard]] std::size_t descriptors() const noexcept { return nodes_.size(); }
  /// Null if there is none left.
  [[nodiscard]] std::shared_ptr<node> make_node();
  /// Gives a connection that was waiting its descriptor; false if there is none left.
  bool give_descriptor(const std::shared_ptr<node>& accepted);
  [[nodiscard]] node& at(int fd);
  void close(int fd) noexcept;
  [[nodiscard]] std::shared_ptr<node> find_listener(std::uint16_t port) const;
  /// Begins what `caller` has its operation and its target for; nobody answers after `until`.
  void connect(const std::shared_ptr<node>& caller, time_point until);

  // -- transport::network
  bool needs_lookup(const transport::endpoint& where) const noexcept override;
  result<std::vector<transport::socket_address>> resolve(const transport::endpoint& where,
                                                         transport::purpose wanted, bool ipv6) override;
  result<transport::listening_socket> listen_on(const transport::endpoint& where,
                                                const transport::socket_address& at,
                                                const transport::stream_options& options) override;
  result<transport::dialled> open_dialer(const transport::endpoint& where,
                                         const transport::socket_address& target,
                                         const transport::stream_options& options) override;
  bool is_self_connected(int fd) const noexcept override;
  result<void> prepare_accepted(int fd, const transport::stream_options& options) override;
  std::string local_endpoint(int fd) const override;
  std::string peer_endpoint(int fd, std::string_view unnamed) const override;
  std::size_t unacknowledged_bytes(int fd) const noexcept override;
  result<transport::peer_credentials> credentials_of_peer(int /*fd*/) const override {
    return errc::not_supported;
  }
  /// The number of the connection in the address of a peer, as `peer_endpoint` made it.
  [[nodiscard]] static std::uint64_t connection_of(const std::string& peer_address);
  transport::unique_fd own(int fd) noexcept override;

 private:
  friend class driver;
  void knock(const std::shared_ptr<node>& caller, time_point until);
  void answer_call(const std::shared_ptr<node>& caller, int error);
  void take_in(const std::shared_ptr<node>& caller, node& listening);
  [[nodiscard]] nanoseconds latency();

  world& world_;
  const std::string name_;
  const unsigned number_;
  const std::uint32_t address_;
  std::map<int, std::shared_ptr<node>> nodes_;
  std::size_t most_descriptors_ = SIZE_MAX;
  int last_fd_ = 0;
  std::uint16_t last_port_ = 49151;
  driver* driver_ = nullptr;  // belongs to the loop of the context
  std::shared_ptr<base::slab_pool> slabs_;
  std::unique_ptr<monocoque::context> context_;
  bool ticked_ = false;  // by the world, just now
  bool waits_ = false;   // in a blocking call
  bool settled_ = false;
  bool dead_ = false;
  time_point off_until_{};  // nobody answers at its address
  time_point cut_off_until_{};
  nanoseconds notices_within_{0};
  std::uint64_t ticks_in_vain_ = 0;
  std::uint64_t vain_since_ = 0;
};

[[nodiscard]] std::string dotted(std::uint32_t address);

}  // namespace monocoque::simulation
