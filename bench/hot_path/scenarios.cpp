#include "hot_path/scenario.hpp"

#include <monocoque/monocoque.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

namespace hot_path {

namespace {

namespace mq = monocoque;

mq::context_options epoll() {
  mq::context_options options;
  options.driver = mq::io_driver::epoll;  // valgrind does not know all of io_uring
  return options;
}

std::string fresh_endpoint() {
  static int made = 0;
  return "ipc://@monocoque-hot-path-" + std::to_string(getpid()) + "-" + std::to_string(made++);
}

/// Payloads on the stack begin at one, so that filling and copying them takes the same way wherever the stack
/// begins.
constexpr std::size_t cache_line = 64;

/// From here on a payload is made once and shared, so that what is counted is not the filling of it.
constexpr std::size_t shared_from = 2048;

/// A payload made afresh, for messages of one frame, which are sent from the caller's memory.
class scratch {
 public:
  std::span<const std::byte> fill(const description& what, int number) {
    std::memset(memory_.data(), number, what.size);
    return {memory_.data(), what.size};
  }

 private:
  alignas(cache_line) std::array<std::byte, shared_from> memory_;  // filled as far as it is used
};

bool is_sent_from_memory(const description& what) { return what.frames == 1 && what.size < shared_from; }

mq::message make_message(const description& what, int number) {
  if (what.size >= shared_from) {
    static const mq::bytes payload = mq::bytes::adopt(std::string(what.size, 'x'));
    return payload;
  }
  alignas(cache_line) std::array<std::byte, shared_from> payload;  // NOLINT: filled as far as it is used
  std::memset(payload.data(), number, what.size);
  std::span<const std::byte> left(payload.data(), what.size);
  const auto frame = [&](int frames_left) {
    const std::size_t size = left.size() / static_cast<std::size_t>(frames_left);
    mq::bytes made = mq::bytes::copy(left.first(size));
    left = left.subspan(size);
    return made;
  };
  mq::message made(frame(what.frames));
  for (int more = what.frames - 1; more > 0; --more) made.push_back(frame(more));
  return made;
}

void check(const description& what, const mq::message& got) {
  if (got.byte_count() != what.size) std::abort();
}

template <class Socket>
void send_one(Socket& out, const description& what, int number) {
  if (!is_sent_from_memory(what)) return out.send(make_message(what, number));
  scratch payload;
  out.send(payload.fill(what, number));
}

/// Two contexts of one thread.
struct contexts {
  mq::context here{mq::inline_loop, epoll()};   // receives
  mq::context there{mq::inline_loop, epoll()};  // sends

  template <class Done>
  void poll_until(Done done) {
    while (!done()) {
      there.poll();
      here.poll();
    }
  }
};

/// PUSH to PULL.
class stream : public scenario {
 public:
  explicit stream(const description& what) : what_(what) {
    in_.bind(fresh_endpoint());
    out_.connect(in_.last_endpoint());
    on_.poll_until([&] { return out_.peer_count() == 1 && in_.peer_count() == 1; });
  }

 protected:
  const description what_;
  contexts on_;
  mq::pull in_{on_.here};
  mq::push out_{on_.there};
};

class blocking_stream final : public stream {
 public:
  using stream::stream;
  void send() override {
    for (int i = 0; i < what_.burst; ++i) send_one(out_, what_, i);
    on_.there.poll();
  }
  void receive() override {
    for (int i = 0; i < what_.burst; ++i) check(what_, in_.receive());
  }
};

/// Messages of several frames, written where they go out from.
class stream_in_place final : public stream {
 public:
  using stream::stream;
  void send() override {
    const std::size_t part = what_.size / static_cast<std::size_t>(what_.frames);
    for (int i = 0; i < what_.burst; ++i) {
      out_.send_in_place({part, part, what_.size - 2 * part}, [&](std::size_t, std::span<std::byte> into) {
        std::memset(into.data(), i, into.size());
      });
    }
    on_.there.poll();
  }
  void receive() override {
    for (int i = 0; i < what_.burst; ++i) check(what_, in_.receive());
  }
};

/// Messages of several frames, sent from the caller's memory.
class stream_of_views final : public stream {
 public:
  using stream::stream;
  void send() override {
    for (int i = 0; i < what_.burst; ++i) {
      scratch payload;
      const std::span<const std::byte> all = payload.fill(what_, i);
      const std::size_t part = what_.size / static_cast<std::size_t>(what_.frames);
      out_.send({all.first(part), all.subspan(part, part), all.subspan(2 * part)});
    }
    on_.there.poll();
  }
  void receive() override {
    for (int i = 0; i < what_.burst; ++i) check(what_, in_.receive());
  }
};

class coroutine_stream final : public stream {
 public:
  using stream::stream;
  void send() override {
    on_.there.run(send_burst(out_, what_));
    on_.there.poll();
  }
  void receive() override { on_.here.run(receive_burst(in_, what_)); }

