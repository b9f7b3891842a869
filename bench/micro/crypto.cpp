// What a message of CURVE costs to encrypt and to decrypt: with libsodium's boxes as they are, with the room
// crypto's cipher, and what of that its parts take. Bytes are those of the text.
#include "crypto/box.hpp"
#include "crypto/message_cipher.hpp"
#include "crypto/openssl_poly1305.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sodium.h>
#include <span>
#include <vector>

namespace {

using namespace monocoque;

const std::array<std::byte, crypto::message_cipher::prefix_size> prefix{std::byte{'p'}};

void sizes(benchmark::internal::Benchmark* bench) {
  for (const std::int64_t size : {16, 64, 128, 256, 450, 1024, 4096, 65'536}) bench->Arg(size);
}

unsigned char* raw(std::byte* data) { return reinterpret_cast<unsigned char*>(data); }

/// Messages with their own numbers, as a connection sends them.
crypto::nonce nonce_of(std::uint64_t number) {
  crypto::nonce made{};
  std::memcpy(made.data(), prefix.data(), prefix.size());
  for (std::size_t i = made.size(); i-- > prefix.size(); number >>= 8U)
    made[i] = static_cast<std::byte>(number);
  return made;
}

/// A text, a box of it, and the key of both.
struct fixture {
  explicit fixture(const benchmark::State& state) : size(static_cast<std::size_t>(state.range(0))) {
    if (!crypto::is_available()) std::abort();
    key.randomize();
    text.assign(size, std::byte{'x'});
    box.resize(crypto::tag_size + size);
    // The cipher wants scratch memory in front of a text.
    roomy.assign(crypto::message_cipher::scratch_size + size, std::byte{'x'});
  }
  [[nodiscard]] const unsigned char* raw_key() const { return key.bytes().raw(); }
  std::byte* roomy_text() { return roomy.data() + crypto::message_cipher::scratch_size; }
  void done(benchmark::State& state) const {
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
  }

  std::size_t size;
  crypto::box_key key;
  std::vector<std::byte> text;
  std::vector<std::byte> box;
  std::vector<std::byte> roomy;
};

void box_seal(benchmark::State& state) {
  fixture with(state);
  std::uint64_t number = 0;
  for (auto _ : state) {
    const crypto::nonce counted = nonce_of(++number);
    crypto_box_easy_afternm(raw(with.box.data()), raw(with.text.data()), with.size,
                            reinterpret_cast<const unsigned char*>(counted.data()), with.raw_key());
    benchmark::ClobberMemory();
  }
  with.done(state);
}
BENCHMARK(box_seal)->Apply(sizes);

void cipher_seal(benchmark::State& state) {
  fixture with(state);
  const crypto::message_cipher cipher(with.key, prefix);
  std::array<std::byte, crypto::tag_size> tag{};
  std::uint64_t number = 0;
  for (auto _ : state) {
    cipher.seal(with.roomy_text(), std::byte{0}, std::span(with.text).first(with.size - 1), ++number,
                tag.data());
    benchmark::ClobberMemory();
  }
  with.done(state);
}
BENCHMARK(cipher_seal)->Apply(sizes);

/// Both openings begin with a copy of the box, since the cipher opens long ones where they lie.
void box_open(benchmark::State& state) {
  fixture with(state);
  const crypto::nonce counted = nonce_of(1);
  with.key.seal(with.box, with.text, counted);
  std::vector<std::byte> arrived(with.box.size());
  for (auto _ : state) {
    std::memcpy(arrived.data(), with.box.data(), arrived.size());
    const int bad =
        crypto_box_open_easy_afternm(raw(with.text.data()), raw(arrived.data()), arrived.size(),
                                     reinterpret_cast<const unsigned char*>(counted.data()), with.raw_key());
    if (bad != 0) state.SkipWithError("not opened");
    benchmark::ClobberMemory();
  }
  with.done(state);
}
BENCHMARK(box_open)->Apply(sizes);

void cipher_open(benchmark::State& state) {
  fixture with(state);
  const crypto::message_cipher cipher(with.key, prefix);
  with.key.seal(with.box, with.text, nonce_of(1));
  const std::byte* const tag = with.box.data();
  for (auto _ : state) {
    std::memcpy(with.roomy_text(), with.box.data() + crypto::tag_size, with.size);
    if (!cipher.open(with.text.data(), with.roomy_text(), with.size, 1, tag))
      state.SkipWithError("not opened");
    benchmark::ClobberMemory();
  }
  with.done(state);
}
BENCHMARK(cipher_open)->Apply(sizes);

/// The key stream, with the 32 bytes of it that the tag takes.
void part_salsa20(benchmark::State& state) {
  fixture with(state);
  std::uint64_t number = 0;
  for (auto _ : state) {
    ++number;
    crypto_stream_salsa20_xor(raw(with.roomy.data()), raw(with.roomy.data()), with.roomy.size(),
                              reinterpret_cast<const unsigned char*>(&number), with.raw_key());
    benchmark::ClobberMemory();
  }
  with.done(state);
}
BENCHMARK(part_salsa20)->Apply(sizes);

void part_poly1305(benchmark::State& state) {
  fixture with(state);
  for (auto _ : state) {
    crypto_onetimeauth(raw(with.box.data()), raw(with.text.data()), with.size, with.raw_key());
    benchmark::ClobberMemory();
  }
  with.done(state);
}
BENCHMARK(part_poly1305)->Apply(sizes);

/// The same by OpenSSL.
void part_openssl_poly1305(benchmark::State& state) {
  fixture with(state);
  for (auto _ : state) {
    if (!crypto::openssl_poly1305(std::span(with.box).first<crypto::tag_size>(), with.text,
                                  with.key.bytes().span()))
      state.SkipWithError("not to be had");
    benchmark::ClobberMemory();
  }
  with.done(state);
}
BENCHMARK(part_openssl_poly1305)->Apply(sizes);

/// What a box computes of the key and the nonce's first 16 bytes, every time the same.
void part_subkey(benchmark::State& state) {
  crypto::box_key key;
  key.randomize();
  crypto::secret<32> subkey;
  for (auto _ : state) {
    crypto_core_hsalsa20(subkey.raw(), reinterpret_cast<const unsigned char*>(prefix.data()),
                         key.bytes().raw(), nullptr);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(part_subkey);

}  // namespace

BENCHMARK_MAIN();
