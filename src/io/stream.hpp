#pragma once

#include "io/callback.hpp"
#include "io/loop.hpp"
#include "io/operation.hpp"

#include <cstddef>
#include <span>

namespace monocoque::io {

/// The reading half of a stream. At most one read at a time. Loop thread only. Nothing is delivered before
/// the call that starts a read has returned; the callback may start the next one, or destroy the stream.
class read_half {
 public:
  read_half(loop& owner, descriptor& on) noexcept : loop_(owner), operation_(*this, on) {}

  /// Reads what is there into slab memory of the loop, which is taken only when there is something (a
  /// provided-buffer ring with io_uring), so an idle connection holds no memory.
  void read_some(callback<read_outcome&> done);
  /// Reads at most `into.size()` bytes (at least one) into the caller's memory, which must stay put until
  /// completion.
  void read_into(std::span<std::byte> into, callback<read_outcome&> done);
  [[nodiscard]] bool pending() const noexcept { return operation_.pending(); }
  /// Makes a pending read complete soon, with ECANCELED unless it had completed already.
  void cancel() noexcept;

 private:
  struct own_operation : read_operation {
    own_operation(read_half& its_half, descriptor& its_descriptor) noexcept;
    read_half& half;
  };
  static void finished(operation& op) noexcept;
  void begin(operation::kind what, callback<read_outcome&> done);

  loop& loop_;
  own_operation operation_;
  callback<read_outcome&> done_;
};

/// The writing half. At most one write at a time.
class write_half {
 public:
  write_half(loop& owner, descriptor& on) noexcept : loop_(owner), operation_(*this, on) {}

  /// Starts a gather write of `parts` (one to 64 of them). The array and the memory it points to must stay
  /// put until completion. Loop thread only.
  void write(std::span<const iovec> parts, callback<write_outcome&> done);
  [[nodiscard]] bool pending() const noexcept { return operation_.pending(); }
  void cancel() noexcept;
  /// Writes what fits at once, on the calling thread, without blocking and without waiting for the driver.
  /// Any thread, if the caller makes sure that no write is pending, nobody else calls this and the stream is
  /// not closed meanwhile. EAGAIN shows as size 0 without error.
  [[nodiscard]] write_outcome try_write(std::span<const iovec> parts) noexcept;

 private:
  struct own_operation : write_operation {
    own_operation(write_half& its_half, descriptor& its_descriptor) noexcept;
    write_half& half;
  };
  static void finished(operation& op) noexcept;

  loop& loop_;
  own_operation operation_;
  callback<write_outcome&> done_;
};

/// A connected stream socket, non-blocking, owned. Loop thread only (but for try_write). Both halves must be
/// idle before it is destroyed: cancel, and wait for the completions. Destroyed before its loop.
class stream {
 public:
  stream(loop& owner, int fd) noexcept;
  ~stream();
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  [[nodiscard]] read_half& reader() noexcept { return reader_; }
  [[nodiscard]] write_half& writer() noexcept { return writer_; }
  [[nodiscard]] int fd() const noexcept { return descriptor_.fd; }
  /// No more will be written: the peer sees the end of the stream after what was written.
  void shutdown_write() noexcept;
  /// The peer seems to be gone: what was written and has not arrived there is not to arrive later, behind
  /// what goes over another connection.
  void abandon() noexcept;

 private:
  loop& loop_;
  descriptor descriptor_;
  read_half reader_;
  write_half writer_;
};

/// Accepts connections until it is stopped. Owns the listening descriptor, which must be non-blocking. Loop
/// thread only.
class acceptor {
 public:
  struct outcome {
    int error = 0;  ///< errno; ECANCELED once, as the last call, after stop()
    int fd = -1;    ///< a new connection, non-blocking and close-on-exec, owned by the callee
  };
  acceptor(loop& owner, int listening_fd) noexcept;
  ~acceptor();  ///< not while started and not yet stopped
  acceptor(const acceptor&) = delete;
  acceptor& operator=(const acceptor&) = delete;

  /// After an error other than ECANCELED (EMFILE, ...) it is paused; call `resume` later.
  void start(callback<outcome&> on_connection);
  /// Does nothing unless it is paused.
  void resume();
  /// The last call follows soon, also if it was paused; none if it was not started.
  void stop() noexcept;
  /// Started, and the call with ECANCELED has not come: true while it is paused, too.
  [[nodiscard]] bool pending() const noexcept { return static_cast<bool>(on_connection_); }

 private:
  struct own_operation : accept_operation {
    own_operation(acceptor& its_acceptor, descriptor& its_descriptor) noexcept;
    acceptor& owner;
  };
  static void finished(operation& op) noexcept;
  static void say_stopped(work& item) noexcept;
  void report(outcome what) noexcept;

  struct stop_work : work {
    explicit stop_work(acceptor& its_acceptor) noexcept : owner(its_acceptor) { run = &say_stopped; }
    acceptor& owner;
  };

  loop& loop_;
  descriptor descriptor_;
  own_operation operation_;
  stop_work stop_work_{*this};
  bool stopping_ = false;
  callback<outcome&> on_connection_;
};

/// One connect of a non-blocking socket at a time. Loop thread only. Does not own the descriptor, which must
/// stay open until completion.
class connector {
 public:
  explicit connector(loop& owner) noexcept : loop_(owner), operation_(*this) {}
  void start(int fd, const void* address, unsigned address_size, callback<int /*errno*/> done);
  void cancel() noexcept;
  [[nodiscard]] bool pending() const noexcept { return operation_.pending(); }

 private:
  struct own_operation : connect_operation {
    explicit own_operation(connector& its_connector) noexcept;
    connector& owner;
  };
  static void finished(operation& op) noexcept;

  loop& loop_;
  own_operation operation_;
  callback<int> done_;
};

/// Waits once for `events` (POLLIN, POLLOUT) of a descriptor that is not ours and must stay open until
/// completion. A descriptor that cannot be waited for because it never blocks (a regular file) is ready. Loop
/// thread only.
class fd_watch {
 public:
  struct outcome {
    int error = 0;
    short ready = 0;  ///< of `events`, and POLLERR, POLLHUP
  };
  explicit fd_watch(loop& owner) noexcept : loop_(owner), operation_(*this) {}
  void start(int fd, short events, callback<outcome&> done);
  void cancel() noexcept;
  [[nodiscard]] bool pending() const noexcept { return operation_.pending(); }

 private:
  struct own_operation : poll_operation {
    explicit own_operation(fd_watch& its_watch) noexcept;
    fd_watch& owner;
  };
  static void finished(operation& op) noexcept;

  loop& loop_;
  own_operation operation_;
  callback<outcome&> done_;
};

}  // namespace monocoque::io