 private:
  static mq::task<> send_burst(mq::push& out, const description& what) {
    scratch payload;
    for (int i = 0; i < what.burst; ++i) {
      const std::span<const std::byte> filled = payload.fill(what, i);
      co_await out.async_send(filled);
    }
  }
  static mq::task<> receive_burst(mq::pull& in, const description& what) {
    for (int i = 0; i < what.burst; ++i) {
      const mq::message got = co_await in.async_receive();
      check(what, got);
    }
  }
};

/// A threaded PUSH in the middle of a burst: its I/O thread has a write under way that cannot go on, so that
/// it is not there to be counted, and every message is queued.
class threaded_sender final : public scenario {
 public:
  explicit threaded_sender(const description& what) : what_(what) {
    in_.bind(fresh_endpoint());
    out_.connect(in_.last_endpoint());
    while (out_.peer_count() == 0) here_.poll();
    constexpr std::size_t more_than_fits = std::size_t{4} << 20U;
    for (std::size_t sent = 0; sent < more_than_fits; sent += what_.size) out_.send(make_message(what_, 0));
    // What connects after that shows that the I/O thread has turned to the write, and then that it is stuck.
    settle();
    settle();
  }
  void send() override {
    for (int i = 0; i < what_.burst; ++i) send_one(out_, what_, i);
  }

 private:
  static mq::socket_options unlimited() {
    mq::socket_options options;
    options.send_high_water_mark = 0;
    return options;
  }
  void settle() {
    mq::pull in{here_};
    in.bind(fresh_endpoint());
    mq::push out{there_};
    out.connect(in.last_endpoint());
    while (out.peer_count() == 0) here_.poll();
  }

  const description what_;
  mq::context here_{mq::inline_loop, epoll()};
  mq::context there_{epoll()};
  mq::pull in_{here_};  // reads up to its high-water mark and no further
  mq::push out_{there_, unlimited()};
};

class fan_out final : public scenario {
 public:
  explicit fan_out(const description& what) : what_(what) {
    out_.bind(fresh_endpoint());
    for (mq::sub& each : in_) {
      each.subscribe("");
      each.connect(out_.last_endpoint());
    }
    // Published until every subscriber has had one, and then until nothing of that is left.
    for (mq::sub& each : in_) {
      on_.poll_until([&] {
        out_.send(make_message(what_, 0));
        return each.try_receive().has_value();
      });
    }
    for (int quiet = 0; quiet < 3; ++quiet) {
      on_.there.poll();
      on_.here.poll();
      for (mq::sub& each : in_) {
        while (each.try_receive()) quiet = 0;
      }
    }
  }
  void send() override {
    for (int i = 0; i < what_.burst; ++i) send_one(out_, what_, i);
    on_.there.poll();
  }
  void receive() override {
    for (mq::sub& each : in_) {
      for (int i = 0; i < what_.burst; ++i) check(what_, each.receive());
    }
  }

 private:
  const description what_;
  contexts on_;
  mq::pub out_{on_.there};
  std::array<mq::sub, 4> in_{mq::sub{on_.here}, mq::sub{on_.here}, mq::sub{on_.here}, mq::sub{on_.here}};
};

class round_trip final : public scenario {
 public:
  explicit round_trip(const description& what) : what_(what) {
    answering_.bind(fresh_endpoint());
    asking_.connect(answering_.last_endpoint());
    on_.poll_until([&] { return asking_.peer_count() == 1 && answering_.peer_count() == 1; });
  }
  void exchange() override {
    for (int i = 0; i < what_.burst; ++i) {
      asking_.send(make_message(what_, i));
      on_.there.poll();
      answering_.send(answering_.receive());
      on_.here.poll();
      check(what_, asking_.receive());
    }
  }

 private:
  const description what_;
  contexts on_;
  mq::rep answering_{on_.here};
  mq::req asking_{on_.there};
};

template <class Scenario>
std::unique_ptr<scenario> make(const description& what) {
  return std::make_unique<Scenario>(what);
}

}  // namespace

std::vector<description> all_scenarios() {
  return {
      {"inline, coroutines, 16 B", sides::each, 500, 16, 1, &make<coroutine_stream>},
      {"inline, coroutines, 64 B", sides::each, 500, 64, 1, &make<coroutine_stream>},
      {"inline, blocking calls, 16 B", sides::each, 500, 16, 1, &make<blocking_stream>},
      {"inline, blocking calls, 64 B", sides::each, 500, 64, 1, &make<blocking_stream>},
      {"inline, blocking calls, 64 B in 3 frames", sides::each, 500, 64, 3, &make<blocking_stream>},
      {"inline, blocking calls, 64 B in 3 frames from memory", sides::each, 500, 64, 3,
       &make<stream_of_views>},
      {"inline, blocking calls, 64 B in 3 frames in place", sides::each, 500, 64, 3, &make<stream_in_place>},
      {"inline, blocking calls, 1 KB", sides::each, 100, 1024, 1, &make<blocking_stream>},
      {"inline, blocking calls, 16 KB", sides::each, 8, 16UL * 1024, 1, &make<blocking_stream>},
      {"threaded, queued in a burst, 16 B", sides::sending, 500, 16, 1, &make<threaded_sender>},
      {"threaded, queued in a burst, 64 B", sides::sending, 500, 64, 1, &make<threaded_sender>},
      {"inline, PUB to 4 SUB, 64 B", sides::each, 200, 64, 1, &make<fan_out>},
      {"inline, REQ to REP and back, 64 B", sides::both, 100, 64, 1, &make<round_trip>},
  };
}

}  // namespace hot_path
