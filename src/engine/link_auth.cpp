#include "engine/authentication.hpp"
#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/socket_core.hpp"
#include "transport/network.hpp"
#include "transport/peer.hpp"

#include <mutex>
#include <utility>

namespace monocoque::engine {

/// Takes the answer to the link it is about, as long as that is there.
class link::verdict_sink final : public detail::auth_sink {
 public:
  explicit verdict_sink(std::weak_ptr<link> about) noexcept : about_(std::move(about)) {}
  void answered(auth_verdict verdict) noexcept override {
    if (const auto found = about_.lock()) found->decide_soon(std::move(verdict));
  }

 private:
  const std::weak_ptr<link> about_;
};

/// Closes the link of a peer that was let in and is to be no longer.
struct link::revocation {
  struct close_it {
    std::weak_ptr<link> whom;
    void operator()() const noexcept {
      const auto found = whom.lock();
      if (!found) return;
      const std::lock_guard lock(found->socket_->mutex());
      error reason = errc::authentication_failed;
      with_memory([&] { reason = std::move(reason).with_detail("it is let in no longer"); }, [] {});
      found->close_soon(std::move(reason));
    }
  };
  revocation(std::stop_token token, std::weak_ptr<link> whom)
      : callback(std::move(token), close_it{std::move(whom)}) {}
  std::stop_callback<close_it> callback;
};

link::judgement::judgement() noexcept = default;
link::judgement::~judgement() { over.request_stop(); }

std::optional<peer_process> link::process() const {
  const auto found = socket_->context().network().credentials_of_peer(stream_->fd());
  if (!found) return std::nullopt;
  return peer_process{.pid = found->pid, .uid = found->uid, .gid = found->gid};
}

void link::ask_for_verdict(zmtp::claim shown) {
  judgement_ = std::make_unique<judgement>();
  const socket_options& options = *options_->of_socket;
  judgement_->deadline = loop_.now() + options.authentication_timeout;
  arm_timeout();
  const auth_answer answer(std::make_shared<verdict_sink>(weak_from_this()));
  decide(socket_->context(), options, describe_peer(*this, std::move(shown)), answer,
         judgement_->over.get_token());
}

void link::decide_soon(auth_verdict verdict) noexcept {
  const std::lock_guard lock(socket_->mutex());
  if (decided_) return;
  decided_ = std::move(verdict);
  ask(wish_verdict);
}

void link::give_up_verdict() {
  if (!judgement_ || loop_.now() < judgement_->deadline) return;
  auth_verdict none = auth_verdict::unavailable("there was no answer in time");
  none.flaw = zap_flaw::no_reply;
  take_verdict(std::move(none));
}

void link::take_verdict(auth_verdict verdict) {
  if (!judgement_ || state_ >= state::closing || judgement_->deadline == zmtp::time_point::max()) return;
  judgement_->deadline = zmtp::time_point::max();
  judgement_->over.request_stop();
  arm_timeout();
  if (verdict.status == auth_verdict::status_code::allowed && verdict.revoked.stop_requested())
    verdict = auth_verdict::deny("it is let in no longer");
  if (verdict.status == auth_verdict::status_code::allowed && verdict.revoked.stop_possible())
    judgement_->revoked = std::make_unique<revocation>(verdict.revoked, weak_from_this());
  handler_flaw_ = verdict.flaw;
  protocol_.handle_verdict(to_zmtp(std::move(verdict)));
  // A read is under way, unless the peer has closed.
  static_cast<void>(take_events());
  read_more();
}

}  // namespace monocoque::engine
