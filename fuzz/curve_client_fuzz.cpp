#include "fuzz/curve_fuzz.hpp"

/// A CURVE client against servers that have the right key and do with it what the fuzzer likes: only what was
/// said in boxes is heard, and who the client is it says to nobody else.
namespace {

using namespace monocoque;
using namespace monocoque::fuzz;

enum step : std::uint8_t { raw, welcome, spoilt_welcome, ready, spoilt_ready, message, steps_known };

class scene {
 public:
  scene(std::uint8_t choice, std::size_t piece)
      : random_(2),
        drawn_(random_),
        server_(known_keys::instance().server),
        client_(witness::settings_for(curve_client{.server = known_keys::instance().server.public_key,
                                                   .keys = known_keys::instance().client},
                                      choice),
                piece) {
    if ((choice & 0x40) == 0) client_.hear(zmtp::testing::greeting(3, 1, "CURVE"));
    const std::string said = client_.take_output();
    server_.client_short = std::string(32, '\1');
    if (said.size() == 64 + 2 + 200) server_.take_hello(std::string_view(said).substr(64));
  }

  std::string play(steps left) {
    while (!left.done()) {
      take(left);
      check();
    }
    client_.close();
    check();
    return client_.log();
  }

 private:
  void take(steps& left) {
    std::string said;
    switch (left.octet() % steps_known) {
      case raw: said = left.counted(); break;
      case welcome:
        said = server_.welcome();
        has_welcomed_ = true;
        break;
      case spoilt_welcome:
        said = server_.welcome();
        if (!left.spoil(said)) has_welcomed_ = true;
        break;
      case ready:
        said = server_.ready(left.counted());
        is_ready_ = true;
        break;
      case spoilt_ready:
        said = server_.ready(left.counted());
        if (!left.spoil(said)) is_ready_ = true;
        break;
      case message: said = next_message(left, server_, right_); break;
      default: break;
    }
    client_.hear(said);
    if (client_.take_output().find("\10INITIATE") != std::string::npos) require(has_welcomed_);
  }
  void check() const {
    require(client_.claimed() == nullptr);
    require(!client_.ready() || (has_welcomed_ && is_ready_));
    require(right_.begins_with(client_.delivered()));
  }

  crypto::testing::known_random random_;
  const crypto::testing::scoped_random drawn_;
  zmtp::testing::handmade_server server_;
  witness client_;
  sealed_frames right_;
  bool has_welcomed_ = false;
  bool is_ready_ = false;
};

std::string run(std::string_view input, std::uint8_t choice, std::size_t piece) {
  return scene(choice, piece).play(steps(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return run_in_pieces(data, size, run);
}
