#include "auth/file_watch.hpp"
#include "auth/key_folder.hpp"
#include "base/printable.hpp"

#include <monocoque/authenticators.hpp>

#include <exception>
#include <utility>

namespace monocoque {
namespace {

/// On the thread of the watch.
void read_again(auth::key_folder& folder) noexcept {
  try {
    static_cast<void>(folder.read());  // what is wrong is a problem of the folder's
  } catch (const std::exception&) {    // no memory: it is read again in some seconds
  }
}

}  // namespace

struct key_directory::state {
  explicit state(std::string path)
      : folder(std::make_shared<auth::key_folder>(std::move(path))),
        watch(folder->path(), [folder = folder] { read_again(*folder); }) {
    folder->read().value();
  }

  // Shared with the thread of the watch: who is told there of a key that was revoked may destroy all copies.
  const std::shared_ptr<auth::key_folder> folder;
  const auth::file_watch watch;
};

key_directory::key_directory(std::string path) : state_(std::make_shared<state>(auth::absolute_path(path))) {}

auth_verdict key_directory::operator()(const auth_request& request) const {
  if (request.mechanism != "CURVE") {
    std::string reason = "peers need CURVE here, not ";
    base::append_printable(reason, request.mechanism);
    return auth_verdict::deny(std::move(reason));
  }
  if (state_->watch.is_forked())
    return auth_verdict::fail(
        "this key_directory is of the parent process, and hears of no changes in this one");
  const auto known = state_->folder->known();
  const auto found = known->owners.find(request.public_key);
  if (found == known->owners.end()) {
    return auth_verdict::deny("the key " + request.public_key.z85() + " is in no file of " +
                              state_->folder->path());
  }
  const auth::key_owner& owner = found->second;
  return auth_verdict::allow(owner.user_id, owner.metadata).until(owner.valid.get_token());
}

std::size_t key_directory::size() const { return state_->folder->known()->owners.size(); }

bool key_directory::contains(const curve_public_key& key) const {
  return state_->folder->known()->owners.contains(key);
}

std::vector<std::string> key_directory::problems() const {
  std::vector<std::string> found = state_->folder->known()->problems;
  if (std::string watching = state_->watch.problem(); !watching.empty()) found.push_back(std::move(watching));
  return found;
}

void key_directory::reload() const { static_cast<void>(state_->folder->read()); }

}  // namespace monocoque
