#include <monocoque/security.hpp>

#include "crypto/secret.hpp"

namespace monocoque {

plain_client::~plain_client() { crypto::wipe(password); }

}  // namespace monocoque
