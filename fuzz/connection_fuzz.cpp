#include "zmtp/connection.hpp"

#include "base/wire.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

/// A whole connection against any input, split in three ways: the same events in the same order, at most one
/// `failed` and nothing after it, bounded memory and output.
namespace {

using namespace monocoque;
using namespace monocoque::zmtp;

void require(bool holds) {
  if (!holds) std::abort();
}

class observer {
 public:
  explicit observer(std::uint8_t choice) : peer_(settings_from(choice), time_point{}) {}

  void give(std::span<const std::byte> input) {
    given_ += input.size();
    while (!input.empty()) {
      const std::span<std::byte> room = peer_.direct_room();
      const std::size_t size = room.empty() ? input.size() : std::min(room.size(), input.size());
      if (room.empty()) {
        peer_.handle_input(bytes::copy(input));
      } else {
        std::memcpy(room.data(), input.data(), size);
        peer_.handle_direct(size);
      }
      input = input.subspan(size);
      drain();
    }
  }
  void close() {
    peer_.handle_eof();
    drain();
    require(peer_.has_failed());
  }
  [[nodiscard]] const std::string& log() const { return log_; }

 private:
  static config settings_from(std::uint8_t choice) {
    config settings;
    settings.socket_type = static_cast<socket_type>(choice % 11);
    settings.as_server = (choice & 0x80) != 0;
    settings.limits.max_message_size = 1 << 20;
    settings.limits.max_command_size = 300;
    return settings;
  }

  void drain() {
    for (;;) {
      const event next = peer_.poll_event(3);
      if (next.index() == 0) break;
      require(!over_);
      note(next);
    }
    require(peer_.unread_bytes() == 0);
    require(peer_.pending_bytes() <= given_ + 64);
    require(peer_.output().size() < 4096);
    peer_.consume_output(peer_.output().size());
    require(peer_.has_failed() == over_);
  }

  void note(const event& next) {
    if (const auto* batch = std::get_if<messages>(&next)) {
      require(ready_ && batch->count >= 1 && batch->count <= 3);
      std::span<const std::byte> rest = batch->data.span();
      for (std::uint32_t i = 0; i < batch->count; ++i) rest = rest.subspan(base::wire::message_size(rest));
      require(rest.empty());
      log_ += batch->data.view();
    } else if (const auto* done = std::get_if<handshake_done>(&next)) {
      require(!ready_);
      ready_ = true;
      log_ += "<done " + done->peer.socket_type + done->peer.routing_id.str() + '>';
    } else if (const auto* topic = std::get_if<subscription>(&next)) {
      require(ready_);
      log_ += (topic->add ? "<add " : "<drop ") + topic->topic.str() + '>';
    } else if (const auto* answer = std::get_if<pong>(&next)) {
      require(ready_);
      log_ += "<pong " + answer->context.str() + '>';
    } else {
      over_ = true;
      const std::string reason = std::get<failed>(next).reason.message();
      require(!reason.empty());
      log_ += "<failed " + reason + '>';
    }
  }

  connection peer_;
  std::string log_;
  std::size_t given_ = 0;
  bool ready_ = false;
  bool over_ = false;
};

std::string run(std::span<const std::byte> input, std::size_t piece, std::uint8_t choice) {
  observer seen(choice);
  for (; !input.empty(); input = input.subspan(std::min(piece, input.size()))) {
    seen.give(input.first(std::min(piece, input.size())));
  }
  seen.close();
  return seen.log();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::span input(reinterpret_cast<const std::byte*>(data + 2), size - 2);
  const std::string whole = run(input, SIZE_MAX, data[0]);
  require(run(input, 1, data[0]) == whole);
  require(run(input, 1U + data[1], data[0]) == whole);
  return 0;
}
