#pragma once

#include <monocoque/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace monocoque::crypto {

enum class hash_cost : std::uint8_t { interactive, moderate };

/// Argon2id with its salt and costs, as text (`$argon2id$v=19$m=65536,t=2,p=1$...`). Takes a while, and
/// memory, on purpose.
[[nodiscard]] result<std::string> hash_password(std::string_view password, hash_cost cost);
/// As long as `hash_password` took. False as well if `hash` makes no sense or there is no memory.
[[nodiscard]] bool verify_password(const std::string& hash, std::string_view password) noexcept;
/// True for what `hash_password` makes.
[[nodiscard]] bool is_password_hash(const std::string& text) noexcept;

}  // namespace monocoque::crypto
