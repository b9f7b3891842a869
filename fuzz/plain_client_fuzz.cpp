#include "fuzz/security_fuzz.hpp"

/// A PLAIN client against any server: it says what it has to say in order, and nothing but that.
namespace {

using namespace monocoque;
using namespace monocoque::fuzz;

std::string run(std::string_view input, std::uint8_t choice, std::size_t piece) {
  witness client(witness::settings_for(plain_client{"joe", "secret"}, choice), piece);
  if ((choice & 0x40) == 0) client.hear(zmtp::testing::greeting(3, 1, "PLAIN"));
  std::string said;
  for (steps left(input); !left.done();) {
    client.hear(left.counted());
    said += client.take_output();
    require(!client.ready() || said.find("\10INITIATE") != std::string::npos);
  }
  client.close();
  const std::size_t hello = said.find("\5HELLO\3joe\6secret");
  require(hello == std::string::npos || said.starts_with("\xff"));
  require(client.claimed() == nullptr);
  return client.log() + said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return run_in_pieces(data, size, run);
}
