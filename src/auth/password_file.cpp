#include "auth/file_watch.hpp"
#include "auth/password_table.hpp"
#include "base/printable.hpp"
#include "crypto/box.hpp"
#include "crypto/password_hash.hpp"
#include "crypto/secret.hpp"
#include "io/worker.hpp"

#include <monocoque/authenticators.hpp>

#include <atomic>
#include <exception>
#include <utility>

namespace monocoque {
namespace {

using auth::password_table;

using peer_count = std::atomic<std::size_t>;

/// A peer that waits for its turn. Gone without an answer it is one: `fail`.
class waiting_peer {
 public:
  waiting_peer(std::shared_ptr<password_table> users, std::shared_ptr<peer_count> waiting,
               auth_request request, auth_answer answer)
      : users_(std::move(users)),
        waiting_(std::move(waiting)),
        before_(waiting_->fetch_add(1)),
        request_(std::move(request)),
        answer_(std::move(answer)) {}
  waiting_peer(const waiting_peer&) = delete;
  waiting_peer& operator=(const waiting_peer&) = delete;
  ~waiting_peer() {
    if (waiting_) --*waiting_;
  }

  /// How many waited already.
  [[nodiscard]] std::size_t before() const noexcept { return before_; }
  void take_turn() noexcept {
    --*std::exchange(waiting_, nullptr);
    try {
      static_cast<void>(users_->read(password_table::when::once_complete));  // what is wrong is remembered
      auth_verdict verdict = users_->verify(request_.username, request_.password);
      crypto::wipe(request_.password);
      answer_(std::move(verdict));
    } catch (const std::exception&) {
      answer_(auth_verdict::unavailable());  // there is no memory, not even for a reason
    }
  }

 private:
  const std::shared_ptr<password_table> users_;
  std::shared_ptr<peer_count> waiting_;  // counts this one; null once it does not
  const std::size_t before_;
  auth_request request_;
  const auth_answer answer_;
};

/// On the thread of the watch.
void read_again(password_table& users) noexcept {
  try {
    static_cast<void>(users.read(password_table::when::once_complete));  // what is wrong is remembered
  } catch (const std::exception&) {  // no memory: it is read again in some seconds
  }
}

}  // namespace

struct password_file::state {
  explicit state(std::string path)
      : users(std::make_shared<password_table>(std::move(path))),
        watch(auth::folder_of(users->path()), [users = users] { read_again(*users); }) {
    users->read(password_table::when::at_once).value();
  }

  // Shared with the two threads: who hears there of an answer or a revocation may destroy all copies.
  const std::shared_ptr<password_table> users;
  const std::shared_ptr<peer_count> waiting = std::make_shared<peer_count>(0);
  io::worker hashing;
  const auth::file_watch watch;
};

password_file::password_file(std::string path) {
  if (!crypto::is_available()) {
    throw exception(error(errc::not_supported)
                        .with_doing("read")
                        .with_endpoint(path)
                        .with_detail("hashes need libsodium"));
  }
  state_ = std::make_shared<state>(auth::absolute_path(path));
}

void password_file::operator()(auth_request request, auth_answer answer) const {
  if (request.mechanism != "PLAIN") {
    std::string reason = "peers need PLAIN here, not ";
    base::append_printable(reason, request.mechanism);
    return answer(auth_verdict::deny(std::move(reason)));
  }
  if (state_->watch.is_forked())
    return answer(
        auth_verdict::fail("this password_file is of the parent process, and has no threads in this one"));
  const auto peer =
      std::make_shared<waiting_peer>(state_->users, state_->waiting, std::move(request), answer);
  if (peer->before() >= max_waiting) {
    return answer(
        auth_verdict::unavailable(std::to_string(max_waiting) + " peers wait for their turn already"));
  }
  const result<void> submitted = state_->hashing.submit([peer] { peer->take_turn(); });
  if (!submitted) answer(auth_verdict::unavailable(submitted.error().message()));
}

std::string password_file::problem() const {
  const result<void> outcome = state_->users->outcome();
  return outcome ? state_->watch.problem() : outcome.error().message();
}

result<std::string> hash_password(as_result_tag, std::string_view password, password_cost cost) {
  return crypto::hash_password(password, cost == password_cost::moderate ? crypto::hash_cost::moderate
                                                                         : crypto::hash_cost::interactive);
}
std::string hash_password(std::string_view password, password_cost cost) {
  return hash_password(as_result, password, cost).value();
}

}  // namespace monocoque
