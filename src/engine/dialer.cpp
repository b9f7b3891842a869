#include "engine/dialer.hpp"

#include "engine/context_core.hpp"
#include "engine/deadline.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/socket_core.hpp"
#include "pattern/seed.hpp"
#include "transport/network.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace monocoque::engine {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds longest_wait = std::chrono::hours(24 * 365);
/// After a peer did not let us in the wait does not grow beyond this.
constexpr milliseconds longest_denied_wait = std::chrono::minutes(1);

/// Nobody listens there; of an ipc path, it may not even exist.
bool is_refusal(const error& reason) {
  return reason.code() == std::errc::connection_refused ||
         reason.code() == std::errc::no_such_file_or_directory;
}

/// After which libzmq does not try again: the peer refused us, or speaks otherwise, which it will do again.
bool is_peers_last_word(const error& reason) noexcept {
  const std::error_code code = reason.code();
  if (code.category() != error_category()) return false;
  switch (static_cast<errc>(code.value())) {
    case errc::authentication_failed:
    case errc::refused_by_peer:
    case errc::mechanism_mismatch:
    case errc::bad_command:
    case errc::unexpected_command:
    case errc::bad_metadata:
    case errc::socket_type_mismatch: return true;
    default: return false;
  }
}

/// Null: it is connected to without one.
std::unique_ptr<const transport::endpoint> proxy_for(const transport::endpoint& where,
                                                     const socket_options& options) {
  if (options.socks_proxy.empty() || where.scheme != transport::scheme::tcp) return nullptr;
  auto proxy = transport::proxy_endpoint(options.socks_proxy);
  if (!proxy) return nullptr;  // which the options' check does not let through
  if (where.source) proxy->source = where.source;
  return std::make_unique<const transport::endpoint>(*std::move(proxy));
}

}  // namespace

dialer::dialer(std::shared_ptr<socket_core> socket, std::shared_ptr<const socket_options> options,
               io::loop& loop, transport::endpoint where, std::shared_ptr<pipe> kept, bytes routing_id)
    : socket_(std::move(socket)),
      options_(std::move(options)),
      loop_(loop),
      where_(std::move(where)),
      proxy_(proxy_for(where_, *options_)),
      first_hop_(proxy_ ? *proxy_ : where_),
      kept_(std::move(kept)),
      terms_(std::make_shared<const link::terms>(
          link::terms{.endpoint = where_.text,
                      .of_socket = options_,
                      .protocol = socket_->protocol_settings(*options_, false),
                      .assigned_routing_id = std::move(routing_id),
                      .dialled = true})),
      connector_(loop),
      proxy_watch_(loop),
      jitter_(
          static_cast<std::minstd_rand::result_type>(pattern::seed_from(socket_->context().draw_seed()))) {
  alarm_.owner = linger_alarm_.owner = this;
  alarm_.fire = [](detail::timer& fired) noexcept { static_cast<alarm&>(fired).owner->on_alarm(); };
  linger_alarm_.fire = [](detail::timer& fired) noexcept { static_cast<alarm&>(fired).owner->give_up(); };
}

dialer::~dialer() = default;

/// What there is no memory for counts as an attempt that failed.
template <class Step>
void dialer::with_memory_or_later(Step step) noexcept {
  with_memory(step, [this] {
    if (state_ >= state::given_up) return;
    connecting_.reset();
    retry(out_of_memory());
  });
}

void dialer::begin() noexcept {
  keep_ = shared_from_this();
  loop_.post(wish_work_, keep_);
}

void dialer::end(steady_clock::time_point linger_deadline) noexcept {
  ending_ = true;
  wished_end_ = linger_deadline;
  loop_.post(wish_work_, shared_from_this());
}

void dialer::on_wish() noexcept {
  bool ending = false;
  steady_clock::time_point linger_deadline;
  {
    const std::lock_guard lock(socket_->mutex());
    ending = ending_;
    linger_deadline = wished_end_;
  }
  if (state_ == state::idle) attempt();
  if (ending) stop(linger_deadline);
}

void dialer::attempt() noexcept {
  state_ = state::resolving;
  with_memory_or_later([this] { look_up(); });
}

void dialer::look_up() {
  const bool ipv6 = options_->ipv6;
  transport::network& network = socket_->context().network();
  if (!network.needs_lookup(first_hop_)) {
    found_ = network.resolve(first_hop_, transport::purpose::connect, ipv6);
    use_addresses();
    return;
  }
  const result<void> submitted = socket_->context().worker().submit([self = shared_from_this(), &network,
                                                                     ipv6] {
    with_memory([&] { self->found_ = network.resolve(self->first_hop_, transport::purpose::connect, ipv6); },
                [&] { self->found_.emplace(out_of_memory()); });
    self->loop_.post(self->found_work_, self);
  });
  if (!submitted) retry(submitted.error());
}

