#include <monocoque/proxy.hpp>

#include "api/socket_access.hpp"
#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"

#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace monocoque {
namespace {

enum class command : std::uint8_t { none, pause, resume, terminate, statistics };

command command_in(const message& what) {
  if (what.view() == "PAUSE") return command::pause;
  if (what.view() == "RESUME") return command::resume;
  if (what.view() == "TERMINATE") return command::terminate;
  if (what.view() == "STATISTICS") return command::statistics;
  return command::none;
}

/// One direction. What was received and is not sent yet stays in `held`, so that a pause loses nothing.
struct lane {
  socket* from;
  socket* to;
  socket* capture;
  std::uint64_t* messages_in;
  std::uint64_t* bytes_in;
  std::uint64_t* messages_out;
  std::uint64_t* bytes_out;
  std::optional<message> held{};
};

exception refusal(errc code, std::string why) {
  return exception(error(make_error_code(code), std::move(why)).with_doing("proxy"));
}

/// What would otherwise end the proxy at once, or do nothing, and nobody would be told why.
void check_parties(const socket& frontend, const socket& backend, const socket* capture,
                   const socket* control) {
  for (const socket* const each : {&frontend, &backend, capture, control}) {
    if (each == nullptr) continue;
    if (each->core() == nullptr) throw exception(moved_from("proxy"));
    const bool foreign_loop = each->core()->is_inline() || frontend.core()->is_inline();
    if (foreign_loop && &each->core()->context() != &frontend.core()->context())
      throw refusal(errc::invalid_argument, "sockets of an inline context and of another");
  }
  if (capture != nullptr && !socket_access::sends(capture->type()))
    throw refusal(errc::not_supported, "a capture socket of type " + std::string(name_of(capture->type())));
  if (control == nullptr) return;
  const socket_type type = control->type();
  if (type != socket_type::rep && type != socket_type::pair && type != socket_type::pull)
    throw refusal(errc::not_supported, "a control socket of type " + std::string(name_of(type)));
}

bool ends_it(const error& reason) {
  return reason == errc::cancelled || reason == errc::closed || reason == errc::terminated;
}

/// Moves messages until asked to stop or until one of the sockets is over.
task<void> forward(lane& way) {
  const std::stop_token stop = co_await this_task::stop_token();
  while (!stop.stop_requested()) {
    if (!way.held) {
      result<message> received = co_await socket_access::async_receive(*way.from);
      if (!received && ends_it(received.error())) co_return;
      if (!received && received.error() == errc::timed_out) continue;
      if (!received)
        throw exception(received.error());  // a REQ or REP out of turn: no proxy can be made of it
      way.held = *std::move(received);
      *way.messages_in += 1;
      *way.bytes_in += way.held->byte_count();
      if (way.capture != nullptr) {
        message copy = *way.held;
        static_cast<void>(socket_access::try_send(*way.capture, copy));
      }
    }
    const std::uint64_t size = way.held->byte_count();
    result<void> sent = socket_access::try_send(*way.to, *way.held);
    if (!sent && sent.error() == errc::would_block) {
      message copy = *way.held;
      sent = co_await socket_access::async_send(*way.to, std::move(copy));
    }
    if (!sent && ends_it(sent.error())) co_return;
    if (!sent && sent.error() == errc::timed_out) continue;
    if (sent) {
      *way.messages_out += 1;
      *way.bytes_out += size;
    }
    way.held.reset();  // what nobody can be sent (no such peer) is dropped, as the pattern has it
  }
}

message statistics_message(const proxy_statistics& figures) {
  const auto frame = [](std::uint64_t value) { return bytes::copy(std::as_bytes(std::span(&value, 1))); };
  message answer(frame(figures.frontend_messages_in));
  answer.push_back(frame(figures.frontend_bytes_in));
  answer.push_back(frame(figures.frontend_messages_out));
  answer.push_back(frame(figures.frontend_bytes_out));
  answer.push_back(frame(figures.backend_messages_in));
  answer.push_back(frame(figures.backend_bytes_in));
  answer.push_back(frame(figures.backend_messages_out));
  answer.push_back(frame(figures.backend_bytes_out));
  return answer;
}

/// Waits for a command that changes what the proxy does; answers statistics by itself.
task<command> next_command(socket& control, const proxy_statistics& figures) {
  const bool answers_all = control.type() == socket_type::rep;
  for (;;) {
    result<message> received = co_await socket_access::async_receive(control);
    if (!received) co_return command::terminate;
    const command wanted = command_in(*received);
    if (wanted == command::statistics && control.type() != socket_type::pull) {
      message answer = statistics_message(figures);
      static_cast<void>(co_await socket_access::async_send(control, std::move(answer)));
    } else if (answers_all) {
      message empty;
      static_cast<void>(co_await socket_access::async_send(control, std::move(empty)));
    }
    if (wanted != command::none && wanted != command::statistics) co_return wanted;
  }
}

/// Both directions at once, until one ends.
task<void> forward_both(lane* there, lane* back) {
  if (there != nullptr && back != nullptr) {
    co_await when_any(forward(*there), forward(*back));
  } else if (there != nullptr) {
    co_await forward(*there);
  } else if (back != nullptr) {
    co_await forward(*back);
  }
}

}  // namespace

