#include "tests/memory/talk.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

char letter_of(std::size_t size) { return static_cast<char>('a' + size % 26); }

/// One frame, several, of all sizes.
template <class Visit>
void for_each_spoken(Visit visit) {
  for (const std::size_t size : spoken_sizes) {
    managed([&] { visit(message(spoken(size))); });
  }
  managed([&] { visit(message(spoken(10)).push_back(spoken(9'000)).push_back("").push_back(spoken(300))); });
  managed([&] { visit(message(spoken(1)).push_back(spoken(2)).push_back(spoken(3))); });
}

class push_pull final : public talk {
 public:
  using talk::talk;
  void arrange() override {
    pair_up(in_, out_);
    if (in_ && !events_) managed([&] { events_.emplace(in_->monitor()); });
  }
  void speak() override {
    if (!out_ || !in_) return;
    for_each_spoken([&](message what) {
      give(*out_, std::move(what));
      static_cast<void>(next(*in_));
    });
    for (int i = 0; i < 20; ++i) give(*out_, message("a burst of short ones"));
    managed([&] {
      out_->send_in_place(70'000, [](std::span<std::byte> room) {
        std::memset(room.data(), letter_of(room.size()), room.size());
      });
    });
    for (int i = 0; i < 25; ++i) static_cast<void>(next(*in_));
    managed([&] { static_cast<void>(in_->stats()); });
    if (events_)
      managed([&] {
        while (events_->try_receive()) {
        }
      });
  }
  bool works() override {
    give(*out_, message(sign));
    while (const std::optional<message> got = next(*in_)) {
      if (got->view() == sign) return true;
    }
    return false;
  }
  void end() noexcept override {
    events_.reset();
    out_.reset();
    in_.reset();
    forget();
  }

 private:
  std::optional<pull> in_;
  std::optional<push> out_;
  std::optional<monitor> events_;
};

class request_reply final : public talk {
 public:
  using talk::talk;
  void arrange() override {
    pair_up(server_, client_,
            [](socket_options& of_client) { of_client.req_relaxed = of_client.req_correlate = true; });
  }
  void speak() override {
    if (!client_ || !server_) return;
    for_each_spoken([&](message what) {
      request(std::move(what));
      static_cast<void>(serve());
      static_cast<void>(reply());
    });
  }
  bool works() override {
    // The last request, or its reply, may have gone with a connection: then this one is instead of it.
    request(message(sign));
    while (serve()) {
    }
    const std::optional<message> got = reply();
    return got && got->view() == sign;
  }
  void end() noexcept override {
    client_.reset();
    server_.reset();
    forget();
  }

 private:
  void request(message what) {
    managed([&] { static_cast<void>(client_->try_send(as_result, what)); });
  }
  /// True if there was something to answer.
  bool serve() {
    managed([&] {
      turn();
      result<message> got =
          ctx_.is_inline() ? server_->try_receive(as_result) : server_->receive_for(as_result, 1ms);
      if (got) {
        pending_ = *std::move(got);
      } else if (!(got.error() == errc::wrong_state) && !(got.error() == errc::would_block) &&
                 !(got.error() == errc::timed_out)) {
        complain(got.error() == errc::unroutable ? "unroutable" : "rep receive");
      }
    });
    const bool answers = pending_.has_value();
    if (answers) {
      message answer = *pending_;  // NOLINT: as far as memory goes
      if (!is_whole(answer)) complain("garbled");
      managed([&] {
        if (const result<void> sent = server_->try_send(as_result, answer);
            sent || sent.error() == errc::wrong_state)
          pending_.reset();
      });
    }
    return answers && !pending_;
  }
  std::optional<message> reply() {
    std::optional<message> got;
    managed([&] {
      turn();
      result<message> found =
          ctx_.is_inline() ? client_->try_receive(as_result) : client_->receive_for(as_result, 1ms);
      if (found) got = *std::move(found);
    });
    if (got && !is_whole(*got)) complain("garbled");
    return got;
  }

  std::optional<rep> server_;
  std::optional<req> client_;
  std::optional<message> pending_;
};

class publish final : public talk {
 public:
  using talk::talk;
  void arrange() override {
    pair_up(out_, in_);
    if (!other_) managed([&] { other_.emplace(ctx_, options()); });
    if (other_ && bound_ && (!other_connected_ || (is_inproc() && other_->peer_count() == 0)))
      other_connected_ = managed([&] { other_->connect(out_->last_endpoint()); });
    if (in_ && !subscribed_) subscribed_ = managed([&] { in_->subscribe(""); });
    if (other_ && !other_subscribed_)
      other_subscribed_ = managed([&] {
        other_->subscribe("s");
        other_->subscribe("k");  // as the messages of 10 bytes begin
        other_->subscribe("a topic that is longer than eight bytes");
      });
  }
  void speak() override {
    if (!in_ || !out_) return;
    for_each_spoken([&](message what) {
      give(*out_, std::move(what));
      static_cast<void>(next(*in_));
      if (other_) static_cast<void>(next(*other_));
    });
    for (int i = 0; i < 20; ++i) give(*out_, message("a burst of short ones"));
    for (int i = 0; i < 22; ++i) static_cast<void>(next(*in_));
    managed([&] { in_->subscribe("more"); });
    managed([&] { in_->unsubscribe("more"); });
  }
  bool works() override {
    give(*out_, message(sign));
    while (const std::optional<message> got = next(*in_)) one_ = one_ || got->view() == sign;
    while (const std::optional<message> got = next(*other_)) two_ = two_ || got->view() == sign;
    return one_ && two_;
  }
  void end() noexcept override {
    out_.reset();
    in_.reset();
    other_.reset();
    other_connected_ = subscribed_ = other_subscribed_ = one_ = two_ = false;
    forget();
  }

 private:
  std::optional<xpub> out_;
  std::optional<sub> in_;
  std::optional<sub> other_;
  bool other_connected_ = false;
  bool subscribed_ = false, other_subscribed_ = false;
  bool one_ = false, two_ = false;
};

class route final : public talk {
 public:
  using talk::talk;
  void arrange() override { pair_up(server_, client_); }
  void speak() override {
    if (!client_ || !server_) return;
    for_each_spoken([&](message what) {
      give(*client_, std::move(what));
      echo();
      static_cast<void>(next(*client_));
    });
  }
  bool works() override {
    give(*client_, message(sign));
    echo();
    while (const std::optional<message> got = next(*client_)) {
      if (got->view() == sign) return true;
    }
    return false;
  }
  void end() noexcept override {
    client_.reset();
    server_.reset();
    forget();
  }

 private:
  void echo() {
    managed([&] {
      turn();
      while (std::optional<message> got =
                 ctx_.is_inline() ? server_->try_receive() : server_->receive_for(1ms)) {
        if (got->size() < 2) complain("no id");
        static_cast<void>(server_->try_send(*got));
      }
    });
  }

  std::optional<router> server_;
  std::optional<dealer> client_;
};

/// Tasks that wait for each other, with deadlines.
class coroutines final : public talk {
 public:
  using talk::talk;
  void arrange() override { pair_up(in_, out_); }
  void speak() override {
    if (!in_ || !out_) return;
    for_each_spoken([&](message what) { ctx_.run(hand_over(std::move(what))); });
    managed([&] {
      monitor events = in_->monitor();
      ctx_.run(watch(events));
    });
  }
  bool works() override {
    bool got = false;
    managed([&] { got = ctx_.run(sign_gets_through()); });
    return got;
  }
  void end() noexcept override {
    out_.reset();
    in_.reset();
    forget();
  }

 private:
  task<> hand_over(message what) {
    co_await out_->async_send(std::move(what));
    const std::optional<message> got = co_await in_->async_receive_for(2ms);
    if (got && !is_whole(*got)) complain("garbled");
  }
  task<> watch(monitor& events) {
    const std::optional<event> got = co_await events.async_receive_for(1ms);
    static_cast<void>(got);
  }
  task<bool> sign_gets_through() {
    co_await out_->async_send(message(sign));
    for (;;) {
      const std::optional<message> got = co_await in_->async_receive_for(5ms);
      if (!got) co_return false;
      if (got->view() == sign) co_return true;
    }
  }

  std::optional<dealer> in_;
  std::optional<dealer> out_;
};

}  // namespace

std::string spoken(std::size_t size) { return std::string(size, letter_of(size)); }

bool talk::is_whole(const message& got) {
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::string_view frame = got.view(i);
    if (frame == sign || frame == "a burst of short ones") continue;
    if (!std::ranges::all_of(frame, [&](char each) { return each == letter_of(frame.size()); })) return false;
  }
  return got.size() == 1 || got.size() == 3 || got.size() == 4;
}

void talk::turn() {
  if (!ctx_.is_inline()) return;
  for (int i = 0; i < 3; ++i) ctx_.poll();
}

std::unique_ptr<talk> make_talk(manner how, context& ctx, const std::string& endpoint) {
  switch (how) {
    case manner::push_pull: return std::make_unique<push_pull>(ctx, endpoint);
    case manner::request_reply: return std::make_unique<request_reply>(ctx, endpoint);
    case manner::publish: return std::make_unique<publish>(ctx, endpoint);
    case manner::route: return std::make_unique<route>(ctx, endpoint);
    case manner::coroutines: return std::make_unique<coroutines>(ctx, endpoint);
  }
  return nullptr;
}

}  // namespace monocoque::test