void dialer::on_found() noexcept {
  with_memory_or_later([this] { use_addresses(); });
}

void dialer::use_addresses() {
  if (state_ != state::resolving) return;
  if (!*found_) return retry(found_->error());
  addresses_ = **std::move(found_);
  next_address_ = 0;
  all_refused_ = true;
  try_next_address(errc::resolve_failed);
}

void dialer::try_next_address(const error& last) {
  if (next_address_ > 0 && !is_refusal(last)) all_refused_ = false;
  if (next_address_ == addresses_.size()) {
    retry(last, all_refused_ && options_->reconnect_stop.refused);
    return;
  }
  const transport::socket_address& target = addresses_[next_address_++];
  result<transport::dialled> opened =
      socket_->context().network().open_dialer(first_hop_, target, socket_->stream_settings(*options_));
  if (!opened) {
    try_next_address(opened.error());
    return;
  }
  connecting_ = std::move(opened->fd);
  state_ = state::connecting;
  connector_.start(connecting_.fd(), target.data(), target.size(),
                   io::bind_callback<&dialer::on_connect>(this));
  socket_->report(event_kind::connect_delayed, [&] {
    return event{.endpoint = where_.text, .peer_address = target.to_endpoint(), .outgoing = true};
  });
  const milliseconds limit = options_->connect_timeout;
  if (limit > milliseconds::zero()) loop_.start(alarm_, deadline_after(limit, loop_.now()));
}

void dialer::on_connect(int errno_value) noexcept {
  const std::shared_ptr<dialer> keep = shared_from_this();
  loop_.stop(alarm_);
  if (state_ != state::connecting) {
    connecting_.reset();
    finish_if_idle();
  } else {
    with_memory_or_later([&] { after_connect(errno_value); });
  }
}

void dialer::after_connect(int errno_value) {
  if (errno_value == 0 && socket_->context().network().is_self_connected(connecting_.fd())) {
    connecting_.reset();
    try_next_address(failure(ECONNREFUSED));
  } else if (errno_value != 0) {
    connecting_.reset();
    const int shown = errno_value == ECANCELED ? ETIMEDOUT : errno_value;  // cancelled by our own alarm
    try_next_address(failure(shown));
  } else if (proxy_) {
    begin_with_proxy();
  } else {
    established();
  }
}

/// The proxy gets as long as an attempt or, if that may last as long as it likes, a handshake.
void dialer::begin_with_proxy() {
  state_ = state::proxying;
  session_ = std::make_unique<transport::socks_session>(
      connecting_.fd(), where_.address,
      transport::socks_credentials{options_->socks_username, options_->socks_password});
  const bool has_limit = options_->connect_timeout > milliseconds::zero();
  const milliseconds limit = has_limit ? options_->connect_timeout : options_->handshake_timeout;
  if (limit > milliseconds::zero()) loop_.start(alarm_, deadline_after(limit, loop_.now()));
  talk_to_proxy();
}

void dialer::talk_to_proxy() {
  const result<short> awaited = session_->go_on();
  if (!awaited) return fail_at_proxy(awaited.error());
  if (*awaited != 0) {
    proxy_watch_.start(connecting_.fd(), *awaited, io::bind_callback<&dialer::on_proxy>(this));
    return;
  }
  session_.reset();
  loop_.stop(alarm_);
  established();
}

void dialer::on_proxy(io::fd_watch::outcome& got) noexcept {
  const std::shared_ptr<dialer> keep = shared_from_this();
  if (state_ != state::proxying) {
    session_.reset();
    connecting_.reset();
    finish_if_idle();
    return;
  }
  with_memory_or_later([&] {
    const int failed = got.error == ECANCELED ? ETIMEDOUT : got.error;  // cancelled by our own alarm
    if (failed == 0) return talk_to_proxy();
    fail_at_proxy(error::from_errno(failed).with_detail("SOCKS proxy"));
  });
}

void dialer::fail_at_proxy(error reason) {
  session_.reset();
  connecting_.reset();
  loop_.stop(alarm_);
  try_next_address(std::move(reason)
                       .with_doing("connect")
                       .with_endpoint(where_.text)
                       .with_peer(addresses_[next_address_ - 1].to_endpoint()));
}

/// Of the attempt that is just over. A name may have several addresses: then it is said which one it was.
error dialer::failure(int errno_value) const {
  error reason = error::from_errno(errno_value, "connect").with_endpoint(where_.text);
  std::string target = addresses_[next_address_ - 1].to_endpoint();
  return target == where_.text ? reason : std::move(reason).with_peer(std::move(target));
}

