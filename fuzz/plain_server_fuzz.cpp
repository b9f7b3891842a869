#include "fuzz/security_fuzz.hpp"

/// A PLAIN server against any client: nobody gets in without the password.
namespace {

using namespace monocoque;
using namespace monocoque::fuzz;

std::string run(std::string_view input, std::uint8_t choice, std::size_t piece) {
  witness server(witness::settings_for(plain_server{}, choice), piece);
  if ((choice & 0x40) == 0) server.hear(zmtp::testing::greeting(3, 1, "PLAIN"));
  bool is_right = false;
  bool is_decided = false;
  for (steps left(input); !left.done();) {
    server.hear(left.counted());
    if (!is_decided && server.claimed() != nullptr) {
      is_right = server.claimed()->username == "joe" && server.claimed()->password == "secret";
      is_decided = true;
      server.decide(is_right ? 200 : 400);
    }
    require(!server.ready() || is_right);
  }
  server.close();
  return server.log();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return run_in_pieces(data, size, run);
}
