#pragma once

#include "io/posix_driver.hpp"

struct epoll_event;

namespace monocoque::io {

/// The driver for every Linux. A descriptor is watched for edges once its first attempt failed, and what the
/// events said is remembered, so that a read or write of a descriptor believed to be ready is tried at once,
/// and only one that would block is parked. Everything is tried in `wait`, in the order of starting and once
/// a tick, so busy connections take turns; what has finished waits in a list for `deliver`.
///
/// A read that comes back short is taken to have emptied the socket, as epoll(7) allows for streams: whatever
/// arrives after it makes a new edge, and an end of the stream that came before it was in the last event
/// (`hung_up`).
///
/// The read of a connection in the rhythm of requests and replies is `awaited` as well, one at a time:
/// whenever the loop looks without waiting, it is tried straight away, and only every now and then are events
/// asked for.
class epoll_driver final : public posix_driver {
 public:
  epoll_driver(int epoll_fd, int wake_fd, std::shared_ptr<base::slab_pool> slabs) noexcept
      : posix_driver(wake_fd, std::move(slabs)), epoll_fd_(epoll_fd) {}
  ~epoll_driver() override;
  [[nodiscard]] static result<std::unique_ptr<driver>> make(std::shared_ptr<base::slab_pool> slabs);

  [[nodiscard]] driver_kind kind() const noexcept override { return driver_kind::epoll; }
  void wait(time_point until) noexcept override;
  [[nodiscard]] bool interrupted() const noexcept override { return interrupted_; }
  std::size_t deliver() noexcept override;
  [[nodiscard]] bool idle() const noexcept override { return attempts_.empty() && completed_.empty(); }
  [[nodiscard]] result<void> announce_to(int epoll_fd) override { return add_to_epoll(epoll_fd, epoll_fd_); }

  void start(accept_operation& op) noexcept override;
  void start(connect_operation& op) noexcept override { enqueue(op); }
  void start(read_operation& op) noexcept override;
  void start(write_operation& op) noexcept override;
  void start(poll_operation& op) noexcept override { enqueue(op); }
  void cancel(operation& op) noexcept override;
  void close(descriptor& on) noexcept override;

 private:
  void enqueue(operation& op) noexcept;
  void finish(operation& op, int error) noexcept;
  void park_reader(operation& op, descriptor& on) noexcept;
  void park_reader(read_operation& op) noexcept;
  void await(read_operation& op) noexcept;
  void try_awaited() noexcept;
  void park_writer(operation& op, descriptor& on) noexcept;
  [[nodiscard]] int watch(descriptor& on, std::uint32_t events) noexcept;
  [[nodiscard]] int watch(operation& op, int fd, std::uint32_t events) noexcept;

  void attempt_all() noexcept;
  void attempt(operation& op) noexcept;
  void attempt_read(read_operation& op) noexcept;
  void attempt_write(write_operation& op) noexcept;
  void attempt_connect(connect_operation& op) noexcept;
  void attempt_poll(poll_operation& op) noexcept;
  void release_watch(poll_operation& op) noexcept;

  void collect_events(time_point until) noexcept;
  [[nodiscard]] int wait_for_events(epoll_event* events, int capacity, time_point until) noexcept;
  void on_event(descriptor& on, std::uint32_t events) noexcept;
  void on_event(operation& op, std::uint32_t events) noexcept;
  std::size_t accept_some(accept_operation& op) noexcept;

  const int epoll_fd_;
  intrusive_list<operation> attempts_;
  intrusive_list<operation> completed_;
  read_operation* awaited_ = nullptr;  // parked, and likely to have something soon
  time_point events_asked_for_{};      // while there is one
  int ticks_without_events_ = 0;
  bool interrupted_ = false;
  bool has_epoll_pwait2_ = true;
};

}  // namespace monocoque::io
