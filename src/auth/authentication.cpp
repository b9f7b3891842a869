#include <monocoque/authentication.hpp>

#include "crypto/secret.hpp"

#include <atomic>

namespace monocoque {

auth_request::~auth_request() { crypto::wipe(password); }

auth_verdict auth_verdict::allow(std::string user_id, std::map<std::string, std::string> metadata) {
  auth_verdict verdict;
  verdict.status = status_code::allowed;
  verdict.user_id = std::move(user_id);
  verdict.metadata = std::move(metadata);
  return verdict;
}

namespace {

auth_verdict refusal(auth_verdict::status_code status, std::string reason) {
  auth_verdict verdict;
  verdict.status = status;
  verdict.reason = std::move(reason);
  return verdict;
}

}  // namespace

auth_verdict auth_verdict::deny(std::string reason) {
  return refusal(status_code::denied, std::move(reason));
}
auth_verdict auth_verdict::unavailable(std::string reason) {
  return refusal(status_code::unavailable, std::move(reason));
}
auth_verdict auth_verdict::fail(std::string reason) {
  return refusal(status_code::failed, std::move(reason));
}

struct auth_answer::state {
  explicit state(std::shared_ptr<detail::auth_sink> where) noexcept : to(std::move(where)) {}
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    if (!answered.load(std::memory_order_relaxed)) to->answered(auth_verdict::fail("it was not answered"));
  }

  const std::shared_ptr<detail::auth_sink> to;
  std::atomic<bool> answered{false};
};

auth_answer::auth_answer(std::shared_ptr<detail::auth_sink> to)
    : state_(std::make_shared<state>(std::move(to))) {}

void auth_answer::operator()(auth_verdict verdict) const {
  if (!state_->answered.exchange(true)) state_->to->answered(std::move(verdict));
}

}  // namespace monocoque
