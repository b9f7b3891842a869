#include "auth/key_folder.hpp"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <string_view>
#include <utility>

namespace monocoque::auth {
namespace {

constexpr std::string_view suffix = ".key";
constexpr mode_t others_write = S_IWGRP | S_IWOTH;

/// As a shell takes *.key: editors and their locks begin with a dot.
bool is_key_name(std::string_view name) noexcept {
  return name.size() > suffix.size() && name.ends_with(suffix) && name.front() != '.';
}

std::string user_of(const std::string& name) { return name.substr(0, name.size() - suffix.size()); }

/// What an error says but for the path, which stands in front already.
std::string reason_of(const error& failure) {
  return error(failure.code(), std::string(failure.detail())).message();
}

error of_folder(error failure, const std::string& path) {
  return std::move(failure).with_doing("read").with_endpoint(path);
}

}  // namespace

std::size_t key_hash::operator()(const curve_public_key& key) const noexcept {
  std::size_t begin = 0;
  std::memcpy(&begin, key.data().data(), sizeof begin);
  return begin;
}

std::shared_ptr<const known_keys> key_folder::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

result<void> key_folder::read() {
  std::unique_lock reading(reading_);
  auto names = list();
  std::shared_ptr<known_keys> now;
  if (names) {
    read_files(*names);
    now = sum_up();
  } else if (is_passing(names.error())) {
    now = std::make_shared<known_keys>(*known());
  } else {
    files_.clear();
    now = std::make_shared<known_keys>();
  }
  if (!names) now->problems = {path_ + ": " + reason_of(names.error())};
  const auto before = known();
  replace(now);
  reading.unlock();
  // With nothing locked: those who are told may ask, or let go of all this.
  for (const auto& [key, owner] : before->owners) {
    const auto found = now->owners.find(key);
    if (found == now->owners.end() || found->second.valid != owner.valid) owner.valid.request_stop();
  }
  if (!names) return std::move(names).error();
  return {};
}

void key_folder::replace(std::shared_ptr<const known_keys> now) {
  const std::lock_guard lock(mutex_);
  known_ = std::move(now);
}

result<std::vector<std::string>> key_folder::list() const {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path_.c_str()), &::closedir);
  if (!folder) return of_folder(error::from_errno(errno), path_);
  struct stat status{};
  if (::fstat(::dirfd(folder.get()), &status) != 0) return of_folder(error::from_errno(errno), path_);
  if ((status.st_mode & S_IWOTH) != 0) {
    return of_folder(
        {std::make_error_code(std::errc::permission_denied), "everybody may write to it: chmod o-w"}, path_);
  }
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(folder.get());
    if (entry == nullptr && errno != 0) return of_folder(error::from_errno(errno), path_);
    if (entry == nullptr) return names;
    if (is_key_name(entry->d_name)) names.emplace_back(entry->d_name);
  }
}

void key_folder::read_files(const std::vector<std::string>& names) {
  files now;
  for (const std::string& name : names) {
    auto known = files_.extract(name);
    file& each = known ? now.insert(std::move(known)).position->second : now[name];
    read_file(path_ + "/" + name, each);
  }
  files_ = std::move(now);
}

void key_folder::read_file(const std::string& path, file& known) const {
  struct stat status{};
  const int failed = ::stat(path.c_str(), &status) != 0 ? errno : 0;
  const file_stamp stamp = file_stamp::of(status);
  if (failed == 0 && known.is_settled && known.stamp == stamp) return;
  known.stamp = stamp;
  known.is_settled = failed == 0 && stamp.is_settled();
  known.problem.clear();

  result<key_file> loaded = error::from_errno(failed);
  if (failed == 0 && (status.st_mode & others_write) != 0) {
    loaded = error(std::make_error_code(std::errc::permission_denied),
                   "others than its owner may write it: chmod go-w");
  } else if (failed == 0) {
    loaded = load_public_key(as_result, path);
  }
  if (loaded && loaded->public_key.empty())
    loaded = error(errc::invalid_argument).with_detail("its key is all zeros, which nobody can have");
  if (loaded) {
    known.content = *std::move(loaded);
    return;
  }
  known.problem = path + ": " + reason_of(loaded.error());
  if (is_passing(loaded.error())) {
    known.is_settled = false;
  } else {
    known.content.reset();
  }
}

std::shared_ptr<known_keys> key_folder::sum_up() const {
  const auto before = known();
  auto now = std::make_shared<known_keys>();
  for (const auto& [name, each] : files_) {
    if (!each.problem.empty()) now->problems.push_back(each.problem);
    if (!each.content) continue;
    const curve_public_key& key = each.content->public_key;
    const auto [owner, is_first] = now->owners.try_emplace(key);
    if (!is_first) {
      now->problems.push_back(path_ + "/" + name + ": has the same key as " + owner->second.user_id +
                              std::string(suffix) + ", which counts");
      continue;
    }
    owner->second.user_id = user_of(name);
    owner->second.metadata = each.content->metadata;
    const auto known = before->owners.find(key);
    if (known != before->owners.end() && known->second.user_id == owner->second.user_id)
      owner->second.valid = known->second.valid;
  }
  return now;
}

}  // namespace monocoque::auth
