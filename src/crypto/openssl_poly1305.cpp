#include "crypto/openssl_poly1305.hpp"

#include "crypto/raw.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

namespace monocoque::crypto {
namespace {

/// Leaves no errors for the program, which may use OpenSSL too and look at those of its own calls.
class unnoticed {
 public:
  unnoticed() noexcept { ERR_set_mark(); }
  ~unnoticed() { ERR_pop_to_mark(); }
  unnoticed(const unnoticed&) = delete;
  unnoticed& operator=(const unnoticed&) = delete;
};

/// Null: it cannot be had. Of a library context of our own, so that neither what the program has set up nor
/// its openssl.cnf is looked at, nor read on our account. It stays until the process ends, when other threads
/// may be using it.
EVP_MAC* algorithm() noexcept {
  static EVP_MAC* const found = []() -> EVP_MAC* {
    OSSL_LIB_CTX* const library = OSSL_LIB_CTX_new();
    if (library == nullptr) return nullptr;
    EVP_MAC* const fetched = EVP_MAC_fetch(library, "POLY1305", nullptr);
    if (fetched == nullptr) OSSL_LIB_CTX_free(library);
    return fetched;
  }();
  return found;
}

/// One a thread, which has no destructor so that it may be looked at until the thread's very end.
struct thread_state {
  EVP_MAC_CTX* context = nullptr;
  bool is_over = false;  // or there is none to be had
};
constinit thread_local thread_state mine;

struct keeper {
  keeper() noexcept = default;
  keeper(const keeper&) = delete;
  keeper& operator=(const keeper&) = delete;
  ~keeper() {
    EVP_MAC_CTX_free(mine.context);
    mine = {.is_over = true};
  }
};

[[gnu::cold, gnu::noinline]] EVP_MAC_CTX* make_context() noexcept {
  if (mine.is_over) return nullptr;
  static thread_local const keeper attending;
  const unnoticed errors;
  EVP_MAC* const poly1305 = algorithm();
  mine.context = poly1305 != nullptr ? EVP_MAC_CTX_new(poly1305) : nullptr;
  mine.is_over = mine.context == nullptr;
  return mine.context;
}

}  // namespace

bool openssl_poly1305(std::span<std::byte, tag_size> tag, std::span<const std::byte> text,
                      poly1305_key key) noexcept {
  EVP_MAC_CTX* const context = mine.context != nullptr ? mine.context : make_context();
  if (context == nullptr) return false;
  std::size_t made = 0;
  return EVP_MAC_init(context, raw(key.data()), key.size(), nullptr) == 1 &&
         EVP_MAC_update(context, raw(text.data()), text.size()) == 1 &&
         EVP_MAC_final(context, raw(tag.data()), &made, tag.size()) == 1 && made == tag.size();
}

}  // namespace monocoque::crypto