task<proxy_statistics> async_proxy(socket& frontend, socket& backend, socket* capture, socket* control) {
  proxy_statistics figures;
  lane there{&frontend,
             &backend,
             capture,
             &figures.frontend_messages_in,
             &figures.frontend_bytes_in,
             &figures.backend_messages_out,
             &figures.backend_bytes_out};
  lane back{&backend,
            &frontend,
            capture,
            &figures.backend_messages_in,
            &figures.backend_bytes_in,
            &figures.frontend_messages_out,
            &figures.frontend_bytes_out};
  check_parties(frontend, backend, capture, control);
  const bool goes_there = socket_access::receives(frontend.type()) && socket_access::sends(backend.type());
  const bool goes_back = &frontend != &backend && socket_access::receives(backend.type()) &&
                         socket_access::sends(frontend.type());
  lane* const there_if_any = goes_there ? &there : nullptr;
  lane* const back_if_any = goes_back ? &back : nullptr;
  if (!goes_there && !goes_back)
    throw refusal(errc::not_supported, "neither side can pass messages to the other");
  if (control == nullptr) {
    co_await forward_both(there_if_any, back_if_any);
    co_return figures;
  }
  for (;;) {
    auto ended = co_await when_any(next_command(*control, figures), forward_both(there_if_any, back_if_any));
    if (ended.index == 1) co_return figures;
    command wanted = std::get<0>(ended.value);
    while (wanted == command::pause) wanted = co_await next_command(*control, figures);
    if (wanted == command::terminate) co_return figures;
  }
}

namespace {

void run_proxy(socket& frontend, socket& backend, socket* capture, socket* control,
               const std::stop_token& stop) {
  check_parties(frontend, backend, capture, control);
  engine::context_core& context = frontend.core()->context();
  join_handle<proxy_statistics> started =
      context.tasks().spawn(async_proxy(frontend, backend, capture, control), stop);
  if (context.is_inline()) {
    while (!started.done()) {
      if (auto ticked = context.tick(io::time_point::max()); !ticked)
        throw exception(std::move(ticked).error().with_doing("proxy"));
    }
  }
  static_cast<void>(started.join());
}

}  // namespace

void proxy(socket& frontend, socket& backend, socket* capture, std::stop_token stop) {
  run_proxy(frontend, backend, capture, nullptr, stop);
}

void proxy_steerable(socket& frontend, socket& backend, socket* capture, socket& control,
                     std::stop_token stop) {
  run_proxy(frontend, backend, capture, &control, stop);
}

}  // namespace monocoque
