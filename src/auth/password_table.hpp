#pragma once

#include "auth/watched_path.hpp"

#include <monocoque/authentication.hpp>
#include <monocoque/result.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque::auth {

struct password_user {
  std::string name;
  std::string hash;
  std::stop_source valid;  ///< stopped when the line is gone or has another hash
};

/// In the order of names.
using password_users = std::vector<password_user>;

/// The users of a password file, as it was when it made sense last. Thread-safe.
class password_table {
 public:
  explicit password_table(std::string path) : path_(std::move(path)) {}

  enum class when : std::uint8_t { at_once, once_complete };
  /// Reads the file if it has changed, and revokes those whose lines have gone or changed. An error leaves
  /// the users as they are. `once_complete`: not yet if it changed a moment ago, since it may be half
  /// written.
  result<void> read(when mode);

  /// Takes as long as hashing does, also for a name that is not there.
  [[nodiscard]] auth_verdict verify(const std::string& name, std::string_view password) const;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// What the last `read` found.
  [[nodiscard]] result<void> outcome() const;

 private:
  [[nodiscard]] bool is_due(when mode);
  [[nodiscard]] result<password_users> load(const password_users& before) const;
  [[nodiscard]] std::shared_ptr<const password_users> known() const;

  const std::string path_;
  std::mutex reading_;  // one at a time; guards stamp_ and is_settled_
  file_stamp stamp_;
  bool is_settled_ = false;
  mutable std::mutex mutex_;  // guards users_ and outcome_
  std::shared_ptr<const password_users> users_ = std::make_shared<password_users>();
  result<void> outcome_;
};

}  // namespace monocoque::auth
