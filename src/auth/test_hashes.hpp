#pragma once

#include <string>

namespace monocoque::auth::testing {

// Made with the lowest costs that libsodium allows, for tests are not to wait for them.
inline const std::string hash_of_sesame =
    "$argon2id$v=19$m=8,t=1,p=1$CA9sQ2ZBTPtLl4C6TqimXQ$pM6RLXzsQqMon6vmSKkreETRgdLeVUPKL1G11UmuXmU";
inline const std::string hash_of_tulip =
    "$argon2id$v=19$m=8,t=1,p=1$Ct81S9wv72lpT+pOinvQkw$7PmlmJxk+/+qZ2Yf7b638F56CUSWm1tew+RWm6MOE9k";
/// With another salt.
inline const std::string other_hash_of_tulip =
    "$argon2id$v=19$m=8,t=1,p=1$JdLyqJGHOc42I/seICkX+Q$0LHvZpPy2hEJabKo0ufLU4WKSZ81LIQW/l57I60geLU";

}  // namespace monocoque::auth::testing
