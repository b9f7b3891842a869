#include "engine/authentication.hpp"

#include "auth/network.hpp"
#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/zap_client.hpp"

#include <exception>
#include <utility>
#include <variant>

namespace monocoque::engine {
namespace {

auth_verdict broken(std::string_view what) {
  return auth_verdict::fail("the authenticator threw " + std::string(what));
}

/// `call` answers by itself or throws.
template <class Call>
void answer_for(const auth_answer& answer, Call call) {
  try {
    call();
  } catch (const std::bad_alloc&) {
    answer(auth_verdict::unavailable("out of memory"));
  } catch (const std::exception& thrown) {
    answer(broken(thrown.what()));
  } catch (...) {
    answer(broken("something"));
  }
}

task<> run_to_verdict(authenticator::coroutine decide_it, auth_request about, auth_answer answer) {
  try {
    task<auth_verdict> deciding = decide_it(std::move(about));
    auth_verdict decided = co_await std::move(deciding);
    answer(std::move(decided));
  } catch (...) {
    answer_for(answer, [] { throw; });
  }
}

void consult(context_core& context, const authenticator& whom, auth_request about, const auth_answer& answer,
             std::stop_token stop) {
  answer_for(answer, [&] {
    if (const auto* const at_once = std::get_if<authenticator::immediate>(&whom.form())) {
      answer((*at_once)(about));
    } else if (const auto* const later = std::get_if<authenticator::deferred>(&whom.form())) {
      (*later)(std::move(about), answer);
    } else {
      const auto& coroutine = std::get<authenticator::coroutine>(whom.form());
      context.tasks().spawn(run_to_verdict(coroutine, std::move(about), answer), std::move(stop)).detach();
    }
  });
}

bool is_domain_required(const socket_options& options) { return !options.zap_domain.empty(); }

/// As libzmq has it (ZMQ_ZAP_DOMAIN, ZMQ_ZAP_ENFORCE_DOMAIN).
bool asks_zap(const auth_request& about, const socket_options& options) {
  if (about.mechanism == "NULL") return is_domain_required(options);
  return about.mechanism == "PLAIN" || is_domain_required(options) || !options.zap_enforce_domain;
}

auth_verdict no_handler(std::string what) {
  auth_verdict verdict = auth_verdict::unavailable(std::move(what));
  verdict.flaw = zap_flaw::no_handler;
  return verdict;
}

auth_verdict without_handler(const auth_request& about, const socket_options& options) {
  if (about.mechanism == "PLAIN")
    return no_handler("nobody checks passwords: there is neither an authenticator nor a ZAP handler");
  if (is_domain_required(options) && options.zap_enforce_domain)
    return no_handler("there is no ZAP handler, and zap_enforce_domain is set");
  return auth_verdict::allow();
}

}  // namespace

std::string host_in(std::string_view peer_address) { return std::string(auth::host_of(peer_address)); }

auth_request describe_peer(const link& asking, zmtp::claim shown) {
  auth_request about;
  about.mechanism = std::move(shown.peer.mechanism);
  about.endpoint = asking.options().endpoint;
  about.address = asking.peer_address();
  about.domain = asking.options().of_socket->zap_domain;
  about.username = std::move(shown.username);
  about.password = std::move(shown.password);
  about.public_key = shown.public_key;
  about.routing_id = std::move(shown.peer.routing_id);
  about.socket_type = std::move(shown.peer.socket_type);
  about.metadata = std::move(shown.peer.metadata);
  about.process = asking.process();
  return about;
}

void decide(context_core& context, const socket_options& options, auth_request about,
            const auth_answer& answer, std::stop_token stop) {
  if (options.authenticate) {
    consult(context, options.authenticate, std::move(about), answer, std::move(stop));
  } else if (!asks_zap(about, options)) {
    answer(auth_verdict::allow());
  } else if (!context.zap().has_handler()) {
    answer(without_handler(about, options));
  } else {
    // libzmq tells the server's own.
    if (context.behaves_as_libzmq()) about.routing_id = options.routing_id;
    context.zap().ask(about, answer, context.now() + options.authentication_timeout);
  }
}

zmtp::verdict to_zmtp(auth_verdict decided) {
  return {.status = static_cast<std::uint16_t>(decided.status),
          .user_id = std::move(decided.user_id),
          .metadata = std::move(decided.metadata),
          .reason = std::move(decided.reason)};
}

}  // namespace monocoque::engine
