// The endpoint parser: never crashes, says why it refuses, and what it takes means the same when written
// again.

#include "transport/endpoint.hpp"

#include "transport/resolve.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace monocoque;
using namespace monocoque::transport;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_address(const endpoint& parsed, purpose wanted) {
  if (needs_lookup(parsed)) return;
  const auto found = resolve(parsed, wanted, true);
  if (!found) return;  // a zone that is no interface here
  require(found->size() == 1);
  const bool has_name = parsed.scheme == scheme::ipc ? parsed.path != "*" : !parsed.address.wildcard_port;
  if (!has_name) return;
  const auto again = parse_endpoint(found->front().to_endpoint(), wanted);
  require(again.has_value());
  if (parsed.scheme == scheme::ipc) require(again->path == parsed.path);
  if (parsed.scheme == scheme::tcp) require(resolve(*again, wanted, true).value() == *found);
}

void check(std::string_view text, purpose wanted) {
  const auto parsed = parse_endpoint(text, wanted);
  if (!parsed) {
    require(parsed.error().code() && !parsed.error().detail().empty() && !parsed.error().message().empty());
    require(parsed.error().endpoint() == text);
    return;
  }
  require(parsed->text == text);
  require(parse_endpoint(parsed->text, wanted).value() == *parsed);
  const auto again = parse_endpoint(parsed->canonical(), wanted);
  require(again.has_value() && *again == *parsed && again->canonical() == parsed->canonical());
  check_address(*parsed, wanted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, purpose::bind);
  check(text, purpose::connect);
  return 0;
}
