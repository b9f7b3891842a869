#include "tests/soak/program/parties.hpp"

#include "tests/faults/numbered.hpp"
#include "tests/interop/convert.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

namespace monocoque::test {
namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds moment{2};
constexpr std::chrono::seconds patience{30};

bool is_hub(unsigned number) { return number == 0; }

/// A socket of a party, from when it comes to when it goes.
template <class Socket>
class life {
 public:
  life(stage& scene, unsigned number)
      : scene_(scene),
        own_(scene.shared ? nullptr
                          : (scene.inline_contexts ? std::make_unique<context>(inline_loop)
                                                   : std::make_unique<context>())),
        socket_(own_ ? *own_ : *scene.shared, options_of(scene)) {
    if constexpr (requires { socket_.subscribe("maker"); }) socket_.subscribe("maker");
    if (is_hub(number)) {
      bind();
    } else {
      socket_.connect(endpoint());
    }
    if constexpr (std::is_same_v<Socket, xsub>) socket_.send("\x01maker");
  }
  ~life() { socket_.close(milliseconds(500)); }
  life(const life&) = delete;
  life& operator=(const life&) = delete;

  [[nodiscard]] Socket& socket() noexcept { return socket_; }
  /// An inline context does nothing but in calls that wait, and a PUB never waits.
  void breathe() {
    if (own_ && own_->is_inline()) own_->poll();
  }

 private:
  static socket_options options_of(const stage& scene) {
    socket_options options = scene.options;
    if constexpr (std::is_same_v<Socket, req>) options.req_relaxed = options.req_correlate = true;
    return options;
  }
  /// What another life had a moment ago may still be being given up.
  void bind() {
    const auto give_up = clock_type::now() + patience;
    for (;;) {
      const result<void> done = socket_.bind(as_result, endpoint_to_bind());
      if (done) break;
      if (done.error().code() != std::errc::address_in_use || clock_type::now() > give_up) done.value();
      std::this_thread::yield();
    }
    const std::lock_guard lock(scene_.mutex);
    scene_.endpoint = socket_.last_endpoint();
    scene_.bound = true;
    scene_.changed.notify_all();
  }
  std::string endpoint_to_bind() {
    const std::lock_guard lock(scene_.mutex);
    return scene_.endpoint;
  }
  std::string endpoint() {
    std::unique_lock lock(scene_.mutex);
    scene_.changed.wait(lock, [&] { return scene_.bound || scene_.failed; });
    return scene_.endpoint;
  }

  stage& scene_;
  std::unique_ptr<context> own_;
  Socket socket_;
};

/// What one life of a receiver has heard: each maker's messages in order, so none twice.
class listener_log {
 public:
  void take(const frames& received) {
    const numbered what = read(received);
    std::uint64_t& due = least_due_[what.maker];
    if (what.number < due) {
      throw std::runtime_error("message " + std::to_string(what.number) + " of " + what.maker + " after " +
                               std::to_string(due - 1));
    }
    due = what.number + 1;
    ++count_;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  std::map<std::string, std::uint64_t> least_due_;
  std::uint64_t count_ = 0;
};

/// One party: it lives, goes and comes back as the stage has it, until it is done.
class party {
 public:
  party(stage& scene, unsigned number)
      : scene_(scene), number_(number), random_(scene.seed + number * 7919U + 1U) {}

  /// `live(name, ends)` is a whole life; it returns true when the party is done, and when `ends()` says that
  /// it has lived long enough.
  template <class Live>
  void play(Live live) {
    for (int count = 0;; ++count) {
      const bool stays = is_hub(number_) ? !scene_.hub_comes_and_goes : !scene_.spokes_come_and_go;
      const auto until = clock_type::now() + milliseconds(5 + random_() % 60);
      const auto ends = [&] { return scene_.over || (!stays && !scene_.calm && clock_type::now() >= until); };
      if (live("maker " + std::to_string(number_) + "." + std::to_string(count), ends) || scene_.over) return;
      const std::lock_guard lock(scene_.mutex);
      ++scene_.sum.disruptions;
      if (scene_.failed) return;
    }
  }
  void add(std::uint64_t messages) {
    const std::lock_guard lock(scene_.mutex);
    scene_.sum.messages += messages;
  }

 private:
  stage& scene_;
  unsigned number_;
  std::minstd_rand random_;
};

/// That something comes in time once things are calm.
class expectation {
 public:
  explicit expectation(const stage& scene) : scene_(scene) {}
  void missed() {
    if (!scene_.calm) return;
    if (!since_) since_ = clock_type::now();
    if (clock_type::now() - *since_ > patience) throw std::runtime_error("nothing comes any more");
  }

