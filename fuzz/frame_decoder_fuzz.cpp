#include "zmtp/frame_decoder.hpp"

#include "base/wire.hpp"
#include "zmtp/octets.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

/// Any octets as frames, in one chunk, octet by octet and in pieces with direct reads between: the same
/// messages, commands and errors must come out, every message whole and within the limits, and no more memory
/// be held than input was given.
namespace {

using namespace monocoque;
using namespace monocoque::zmtp;

void require(bool holds) {
  if (!holds) std::abort();
}

frame_rules rules_from(std::uint8_t choice) {
  frame_rules rules;
  rules.max_command_size = 300;
  rules.commands_allowed = (choice & 1) == 0;
  rules.messages_allowed = (choice & 2) == 0;
  if ((choice & 4) != 0) rules.allowed.max_frame_size = 400;
  if ((choice & 8) != 0) rules.allowed.max_message_size = 500;
  if ((choice & 16) != 0) rules.allowed.max_frames = 3;
  return rules;
}

struct trace {
  std::string messages, others;
  std::size_t message_count = 0;
  friend bool operator==(const trace&, const trace&) = default;
};

void note_messages(trace& seen, const message_batch& batch, const limits& allowed) {
  octets rest = batch.data.span();
  for (std::uint32_t i = 0; i < batch.count; ++i) {
    std::size_t frames = 0;
    std::uint64_t payload = 0;
    for (bool more = true; more; ++frames) {
      const base::wire::frame next = base::wire::next_frame(rest);
      require(!next.command && next.payload.size() <= allowed.max_frame_size);
      payload += next.payload.size();
      more = next.more;
    }
    require(frames <= allowed.max_frames && payload <= allowed.max_message_size);
  }
  require(rest.empty());
  seen.messages += batch.data.view();
  seen.message_count += batch.count;
}

/// Takes out what there is; the position of commands and errors among the messages is part of the trace.
void drain(frame_decoder& decoder, trace& seen, const frame_rules& rules, std::uint32_t max_messages) {
  for (;;) {
    decoded next = decoder.next(max_messages);
    if (next.index() == 0) return;
    if (const auto* batch = std::get_if<message_batch>(&next)) {
      require(batch->count >= 1 && batch->count <= max_messages);
      note_messages(seen, *batch, rules.allowed);
    } else if (const auto* command = std::get_if<command_frame>(&next)) {
      require(command->body.size() <= rules.max_command_size);
      seen.others += std::to_string(seen.message_count) + ':' + command->body.str() + '\n';
    } else {
      seen.others += std::to_string(seen.message_count) + '!' + std::get<error>(next).message() + '\n';
    }
  }
}

trace decode(octets input, std::size_t piece, std::uint32_t max_messages, const frame_rules& rules) {
  frame_decoder decoder(rules);
  trace seen;
  while (!input.empty()) {
    const std::span<std::byte> room = decoder.direct_room();
    const std::size_t size = std::min({piece, input.size(), room.empty() ? SIZE_MAX : room.size()});
    if (room.empty()) {
      decoder.push(bytes::copy(input.first(size)));
    } else {
      std::memcpy(room.data(), input.data(), size);
      decoder.direct_filled(size);
    }
    input = input.subspan(size);
    drain(decoder, seen, rules, max_messages);
    require(decoder.unread_bytes() == 0);
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const frame_rules rules = rules_from(data[0]);
  const octets input(reinterpret_cast<const std::byte*>(data + 2), size - 2);
  const trace whole = decode(input, SIZE_MAX, UINT32_MAX, rules);
  require(whole.messages.size() <= input.size());
  require(decode(input, 1, 1, rules) == whole);
  require(decode(input, 1U + data[1], 1U + data[1] % 3U, rules) == whole);
  return 0;
}
