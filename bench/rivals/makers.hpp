#pragma once

#include "rivals/rival.hpp"

#include <monocoque/options.hpp>

#include <memory>
#include <string>

namespace bench {

/// How a rival waits for a reply. Spinning rivals take part in round trips only.
enum class waiting : std::uint8_t { asleep, spinning };

std::unique_ptr<rival> make_inline_monocoque(std::string name, monocoque::io_driver driver, waiting how);
std::unique_ptr<rival> make_threaded_monocoque(std::string name, monocoque::io_driver driver, waiting how);
/// How a program for zmq.h hands messages over: zmq_msg_send and zmq_msg_recv, or zmq_send and zmq_recv.
enum class passing : std::uint8_t { messages, buffers };
/// The library that it runs on, and MONOCOQUE_IO for it; null: as it is.
struct zmq_library_choice {
  std::string file;
  const char* driver = nullptr;
};
std::unique_ptr<rival> make_zmq_program(std::string name, zmq_library_choice from, waiting how, passing by);
/// Plain sockets and the same bytes: what a message queue could reach at best.
std::unique_ptr<rival> make_floor(std::string name, waiting how);
/// CURVE's encryption alone, by libsodium's crypto_box_easy_afternm: what its messages could reach at best.
std::unique_ptr<rival> make_crypto(std::string name);

}  // namespace bench
