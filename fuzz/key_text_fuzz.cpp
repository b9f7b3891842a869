// The text of key files: never crashes, says why it refuses, and what it takes means the same when written
// again.

#include "auth/key_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace monocoque;
using auth::key_half;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view text, key_half wanted) {
  const auto found = auth::read_key_text(text, wanted);
  if (!found) {
    require(found.error().code() && !found.error().detail().empty());
    return;
  }
  require(!found->public_key.empty());
  require(wanted == key_half::public_half || !found->secret_key.empty());
  const auto half = found->secret_key.empty() ? key_half::public_half : key_half::secret_half;
  const auto written = auth::write_key_text({found->public_key, found->secret_key}, half, found->metadata);
  if (!written) return;  // a value without quotes may contain both kinds of them
  const auto again = auth::read_key_text(*written, half);
  require(again.has_value());
  require(again->public_key == found->public_key && again->secret_key == found->secret_key);
  require(again->metadata == found->metadata);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, key_half::public_half);
  check(text, key_half::secret_half);
  return 0;
}
