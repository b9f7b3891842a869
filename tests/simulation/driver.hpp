#pragma once

#include "io/driver.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/node.hpp"

#include <cstddef>
#include <vector>

namespace monocoque::simulation {

class host;

/// The driver of a simulated host (design D12): the third one, in virtual time. As io_uring, it may carry out
/// an operation at any moment between its start and its completion, brings completions in any order, and a
/// cancel may come too late. Belongs to the loop of its host's context.
class driver final : public io::driver {
 public:
  driver(host& home, std::shared_ptr<base::slab_pool> slabs);
  ~driver() override;

  [[nodiscard]] io::driver_kind kind() const noexcept override { return io::driver_kind::epoll; }
  [[nodiscard]] io::time_point now() const noexcept override;
  void wait(io::time_point until) noexcept override;
  std::size_t deliver() noexcept override;
  [[nodiscard]] bool idle() const noexcept override { return started_.empty() && ready_.empty(); }
  void wake() noexcept override { woken_ = true; }
  [[nodiscard]] result<void> announce_to(int) override { return errc::not_supported; }

  void start(io::accept_operation& op) noexcept override;
  void start(io::connect_operation& op) noexcept override { begin(op); }
  void start(io::read_operation& op) noexcept override { begin(op); }
  void start(io::write_operation& op) noexcept override { begin(op); }
  void start(io::poll_operation& op) noexcept override { begin(op); }
  void cancel(io::operation& op) noexcept override;

  [[nodiscard]] io::write_outcome try_write(const io::descriptor& on,
                                            std::span<const iovec> parts) noexcept override;
  void shutdown_write(io::descriptor& on) noexcept override;
  void abandon(io::descriptor& on) noexcept override;
  void close(io::descriptor& on) noexcept override;

  // -- for the host and its nodes
  [[nodiscard]] bool has_nothing() const noexcept { return idle() && !woken_; }
  [[nodiscard]] time_point sleeps_until() const noexcept { return sleeps_until_; }
  void look_at(node& what);
  void finish_connect(node& on, int error);

 private:
  struct done {
    io::operation* op;
    int accepted = -1;
    int error = 0;
  };
  void begin(io::operation& op) noexcept;
  void begin_all();
  void submit(io::operation& op);
  void submit_connect(io::connect_operation& op);
  void finish(io::operation& op, int error);
  void add_ready(const done& what);
  void deliver(const done& what, std::size_t& count);
  void look_at_acceptor(node& what);
  void look_at_reader(node& what);
  void look_at_writer(node& what);
  void take_out(io::operation& op);

  host& home_;
  base::slab_writer received_;
  io::intrusive_list<io::operation> started_;
  std::vector<done> ready_;
  time_point sleeps_until_ = time_point::max();
  std::size_t held_back_ = 0;
  bool woken_ = false;
};

}  // namespace monocoque::simulation
