#pragma once

#include <monocoque/socket_type.hpp>

#include <span>

namespace tool {

/// A socket type that the command line knows, by its name in small letters.
struct type_entry {
  monocoque::socket_type type;
  const char* name;
  bool sends, receives;
  const char* summary;
  const char* help;  // what it does with its words, and what ends it
};

/// All of them, in the order in which help shows them.
[[nodiscard]] std::span<const type_entry> type_table() noexcept;

}  // namespace tool
