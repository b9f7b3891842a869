#pragma once

#include "zmtp/octets.hpp"

#include <monocoque/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Bodies of command frames (RFC 37, section "Commands"): a name with its length in one octet, then data.
namespace monocoque::zmtp {

inline constexpr std::string_view hello_command = "HELLO";
inline constexpr std::string_view welcome_command = "WELCOME";
inline constexpr std::string_view initiate_command = "INITIATE";
inline constexpr std::string_view ready_command = "READY";
inline constexpr std::string_view error_command = "ERROR";
inline constexpr std::string_view subscribe_command = "SUBSCRIBE";
inline constexpr std::string_view cancel_command = "CANCEL";
inline constexpr std::string_view join_command = "JOIN";
inline constexpr std::string_view leave_command = "LEAVE";
inline constexpr std::string_view ping_command = "PING";
inline constexpr std::string_view pong_command = "PONG";

inline constexpr std::size_t max_ping_context = 16;
inline constexpr std::size_t max_error_reason = 255;
/// What a command's frame has beside its data, at most: its header, the size of its name, the name.
inline constexpr std::size_t max_command_overhead = 9 + 1 + 255;

/// A command of a peer; points into the input.
struct command {
  std::string_view name;
  octets data;
};
struct ping {
  std::uint16_t ttl_ds = 0;  ///< tenths of a second; 0: none
  octets context;
};

/// Splits a command's body. Fails with errc::bad_command if the name is missing or cut off.
[[nodiscard]] result<command> parse_command(octets body);
/// The data of a PING. A context over max_ping_context is cut to that size, as libzmq does.
[[nodiscard]] result<ping> parse_ping(octets data);
/// The data of an ERROR: its reason, made printable.
[[nodiscard]] result<std::string> parse_error(octets data);

/// Append a whole command frame.
void append_command(std::vector<std::byte>& out, std::string_view name, octets data);
void append_ping(std::vector<std::byte>& out, std::uint16_t ttl_ds, octets context);
/// The reason is cut to max_error_reason.
void append_error(std::vector<std::byte>& out, std::string_view reason);

}  // namespace monocoque::zmtp
