#pragma once

#include "zmtp/connection_test_support.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// What the fuzzers of mechanisms share: the input as steps that a peer takes, and a connection that is
/// watched.
namespace monocoque::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// What a peer does, as the fuzzer has it.
class steps {
 public:
  explicit steps(std::string_view input) noexcept : left_(input) {}

  [[nodiscard]] bool done() const noexcept { return left_.empty(); }
  /// 0 if there is none left.
  [[nodiscard]] std::uint8_t octet() noexcept {
    const std::string_view taken = octets(1);
    return taken.empty() ? 0 : static_cast<std::uint8_t>(taken[0]);
  }
  /// At most so many.
  [[nodiscard]] std::string_view octets(std::size_t most) noexcept {
    const std::string_view taken = left_.substr(0, most);
    left_.remove_prefix(taken.size());
    return taken;
  }
  /// Up to 255, with their number in front.
  [[nodiscard]] std::string_view counted() noexcept { return octets(octet()); }
  /// Changes one octet; true if it is another now.
  [[nodiscard]] bool spoil(std::string& what) noexcept {
    const std::size_t at = octet() | std::size_t{octet()} << 8;
    const auto with = static_cast<char>(octet());
    if (what.empty()) return false;
    what[at % what.size()] = static_cast<char>(what[at % what.size()] ^ with);
    return with != 0;
  }

 private:
  std::string_view left_;
};

/// A connection that hears a peer in pieces of one size. Sees to it that events make sense, and keeps them.
class witness {
 public:
  witness(zmtp::config settings, std::size_t piece) : peer_(std::move(settings), {}), piece_(piece) {
    drain();
  }
  static zmtp::config settings_for(security_mechanism how, std::uint8_t choice) {
    zmtp::config settings;
    settings.socket_type = static_cast<socket_type>(choice % 11);
    settings.as_server = (choice & 0x80) != 0;
    settings.security = std::move(how);
    settings.limits.max_message_size = 1 << 20;
    settings.limits.max_command_size = 300;
    return settings;
  }

  void hear(std::string_view said) {
    given_ += said.size();
    while (!said.empty()) {
      const std::string_view next = said.substr(0, piece_);
      said.remove_prefix(next.size());
      hear_piece(next);
    }
  }
  void decide(std::uint16_t status) {
    peer_.handle_verdict({.status = status});
    drain();
  }
  void close() {
    peer_.handle_eof();
    drain();
    decide(400);  // as long as that is waited for, what came with it is kept
    require(peer_.has_failed());
  }

  [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
  /// Who asks to be let in; null: nobody, or it was decided already.
  [[nodiscard]] const zmtp::claim* claimed() const noexcept { return claims_ == 1 ? &claim_ : nullptr; }
  [[nodiscard]] bool ready() const noexcept { return ready_; }
  /// The frames of all messages that were delivered, in canonical form.
  [[nodiscard]] const std::string& delivered() const noexcept { return delivered_; }
  [[nodiscard]] const std::string& log() const noexcept { return log_; }

 private:
  void hear_piece(std::string_view said) {
    while (!said.empty()) {
      const std::span<std::byte> room = peer_.direct_room();
      const std::size_t size = room.empty() ? said.size() : std::min(room.size(), said.size());
      if (room.empty()) {
        peer_.handle_input(bytes::copy(said));
      } else {
        std::memcpy(room.data(), said.data(), size);
        peer_.handle_direct(size);
      }
      said.remove_prefix(size);
      drain();
    }
  }
  void drain() {
    for (;;) {
      const bool at_rest = peer_.at_rest();
      const zmtp::event next = peer_.poll_event(3);
      if (next.index() == 0) break;
      require(!over_ && !at_rest);
      note(next);
    }
    require(peer_.pending_bytes() <= given_ + 64);
    require(peer_.output().size() < 4096);
    output_ += zmtp::as_text(peer_.output());
    peer_.consume_output(peer_.output().size());
    require(peer_.has_failed() == over_);
  }
  void note(const zmtp::event& next) {
    if (const auto* const batch = std::get_if<zmtp::messages>(&next)) {
      require(ready_ && batch->count >= 1 && batch->count <= 3);
      delivered_ += batch->data.view();
      log_ += batch->data.view();
    } else if (const auto* const shown = std::get_if<zmtp::claim>(&next)) {
      require(!ready_ && ++claims_ == 1);
      claim_.username = shown->username;
      claim_.password = shown->password;
      claim_.public_key = shown->public_key;
      log_ += "<claim " + shown->username + ':' + shown->password + '>';
    } else if (const auto* const done = std::get_if<zmtp::handshake_done>(&next)) {
      require(!ready_);
      ready_ = true;
      log_ += "<done " + done->peer.socket_type + done->peer.routing_id.str() + '>';
    } else if (const auto* const topic = std::get_if<zmtp::subscription>(&next)) {
      require(ready_);
      log_ += (topic->add ? "<add " : "<drop ") + topic->topic.str() + '>';
    } else if (const auto* const answer = std::get_if<zmtp::pong>(&next)) {
      require(ready_);
      log_ += "<pong " + answer->context.str() + '>';
    } else {
      over_ = true;
      const std::string reason = std::get<zmtp::failed>(next).reason.message();
      require(!reason.empty());
      log_ += "<failed " + reason + '>';
    }
  }

  zmtp::connection peer_;
  const std::size_t piece_;
  std::string log_;
  std::string delivered_;
  std::string output_;
  zmtp::claim claim_;
  int claims_ = 0;
  std::size_t given_ = 0;
  bool ready_ = false;
  bool over_ = false;
};

/// Whatever `run` does comes to the same, and says the same, wherever what is heard is split.
template <class Run>
int run_in_pieces(const std::uint8_t* data, std::size_t size, Run run) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string whole = run(input, data[0], SIZE_MAX);
  require(run(input, data[0], 1) == whole);
  require(run(input, data[0], std::size_t{1} + data[1]) == whole);
  return 0;
}

}  // namespace monocoque::fuzz
