#include "auth/password_text.hpp"

#include "base/printable.hpp"
#include "crypto/password_hash.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace monocoque::auth {
namespace {

error refuse(std::size_t line, std::string why) {
  return error(errc::invalid_argument).with_detail("line " + std::to_string(line) + ": " + std::move(why));
}

/// Takes the first line away from `text`, without what ends it.
std::string_view next_line(std::string_view& text) noexcept {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Why it is none; or nothing, and then it is one.
std::string read_line(std::string_view line, password_line& into) {
  if (line.size() > max_password_line) return "longer than " + std::to_string(max_password_line) + " bytes";
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos) return "there is no ':' behind a name";
  if (colon == 0) return "there is no name in front of the ':'";
  if (colon > max_username) return "the name is longer than " + std::to_string(max_username) + " bytes";
  into = {std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))};
  if (!crypto::is_password_hash(into.hash)) return "what stands behind the ':' is no hash of a password";
  return {};
}

}  // namespace

result<std::vector<password_line>> read_password_text(std::string_view text) {
  std::vector<password_line> found;
  std::unordered_map<std::string, std::size_t> seen;  // name -> line
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = next_line(text);
    if (line.empty() || line.front() == '#') continue;
    password_line read;
    if (std::string why = read_line(line, read); !why.empty()) return refuse(number, std::move(why));
    const auto [first, is_new] = seen.try_emplace(read.name, number);
    if (!is_new) {
      std::string why = "\"";
      base::append_printable(why, read.name);
      return refuse(number, why + "\" is in line " + std::to_string(first->second) + " already");
    }
    found.push_back(std::move(read));
  }
  std::ranges::sort(found, {}, &password_line::name);
  return found;
}

}  // namespace monocoque::auth
