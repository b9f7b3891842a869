#pragma once

#include "auth/watched_path.hpp"

#include <monocoque/key_file.hpp>
#include <monocoque/result.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace monocoque::auth {

/// Whoever has the secret half of a key in a folder.
struct key_owner {
  std::string user_id;
  std::map<std::string, std::string> metadata;
  std::stop_source valid;  ///< stopped when the file is gone or has another key
};

/// A good hash of a key is any part of it: those in the table were chosen by the owner of the folder.
struct key_hash {
  std::size_t operator()(const curve_public_key& key) const noexcept;
};

/// What a folder of keys said when it was read last.
struct known_keys {
  std::unordered_map<curve_public_key, key_owner, key_hash> owners;
  std::vector<std::string> problems;  ///< `PATH: why`
};

/// The keys in the files *.key of a folder, hidden ones apart. Files that did not change are not read again.
/// Thread-safe.
class key_folder {
 public:
  explicit key_folder(std::string path) : path_(std::move(path)) {}

  /// Reads the folder, and revokes the keys that have gone. An error is one of the folder itself, which is
  /// also a problem: if it has gone so have its keys, but one that is passing leaves them as they are.
  result<void> read();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::shared_ptr<const known_keys> known() const;

 private:
  struct file {
    file_stamp stamp;
    bool is_settled = false;
    std::optional<key_file> content{};
    std::string problem{};
  };
  using files = std::map<std::string, file>;  // in the order of names

  [[nodiscard]] result<std::vector<std::string>> list() const;
  void read_files(const std::vector<std::string>& names);
  void read_file(const std::string& path, file& known) const;
  [[nodiscard]] std::shared_ptr<known_keys> sum_up() const;
  void replace(std::shared_ptr<const known_keys> now);

  const std::string path_;
  std::mutex reading_;  // one at a time; guards files_
  files files_;
  mutable std::mutex mutex_;  // guards known_
  std::shared_ptr<const known_keys> known_ = std::make_shared<known_keys>();
};

}  // namespace monocoque::auth
