#pragma once

#include <monocoque/sockets.hpp>
#include <monocoque/task.hpp>

#include <cstdint>
#include <stop_token>

#pragma GCC visibility push(default)

namespace monocoque {

/// What a proxy has moved so far.
struct proxy_statistics {
  std::uint64_t frontend_messages_in = 0, frontend_bytes_in = 0, frontend_messages_out = 0,
                frontend_bytes_out = 0;
  std::uint64_t backend_messages_in = 0, backend_bytes_in = 0, backend_messages_out = 0,
                backend_bytes_out = 0;
};

/// Moves messages between two sockets in both directions (as far as their types receive and send) until it is
/// told to stop: ROUTER/DEALER makes a queue, XSUB/XPUB a forwarder, PULL/PUSH a streamer. A full destination
/// stops the reading of the source. Every message is also sent to `capture`, if there is one (a full capture
/// socket loses it). Returns when `stop` fires or a socket or the context is closed. Not on the context's own
/// I/O thread. Throws if neither side can pass messages to the other, if `capture` does not send, and on
/// sockets of several contexts of which one is inline.
void proxy(socket& frontend, socket& backend, socket* capture = nullptr, std::stop_token stop = {});

/// As `proxy`, and obeys the messages that `control` (REP, PAIR or PULL) receives: "PAUSE", "RESUME",
/// "TERMINATE", "STATISTICS". REP answers each with an empty message; REP and PAIR answer STATISTICS with
/// eight frames of 8 bytes in native order: messages in, bytes in, messages out, bytes out of the frontend,
/// then of the backend (as libzmq does).
void proxy_steerable(socket& frontend, socket& backend, socket* capture, socket& control,
                     std::stop_token stop = {});

/// The same as a coroutine; `control` may be null.
[[nodiscard]] task<proxy_statistics> async_proxy(socket& frontend, socket& backend, socket* capture = nullptr,
                                                 socket* control = nullptr);

}  // namespace monocoque

#pragma GCC visibility pop