 private:
  const stage& scene_;
  std::optional<clock_type::time_point> since_;
};

template <class Socket>
void send_all(stage& scene, unsigned number) {
  party(scene, number).play([&](const std::string& name, auto ends) {
    life<Socket> mine(scene, number);
    for (std::uint64_t next = 0; !ends();) {
      message what = to_message(write({name, next}));
      if (mine.socket().send_for(what, moment)) ++next;
      mine.breathe();
      if constexpr (std::is_same_v<Socket, xpub>) {
        while (mine.socket().try_receive()) continue;
      }
    }
    return false;
  });
}

template <class Socket>
void receive_all(stage& scene, unsigned number) {
  party self(scene, number);
  self.play([&](const std::string&, auto ends) {
    life<Socket> mine(scene, number);
    listener_log log;
    expectation more(scene);
    bool done = false;
    while (!done && !ends()) {
      const bool calm = scene.calm;
      const std::optional<message> received = mine.socket().receive_for(moment);
      if (received) {
        log.take(to_frames(*received));
        done = calm;
      } else {
        more.missed();
      }
    }
    self.add(log.count());
    return done;
  });
}

/// Asks and compares the answers. What went to somebody who has gone is not answered.
template <class Socket>
void ask_all(stage& scene, unsigned number) {
  party self(scene, number);
  self.play([&](const std::string& name, auto ends) {
    life<Socket> mine(scene, number);
    expectation more(scene);
    std::uint64_t answers = 0, oldest = 0;
    bool done = false;
    for (std::uint64_t next = 0; !done && !ends();) {
      const bool calm = scene.calm;
      message question = to_message(write({name, next}));
      if (!mine.socket().send_for(question, moment)) {
        more.missed();
        continue;
      }
      ++next;
      const std::optional<message> answer = mine.socket().receive_for(milliseconds(20));
      if (!answer) {
        more.missed();
        continue;
      }
      const numbered what = read(to_frames(*answer));
      // A PAIR answers whoever is its peer by then.
      if (std::is_same_v<Socket, pair> && what.maker != name) continue;
      if (what.maker != name || what.number >= next)
        throw std::runtime_error("an answer to another's question");
      if (!scene.hub_comes_and_goes && what.number < oldest) throw std::runtime_error("an answer came twice");
      oldest = what.number + 1;
      ++answers;
      done = calm;
    }
    self.add(answers);
    return done;
  });
}

template <class Socket>
void answer_all(stage& scene, unsigned number) {
  party(scene, number).play([&](const std::string&, auto ends) {
    life<Socket> mine(scene, number);
    while (!ends()) {
      std::optional<message> question = mine.socket().receive_for(moment);
      while (question && !mine.socket().send_for(*question, moment) && !ends()) continue;
    }
    return false;
  });
}

using role = void (*)(stage&, unsigned);

std::jthread act(stage& scene, role what, unsigned number) {
  return std::jthread([&scene, what, number] {
    try {
      what(scene, number);
    } catch (const std::exception& failure) {
      scene.fail(failure.what());
    }
  });
}

struct pattern {
  role hub, spoke;
  bool hub_expects;
  bool one_spoke = false;
};

constexpr pattern patterns[] = {
    {send_all<push>, receive_all<pull>, false},     {receive_all<pull>, send_all<push>, true},
    {send_all<pub>, receive_all<sub>, false},       {receive_all<sub>, send_all<pub>, true},
    {send_all<xpub>, receive_all<sub>, false},      {send_all<pub>, receive_all<xsub>, false},
    {answer_all<rep>, ask_all<req>, false},         {answer_all<router>, ask_all<dealer>, false},
    {answer_all<pair>, ask_all<pair>, false, true},
};
static_assert(std::size(patterns) == pattern_count);

}  // namespace

void stage::fail(const std::string& why) {
  const std::lock_guard lock(mutex);
  if (!failed) failure = why;
  failed = true;
  over = true;
  changed.notify_all();
}

tally stage::finish() {
  calm = true;
  expecting.clear();  // joins
  over = true;
  serving.clear();
  if (failed) throw std::runtime_error(failure + " (" + description + ")");
  ++sum.episodes;
  return sum;
}

void start(stage& scene, unsigned number) {
  const pattern& what = patterns[number];
  if (what.one_spoke) {
    scene.spokes = 1;
    // Its hub refuses the next one as long as it has not taken all that the last one sent, which it does not
    // while it waits to answer; and who was refused within a process does not come again by itself.
    if (scene.shared) scene.spokes_come_and_go = false;
  }
  (what.hub_expects ? scene.expecting : scene.serving).push_back(act(scene, what.hub, 0));
  for (unsigned spoke = 1; spoke <= scene.spokes; ++spoke) {
    (what.hub_expects ? scene.serving : scene.expecting).push_back(act(scene, what.spoke, spoke));
  }
}

}  // namespace monocoque::test
