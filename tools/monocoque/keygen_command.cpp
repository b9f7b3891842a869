#include "keygen_command.hpp"

#include "exit_status.hpp"

#include <monocoque/curve_keys.hpp>
#include <monocoque/key_file.hpp>

#include <fmt/format.h>

#include <map>
#include <utility>

namespace tool {
namespace {

std::map<std::string, std::string> read_metadata(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> read;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
      throw wrong_usage(fmt::format("--metadata '{}': NAME=VALUE is needed", text));
    if (!read.try_emplace(text.substr(0, equals), text.substr(equals + 1)).second)
      throw wrong_usage(fmt::format("--metadata '{}': this name is there already", text));
  }
  return read;
}

}  // namespace

int run(const keygen_command& command) {
  if (!command.metadata.empty() && !command.out)
    throw wrong_usage("--metadata is for files: --out NAME is needed");
  const auto metadata = read_metadata(command.metadata);
  const auto keys = monocoque::curve_keypair::generate();
  if (command.out) {
    monocoque::save_keypair(*command.out, keys, metadata);
    fmt::print("{0}.key: the public key, for the peers\n{0}.key_secret: both keys, for nobody else\n",
               *command.out);
  }
  fmt::print("public-key = {}\n", keys.public_key.z85());
  if (!command.out) fmt::print("secret-key = {}\n", keys.secret_key.z85());
  return exit_done;
}

}  // namespace tool
