#pragma once

#include "measure/allocations.hpp"
#include "measure/payload.hpp"
#include "rivals/rival.hpp"

#include <monocoque/monocoque.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bench {

// What the inline and the threaded rival share. Everything here is the public API as a user would use it.

namespace mq = monocoque;

/// Above this a frame is made in memory of its own and handed over; below, on the stack and copied.
inline constexpr std::size_t adopt_from = 8192;
/// The largest payload that is made in the memory that it is sent from.
inline constexpr std::size_t max_in_place = 65536;

inline mq::bytes make_frame(std::size_t size, std::uint64_t word) {
  if (size < adopt_from) {
    std::array<std::byte, adopt_from> buffer;  // NOLINT: filled as far as it is used
    fill(buffer.data(), size, word);
    return mq::bytes::copy(std::span<const std::byte>(buffer.data(), size));
  }
  std::string owned;
  {
    const own_allocation mine;
    owned.assign(size, static_cast<char>(filler(word)));
  }
  stamp(owned.data(), size, word);
  return mq::bytes::adopt(std::move(owned));
}

inline mq::message make_message(const traffic& what, std::uint64_t word) {
  const frame_sizes sizes(what);
  mq::message made(make_frame(sizes[0], word));
  for (unsigned i = 1; i < sizes.count(); ++i) made.push_back(make_frame(sizes[i], word));
  return made;
}

/// True if the message is made right where it is sent from: one frame, not larger than what needs no memory
/// of its own.
inline bool goes_in_place(const traffic& what) { return what.frames == 1 && what.size <= max_in_place; }

/// True if a published message is made in the caller's memory and sent from there: who gets it depends on
/// what is in it, so that it cannot be made where it leaves from.
inline constexpr std::size_t max_published_from_memory = 4096;
inline bool goes_from_memory(const traffic& what) {
  return what.topic_mode != topics::all && what.frames == 1 && what.size <= max_published_from_memory;
}
struct published_payload {
  std::array<std::byte, max_published_from_memory> memory{};
  std::span<const std::byte> make(std::size_t size, std::uint64_t word) {
    fill(memory.data(), size, word);
    return std::span(memory).first(size);
  }
};

/// Makes such a message.
struct payload_maker {
  std::uint64_t word;
  void operator()(std::span<std::byte> into) const { fill(into.data(), into.size(), word); }
  void operator()(std::size_t /*frame*/, std::span<std::byte> into) const { (*this)(into); }
};

/// The same of several frames.
inline bool goes_in_places(const traffic& what) { return what.frames > 1 && what.size <= max_in_place; }
inline std::vector<std::size_t> sizes_of(const traffic& what) {
  const frame_sizes sizes(what);
  std::vector<std::size_t> all;
  for (unsigned i = 0; i < sizes.count(); ++i) all.push_back(sizes[i]);
  return all;
}

/// Counts a message; a ROUTER's begins with the sender's id, which is not payload.
inline void count(tally& into, const mq::message& got, flow kind) {
  for (std::size_t i = kind == flow::dealer_router ? 1 : 0; i < got.size(); ++i) {
    const std::span<const std::byte> payload = got.span(i);
    into.frame(payload.data(), payload.size());
  }
  into.message_done();
}

inline void attach(mq::socket& socket, const duty& mine) {
  if (!mine.binds) {
    socket.connect(mine.endpoint());
    return;
  }
  socket.bind(mine.endpoint_to_bind());
  mine.shared.announce(socket.last_endpoint());
}

/// CURVE, if the duty has it; who binds is the server.
inline mq::socket_options options_of(const duty& mine) {
  mq::socket_options options;
  if (!mine.what.curve) return options;
  const curve_ends& keys = *mine.what.curve;
  if (mine.binds) {
    options.security = mq::curve_server{keys.server};
  } else {
    options.security = mq::curve_client{keys.server.public_key, keys.client};
  }
  return options;
}

inline mq::socket_options publisher_options(const duty& mine) {
  mq::socket_options options = options_of(mine);
  options.no_drop = mine.what.wait_for_slow;
  return options;
}

/// Calls `use(socket)` with a socket of the one type if the duty's flow is `first`, else of the other.
template <class First, class Other, class Use>
void with_socket(mq::context& context, const duty& mine, flow first, Use& use) {
  const auto attached = [&](auto socket) {
    attach(socket, mine);
    use(socket);
  };
  if (mine.what.kind == first) {
    attached(First{context, options_of(mine)});
  } else {
    attached(Other{context, options_of(mine)});
  }
}

// The sending, receiving, asking or answering socket of the duty's flow.
template <class Use>
void with_sender(mq::context& context, const duty& mine, Use use) {
  with_socket<mq::push, mq::dealer>(context, mine, flow::push_pull, use);
}
template <class Use>
void with_receiver(mq::context& context, const duty& mine, Use use) {
  with_socket<mq::pull, mq::router>(context, mine, flow::push_pull, use);
}
template <class Use>
void with_asker(mq::context& context, const duty& mine, Use use) {
  with_socket<mq::req, mq::dealer>(context, mine, flow::req_rep, use);
}
template <class Use>
void with_answerer(mq::context& context, const duty& mine, Use use) {
  with_socket<mq::rep, mq::router>(context, mine, flow::req_rep, use);
}

inline mq::sub make_subscriber(mq::context& context, const duty& mine, unsigned index) {
  mq::sub made{context, options_of(mine)};
  for (const std::string& topic : topics_of(mine.what, index)) made.subscribe(topic);
  made.connect(mine.endpoint());
  return made;
}

/// Those that read, then, if the duty has one, the one that does not.
inline std::vector<mq::sub> make_subscribers(mq::context& context, const duty& mine) {
  std::vector<mq::sub> made;
  made.reserve(mine.what.subscribers + 1);
  for (unsigned i = 0; i < mine.what.subscribers; ++i) made.push_back(make_subscriber(context, mine, i));
  if (mine.what.stalled_one) made.push_back(make_subscriber(context, mine, 0));
  return made;
}

}  // namespace bench
