#include "fuzz/curve_fuzz.hpp"
#include "zmtp/frame_decoder.hpp"
#include "zmtp/mechanism/curve_handshake.hpp"
#include "zmtp/mechanism/curve_opener.hpp"

#include <variant>

/// What opens CURVE traffic, with a key that never changes, and so without the cost of a handshake: what
/// comes out is what was put into boxes, wherever it is split, and nothing after something wrong.
namespace {

using namespace monocoque;
using namespace monocoque::fuzz;

/// Numbers its boxes as a client does after a handshake.
struct sealer {
  std::string message(std::string_view payload, std::uint8_t flags) {
    return zmtp::testing::message_frame(key, zmtp::curve::message_from_client, next_number++,
                                        std::string(1, static_cast<char>(flags)) + std::string(payload));
  }
  crypto::testing::raw_key key =
      crypto::testing::shared_key(zmtp::testing::text_of(known_keys::instance().server.public_key),
                                  zmtp::testing::text_of(known_keys::instance().client.secret_key));
  std::uint64_t next_number = 3;
};

class scene {
 public:
  explicit scene(std::size_t piece) : piece_(piece) {}

  std::string play(steps left) {
    sealer peer;
    while (!left.done()) {
      hear((left.octet() & 1) == 0 ? next_message(left, peer, right_) : std::string(left.counted()));
      require(right_.begins_with(delivered_));
    }
    opener_.discard();
    require(opener_.partial_bytes() == 0 && opener_.unread_bytes() == 0 && opener_.next().empty());
    return log_;
  }

 private:
  static zmtp::limits allowed() {
    zmtp::limits made;
    made.max_frame_size = 20'000;
    made.max_message_size = 30'000;
    made.max_command_size = 300;
    return made;
  }
  static crypto::box_key key() {
    crypto::box_key made;
    require(made.agree(known_keys::instance().client.public_key, known_keys::instance().server.secret_key));
    return made;
  }
  static zmtp::frame_rules rules() {
    zmtp::frame_rules made;
    made.allowed = allowed();
    made.max_command_size = allowed().max_command_size;
    return made;
  }

  void hear(std::string_view said) {
    while (!said.empty()) {
      given_ += std::min(piece_, said.size());
      hear_piece(said.substr(0, piece_));
      said.remove_prefix(std::min(piece_, said.size()));
    }
  }
  void hear_piece(std::string_view said) {
    while (!said.empty()) {
      const std::span<std::byte> room = opener_.direct_room();
      const std::size_t size = room.empty() ? said.size() : std::min(room.size(), said.size());
      if (room.empty()) {
        opener_.push(bytes::copy(said));
      } else {
        std::memcpy(room.data(), said.data(), size);
        opener_.direct_filled(size);
      }
      said.remove_prefix(size);
      drain();
    }
  }
  void drain() {
    for (;;) {
      const bool at_rest = opener_.at_rest();
      const bytes opened = opener_.next();
      require(opened.empty() || !at_rest);
      if (opened.empty()) break;
      decoder_.push(opened);
      while (take()) {
      }
    }
    if (opener_.failure() && !over_) note_failure(*opener_.failure());
    require(opener_.partial_bytes() <= given_);
    require(opener_.unread_bytes() == 0);
  }
  bool take() {
    zmtp::decoded found = decoder_.next(UINT32_MAX);
    if (const auto* const batch = std::get_if<zmtp::message_batch>(&found)) {
      require(!over_);
      delivered_ += batch->data.view();
      log_ += batch->data.view();
    } else if (const auto* const command = std::get_if<zmtp::command_frame>(&found)) {
      require(!over_);
      log_ += "<command " + command->body.str() + '>';
    } else if (const auto* const wrong = std::get_if<error>(&found)) {
      note_failure(*wrong);
    } else {
      return false;
    }
    return true;
  }
  void note_failure(const error& why) {
    require(!why.message().empty());
    over_ = true;
    log_ += "<failed " + why.message() + '>';
    opener_.discard();
    decoder_.discard();
  }

  const std::size_t piece_;
  zmtp::curve_opener opener_{key(), zmtp::curve::prefix_of(zmtp::curve::message_from_client), 2, allowed()};
  zmtp::frame_decoder decoder_{rules()};
  sealed_frames right_;
  std::string delivered_;
  std::string log_;
  std::size_t given_ = 0;
  bool over_ = false;
};

std::string run(std::string_view input, std::uint8_t /*choice*/, std::size_t piece) {
  return scene(piece).play(steps(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return run_in_pieces(data, size, run);
}
