#include "auth/password_table.hpp"

#include "auth/password_text.hpp"
#include "auth/small_file.hpp"
#include "base/printable.hpp"
#include "crypto/password_hash.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <utility>

namespace monocoque::auth {
namespace {

constexpr std::size_t max_password_file = 16 * 1024 * 1024;
/// No longer than a file_watch waits for more to happen, or what it heard of would not be read.
constexpr std::chrono::nanoseconds half_written = std::chrono::milliseconds(100);

const password_user* find(const password_users& users, const std::string& name) noexcept {
  const auto found = std::ranges::lower_bound(users, name, {}, &password_user::name);
  return found != users.end() && found->name == name ? &*found : nullptr;
}

/// Those who were there before with the same hash keep what they are revoked with.
password_users merge(std::vector<password_line> lines, const password_users& before) {
  password_users merged;
  merged.reserve(lines.size());
  for (password_line& line : lines) {
    const password_user* const same = find(before, line.name);
    const bool stays = same != nullptr && same->hash == line.hash;
    merged.push_back({std::move(line.name), std::move(line.hash), stays ? same->valid : std::stop_source()});
  }
  return merged;
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  base::append_printable(text, name);
  return text + '"';
}

}  // namespace

result<void> password_table::read(when mode) {
  std::unique_lock reading(reading_);
  if (!is_due(mode)) return outcome();
  const bool settles = stamp_.is_settled();
  const auto before = known();
  auto loaded = load(*before);
  is_settled_ = settles && (loaded || !is_passing(loaded.error()));
  const auto outcome = loaded ? result<void>() : result<void>(loaded.error());
  const auto now = loaded ? std::make_shared<const password_users>(*std::move(loaded)) : before;
  {
    const std::lock_guard lock(mutex_);
    users_ = now;
    outcome_ = outcome;
  }
  reading.unlock();
  // With nothing locked: those who are told may ask, or let go of all this.
  for (const password_user& each : *before) {
    const password_user* const same = find(*now, each.name);
    if (same == nullptr || same->valid != each.valid) each.valid.request_stop();
  }
  return outcome;
}

bool password_table::is_due(when mode) {
  struct stat status{};
  const bool is_there = ::stat(path_.c_str(), &status) == 0;
  const file_stamp stamp = is_there ? file_stamp::of(status) : file_stamp();
  if (is_there && stamp == stamp_ && is_settled_) return false;
  // A time to come is of another machine's clock, and tells nothing.
  const auto age = std::chrono::nanoseconds(stamp.age_ns());
  if (mode == when::once_complete && stamp != stamp_ && age >= age.zero() && age < half_written) return false;
  stamp_ = stamp;
  is_settled_ = false;
  return true;
}

result<password_users> password_table::load(const password_users& before) const {
  auto text = read_small_file(path_, others_may::read, max_password_file);
  if (!text) return std::move(text).error();
  auto lines = read_password_text(*text);
  if (!lines) return std::move(lines).error().with_doing("read").with_endpoint(path_);
  return merge(*std::move(lines), before);
}

std::shared_ptr<const password_users> password_table::known() const {
  const std::lock_guard lock(mutex_);
  return users_;
}

result<void> password_table::outcome() const {
  const std::lock_guard lock(mutex_);
  return outcome_;
}

auth_verdict password_table::verify(const std::string& name, std::string_view password) const {
  const auto users = known();
  const password_user* const user = find(*users, name);
  if (user == nullptr) {
    // Somebody else's hash, always the same one, so that unknown names take what known ones do, whatever
    // costs there are in the file.
    const std::size_t any = std::hash<std::string>()(name);
    if (!users->empty())
      static_cast<void>(crypto::verify_password((*users)[any % users->size()].hash, password));
    return auth_verdict::deny("nobody is named " + quoted(name));
  }
  if (!crypto::verify_password(user->hash, password))
    return auth_verdict::deny("the password of " + quoted(name) + " is another");
  return auth_verdict::allow(name).until(user->valid.get_token());
}

}  // namespace monocoque::auth
