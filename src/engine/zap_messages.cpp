#include "engine/zap_messages.hpp"

#include "auth/network.hpp"
#include "zmtp/metadata.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace monocoque::engine {
namespace {

constexpr std::string_view version = "1.0";

// The frames of a reply. A DEALER sees the delimiter.
enum reply_frame : std::size_t {
  delimiter,
  of_version,
  request_id,
  status_code,
  status_text,
  user_id,
  metadata
};
constexpr std::size_t reply_frames = metadata + 1;

/// "tcp://10.0.0.1:4711" is "10.0.0.1", and of ipc it is what libzmq says on Linux: the numbers of user,
/// group and process, after what the system calls the host of such an address.
std::string address_of(const auth_request& about) {
  if (about.process) {
    return "localhost:" + std::to_string(about.process->uid) + ":" + std::to_string(about.process->gid) +
           ":" + std::to_string(about.process->pid);
  }
  return std::string(auth::host_of(about.address));
}

// In the order of zap_flaw.
constexpr std::array<std::string_view, 8> flaw_texts{
    "",
    "there is none",
    "it did not come",
    "it is not 7 frames, of which the first is empty",
    "it is for another request",
    "its version is not 1.0",
    "its status is none of 200, 300, 400 and 500",
    "its metadata",
};

std::uint64_t number_from(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && end == text.data() + text.size() ? number : 0;
}

std::optional<auth_verdict::status_code> status_from(std::string_view text) {
  using enum auth_verdict::status_code;
  for (const auto code : {allowed, unavailable, denied, failed}) {
    if (text == std::to_string(static_cast<unsigned>(code))) return code;
  }
  return std::nullopt;
}

auth_verdict read_verdict(const message& reply) {
  if (reply.size() != reply_frames || !reply.view(delimiter).empty())
    return verdict_after(zap_flaw::malformed_reply);
  if (reply.view(of_version) != version) return verdict_after(zap_flaw::bad_version);
  const auto status = status_from(reply.view(status_code));
  if (!status) return verdict_after(zap_flaw::invalid_status);
  auth_verdict read;
  read.status = *status;
  if (*status != auth_verdict::status_code::allowed) {
    read.reason = reply.view(status_text);
    return read;
  }
  read.user_id = reply.view(user_id);
  const auto properties = zmtp::parse_metadata(reply.span(metadata));
  if (!properties) return verdict_after(zap_flaw::invalid_metadata);
  for (const zmtp::property& each : *properties) read.metadata.emplace(each.name, zmtp::as_text(each.value));
  return read;
}

}  // namespace

message zap_request(std::uint64_t number, const auth_request& about) {
  message asked;
  asked.push_back(version)
      .push_back(std::to_string(number))
      .push_back(about.domain)
      .push_back(address_of(about))
      .push_back(about.routing_id)
      .push_back(about.mechanism);
  if (about.mechanism == "PLAIN") asked.push_back(about.username).push_back(about.password);
  if (about.mechanism == "CURVE") asked.push_back(bytes::copy(about.public_key.data()));
  return asked;
}

auth_verdict verdict_after(zap_flaw flaw) {
  auth_verdict verdict = auth_verdict::fail("the ZAP handler's reply makes no sense: " +
                                            std::string(flaw_texts[static_cast<std::size_t>(flaw)]));
  verdict.flaw = flaw;
  return verdict;
}

zap_reply read_zap_reply(const message& reply) {
  const std::uint64_t number = reply.size() > request_id ? number_from(reply.view(request_id)) : 0;
  return {number, read_verdict(reply)};
}

}  // namespace monocoque::engine