void dialer::established() {
  const transport::network& network = socket_->context().network();
  std::string peer = network.peer_endpoint(connecting_.fd(), where_.text);
  socket_->report(event_kind::connected, [&] {
    return event{.endpoint = where_.text,
                 .peer_address = peer,
                 .descriptor = connecting_.fd(),
                 .local_address = network.local_endpoint(connecting_.fd()),
                 .outgoing = true};
  });
  link_ =
      std::make_shared<link>(socket_, loop_, std::move(connecting_), terms_, std::move(peer), kept_, this);
  state_ = state::linked;
  const std::shared_ptr<link> keep = link_;
  if (was_ready_) keep->mark_again();
  keep->start();
  if (stopping_ && link_) link_->close_when_drained();
}

void dialer::on_link_ready() noexcept {
  was_ready_ = link_was_ready_ = true;
  backoff_ = denied_backoff_ = milliseconds::zero();
  if (stopping_) link_->close_when_drained();
}

void dialer::on_link_over(const error& reason) noexcept {
  const std::shared_ptr<dialer> keep = shared_from_this();
  link_.reset();
  const reconnect_stops& stops = options_->reconnect_stop;
  const bool was_ready = std::exchange(link_was_ready_, false);
  if (state_ == state::linked) {
    const bool denied = reason == errc::authentication_failed && stops.denied;
    const bool never = socket_->context().behaves_as_libzmq() && is_peers_last_word(reason);
    retry(reason, was_ready ? stops.disconnected : stops.handshake_failed || denied || never);
  } else {
    finish_if_idle();
  }
}

void dialer::retry(const error& reason, bool stops) noexcept {
  const bool worth_it = !stopping_ || (kept_ && socket_->has_unsent(*kept_));
  const milliseconds delay = worth_it && !stops ? next_delay(reason) : milliseconds(-1);
  if (delay < milliseconds::zero()) {
    if (!stopping_) why_over_ = reason;
    give_up();
    return;
  }
  state_ = state::waiting;
  socket_->report(event_kind::connect_retried, [&] {
    return event{.endpoint = where_.text, .reason = reason, .delay = delay, .outgoing = true};
  });
  loop_.start(alarm_, deadline_after(delay, loop_.now()));
}

milliseconds dialer::next_delay(const error& reason) noexcept {
  const socket_options& options = *options_;
  if (reason == errc::authentication_failed) {
    const milliseconds first = options.reconnect_interval_denied;
    if (first < milliseconds::zero()) return first;
    denied_backoff_ = denied_backoff_ == milliseconds::zero()
                          ? first
                          : std::max(first, std::min(denied_backoff_ * 2, longest_denied_wait));
    return with_random_part(denied_backoff_);
  }
  if (options.reconnect_interval < milliseconds::zero()) return options.reconnect_interval;
  if (backoff_ == milliseconds::zero()) {
    backoff_ = options.reconnect_interval;
  } else if (options.reconnect_interval_max > options.reconnect_interval) {
    backoff_ = std::min(backoff_ + std::min(backoff_, options.reconnect_interval_max),
                        options.reconnect_interval_max);
  }
  return with_random_part(backoff_);
}

/// So that many clients of one server do not come back all at once.
milliseconds dialer::with_random_part(milliseconds wait) noexcept {
  wait = std::min(wait, longest_wait);
  std::uniform_int_distribution<milliseconds::rep> part(0, wait.count() / 4);
  return wait + milliseconds(part(jitter_));
}

void dialer::on_alarm() noexcept {
  const std::shared_ptr<dialer> keep = shared_from_this();
  if (state_ == state::waiting) {
    attempt();
  } else if (state_ == state::connecting) {
    connector_.cancel();
  } else if (state_ == state::proxying) {
    proxy_watch_.cancel();
  }
}

void dialer::stop(steady_clock::time_point linger_deadline) noexcept {
  if (state_ >= state::given_up) return;
  stopping_ = true;
  // What was written over a connection may still be on its way.
  const bool unsent = link_was_ready_ || (kept_ ? socket_->has_unsent(*kept_) : link_ != nullptr);
  const bool lingers = linger_deadline > loop_.now() && unsent;
  if (!lingers) {
    give_up();
    return;
  }
  if (linger_deadline != steady_clock::time_point::max()) loop_.start(linger_alarm_, linger_deadline);
  if (link_) link_->close_when_drained();
}

/// No more attempts; ends as soon as nothing is under way.
void dialer::give_up() noexcept {
  if (state_ >= state::given_up) return;
  const std::shared_ptr<dialer> keep = shared_from_this();
  state_ = state::given_up;
  loop_.stop(alarm_);
  loop_.stop(linger_alarm_);
  connector_.cancel();
  proxy_watch_.cancel();
  if (link_) {
    const std::shared_ptr<link> ending = link_;
    ending->close(errc::closed);
  }
  finish_if_idle();
}

void dialer::finish_if_idle() noexcept {
  if (state_ != state::given_up || connector_.pending() || proxy_watch_.pending() || link_) return;
  state_ = state::over;
  const std::shared_ptr<dialer> keep = std::move(keep_);
  socket_->dialer_over(*this, kept_);
}

}  // namespace monocoque::engine
