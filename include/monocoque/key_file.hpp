#pragma once

#include <monocoque/curve_keys.hpp>
#include <monocoque/result.hpp>

#include <map>
#include <string>

#pragma GCC visibility push(default)

namespace monocoque {

// Keys in files, in the form that CZMQ and pyzmq write and read (ZPL: `public-key = "..."` in a section
// `curve`). Reading also takes files that hold nothing but 40 characters of Z85. A file has at most 64 KB.

/// What a key file says.
struct key_file {
  curve_public_key public_key;
  curve_secret_key secret_key{};                  ///< empty: it has none
  std::map<std::string, std::string> metadata{};  ///< section `metadata`
};

/// Writes NAME.key with the public key (mode 0644) and NAME.key_secret with both (mode 0600, whatever the
/// umask lets others do), each whole or not at all. Throws monocoque::exception, and then nothing is written:
/// the system's code, file_exists if one of the files is there already; or errc::invalid_argument for a key
/// that is missing and for metadata that cannot be written: names have letters, digits and $-_@.&+/, values
/// no control characters and quotes of one kind only.
void save_keypair(const std::string& name, const curve_keypair& keys,
                  const std::map<std::string, std::string>& metadata = {});
result<void> save_keypair(as_result_tag, const std::string& name, const curve_keypair& keys,
                          const std::map<std::string, std::string>& metadata = {});

/// Reads a public key: of a .key file, or of a .key_secret file, whose secret key is left out. Throws
/// monocoque::exception: the system's code, or errc::invalid_argument, and then the detail says in which
/// line.
[[nodiscard]] key_file load_public_key(const std::string& path);
[[nodiscard]] result<key_file> load_public_key(as_result_tag, const std::string& path);

/// Reads a secret key; the public one is computed if the file has none, and must belong to it if it has.
/// Throws as load_public_key. Refuses, permission_denied, a file
/// that others than its owner may read or write, or that belongs to somebody else than us or root.
[[nodiscard]] key_file load_secret_key(const std::string& path);
[[nodiscard]] result<key_file> load_secret_key(as_result_tag, const std::string& path);

}  // namespace monocoque

#pragma GCC visibility pop
