#include "hash_password_command.hpp"

#include "exit_status.hpp"
#include "secret_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace tool {
namespace {

constexpr std::size_t longest = 255;  // of a name and of a password: RFC 24

// It must stand in front of a colon, in a line that is no comment.
void check_user(const std::string& user) {
  const bool fits = !user.empty() && user.size() <= longest && user.front() != '#' &&
                    std::ranges::none_of(user, [](char c) {
                      return c == ':' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                    });
  if (fits) return;
  throw wrong_usage(fmt::format(
      "a user's name has 1 to {} bytes, no ':', no control characters, and does not begin with '#'",
      longest));
}

}  // namespace

int run(const hash_password_command& command, interruption& stop) {
  if (command.user) check_user(*command.user);
  const auto password = ask_for_password(stop.token());
  if (!password) return 128 + stop.signal();
  if (password->empty()) throw std::runtime_error("the password is empty");
  if (password->size() > longest)
    throw std::runtime_error(fmt::format("a password has at most {} bytes", longest));
  const std::string hash = monocoque::hash_password(*password, command.cost);
  fmt::print("{}{}{}\n", command.user.value_or(""), command.user ? ":" : "", hash);
  return exit_done;
}

}  // namespace tool
