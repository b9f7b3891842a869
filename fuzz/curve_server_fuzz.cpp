#include "fuzz/curve_fuzz.hpp"

/// A CURVE server against clients that have their keys, the right server's key too, and do with them what the
/// fuzzer likes: who is asked about is who it is, and only what was said in boxes is heard.
namespace {

using namespace monocoque;
using namespace monocoque::fuzz;

enum step : std::uint8_t {
  raw,
  hello,
  spoilt_hello,
  initiate,
  spoilt_initiate,
  message,
  verdict,
  steps_known
};

class scene {
 public:
  scene(std::uint8_t choice, std::size_t piece)
      : random_(2),
        drawn_(random_),
        client_({.server = known_keys::instance().server.public_key, .keys = known_keys::instance().client}),
        server_(witness::settings_for(curve_server{known_keys::instance().server}, choice), piece) {
    if ((choice & 0x40) == 0) server_.hear(zmtp::testing::greeting(3, 1, "CURVE"));
    static_cast<void>(server_.take_output());
  }

  std::string play(steps left) {
    while (!left.done()) {
      take(left);
      check();
    }
    server_.close();
    check();
    return server_.log();
  }

 private:
  void take(steps& left) {
    std::string said;
    switch (left.octet() % steps_known) {
      case raw: said = left.counted(); break;
      case hello: said = client_.hello(); break;
      case spoilt_hello:
        said = client_.hello();
        static_cast<void>(left.spoil(said));
        break;
      case initiate:
        said = client_.initiate(left.counted());
        has_shown_itself_ = true;
        break;
      case spoilt_initiate:
        said = client_.initiate(left.counted());
        if (!left.spoil(said)) has_shown_itself_ = true;
        break;
      case message: said = next_message(left, client_, right_); break;
      case verdict: {
        const auto status = static_cast<std::uint16_t>(left.octet() + 199);
        is_approved_ |= status == 200 && server_.claimed() != nullptr;
        server_.decide(status);
        break;
      }
      default: break;
    }
    server_.hear(said);
    static_cast<void>(client_.take_welcome(server_.take_output()));
  }
  void check() const {
    const zmtp::claim* const shown = server_.claimed();
    require(shown == nullptr ||
            (has_shown_itself_ && shown->public_key == known_keys::instance().client.public_key));
    require(!server_.ready() || is_approved_);
    require(right_.begins_with(server_.delivered()));
  }

  crypto::testing::known_random random_;
  const crypto::testing::scoped_random drawn_;
  zmtp::testing::handmade_client client_;
  witness server_;
  sealed_frames right_;
  bool has_shown_itself_ = false;
  bool is_approved_ = false;
};

std::string run(std::string_view input, std::uint8_t choice, std::size_t piece) {
  return scene(choice, piece).play(steps(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return run_in_pieces(data, size, run);
}
