#include "rivals/message_box.hpp"

#include <cstring>
#include <sodium.h>
#include <stdexcept>

namespace bench {

namespace {

constexpr std::size_t command_size = 8;
constexpr std::size_t number_size = 8;
constexpr std::size_t prefix_size = 16;
constexpr const char* command = "\7MESSAGE";
constexpr const char* of_client = "CurveZMQMESSAGEC";
constexpr const char* of_server = "CurveZMQMESSAGES";
static_assert(command_size + number_size + crypto_box_MACBYTES + 1 == message_box::overhead);

const unsigned char* raw(const std::byte* data) { return reinterpret_cast<const unsigned char*>(data); }
unsigned char* raw(std::byte* data) { return reinterpret_cast<unsigned char*>(data); }

}  // namespace

message_box::message_box(const curve_ends& keys, bool is_server, std::size_t largest) : text_(1 + largest) {
  static_assert(sizeof shared_key_ == crypto_box_BEFORENMBYTES && sizeof(nonce) == crypto_box_NONCEBYTES);
  const monocoque::curve_keypair& own = is_server ? keys.server : keys.client;
  const monocoque::curve_keypair& other = is_server ? keys.client : keys.server;
  if (sodium_init() < 0 || crypto_box_beforenm(shared_key_.data(), raw(other.public_key.data().data()),
                                               raw(own.secret_key.data().data())) != 0) {
    throw std::runtime_error("libsodium does not agree on a key");
  }
  std::memcpy(sent_.data(), is_server ? of_server : of_client, prefix_size);
  std::memcpy(received_.data(), is_server ? of_client : of_server, prefix_size);
}

std::byte* message_box::seal(std::byte* to, std::size_t size, bool more) {
  const std::uint64_t wire = __builtin_bswap64(++number_);
  std::memcpy(sent_.data() + prefix_size, &wire, number_size);
  std::memcpy(to, command, command_size);
  std::memcpy(to + command_size, &wire, number_size);
  std::byte* const box = to + command_size + number_size;
  text_[0] = more ? std::byte{1} : std::byte{0};
  crypto_box_easy_afternm(raw(box), raw(text_.data()), 1 + size, sent_.data(), shared_key_.data());
  return to + overhead + size;
}

message_box::opened message_box::open(std::span<const std::byte> body) {
  const std::size_t front = command_size + number_size;
  if (body.size() < overhead || body.size() - overhead >= text_.size()) {
    throw std::runtime_error("no MESSAGE of the expected size");
  }
  std::memcpy(received_.data() + prefix_size, body.data() + command_size, number_size);
  if (crypto_box_open_easy_afternm(raw(text_.data()), raw(body.data()) + front, body.size() - front,
                                   received_.data(), shared_key_.data()) != 0) {
    throw std::runtime_error("a box does not open");
  }
  return {std::span(text_).subspan(1, body.size() - overhead), text_[0] != std::byte{0}};
}

}  // namespace bench
