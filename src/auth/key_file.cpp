#include <monocoque/key_file.hpp>

#include "auth/key_text.hpp"
#include "auth/small_file.hpp"
#include "crypto/secret.hpp"

#include <utility>

namespace monocoque {
namespace {

constexpr mode_t for_all = 0644;
constexpr mode_t for_owner = 0600;

result<key_file> load(const std::string& path, auth::others_may allowed, auth::key_half wanted) {
  auto text = auth::read_small_file(path, allowed);
  if (!text) return std::move(text).error();
  auto found = auth::read_key_text(*text, wanted);
  crypto::wipe(*text);
  if (!found) return std::move(found).error().with_doing("read").with_endpoint(path);
  return found;
}

result<void> place(auth::new_file& secret_file, auth::new_file& public_file) {
  if (auto placed = secret_file.put_in_place(); !placed) return placed;
  if (auto placed = public_file.put_in_place(); !placed) {
    secret_file.take_back();
    return placed;
  }
  public_file.sync_folder();
  return {};
}

}  // namespace

result<void> save_keypair(as_result_tag, const std::string& name, const curve_keypair& keys,
                          const std::map<std::string, std::string>& metadata) {
  const auto refuse = [&name](error reason) {
    return std::move(reason).with_doing("write").with_endpoint(name + ".key");
  };
  if (name.empty() || name.ends_with('/') || name.find('\0') != std::string::npos)
    return refuse(error(errc::invalid_argument).with_detail("that names no file"));
  if (keys.public_key.empty() || keys.secret_key.empty())
    return refuse(error(errc::invalid_argument).with_detail("a key is missing"));
  auto public_text = auth::write_key_text(keys, auth::key_half::public_half, metadata);
  if (!public_text) return refuse(std::move(public_text).error());
  auto secret_text = auth::write_key_text(keys, auth::key_half::secret_half, metadata);
  if (!secret_text) return refuse(std::move(secret_text).error());
  if (secret_text->size() > auth::max_file_size)
    return refuse(error(errc::invalid_argument).with_detail("64 KB are the limit, metadata included"));
  auth::new_file secret_file(name + ".key_secret", *secret_text, for_owner);
  crypto::wipe(*secret_text);
  auth::new_file public_file(name + ".key", *public_text, for_all);
  return place(secret_file, public_file);
}

result<key_file> load_public_key(as_result_tag, const std::string& path) {
  auto found = load(path, auth::others_may::do_anything, auth::key_half::public_half);
  if (found) found->secret_key = {};  // not what was asked for
  return found;
}

result<key_file> load_secret_key(as_result_tag, const std::string& path) {
  auto found = load(path, auth::others_may::do_nothing, auth::key_half::secret_half);
  if (found || found.error().code() != std::errc::permission_denied) return found;
  // A file without a secret key has no need of another mode, so that is not what is wrong with it.
  auto any = load(path, auth::others_may::do_anything, auth::key_half::secret_half);
  return any || !(any.error() == errc::invalid_argument) ? found : any;
}

void save_keypair(const std::string& name, const curve_keypair& keys,
                  const std::map<std::string, std::string>& metadata) {
  save_keypair(as_result, name, keys, metadata).value();
}
key_file load_public_key(const std::string& path) { return load_public_key(as_result, path).value(); }
key_file load_secret_key(const std::string& path) { return load_secret_key(as_result, path).value(); }

}  // namespace monocoque
