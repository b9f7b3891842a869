#pragma once

#include <monocoque/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

/// Files of which somebody's safety hangs: read whole, with the mode and the owner checked of what was
/// opened, and written whole or not at all. The errors name the path.
namespace monocoque::auth {

inline constexpr std::size_t max_file_size = 64 * 1024;

/// What others than the owner may do with a file. Then it must belong to us or to root as well.
enum class others_may : std::uint8_t { do_anything, read, do_nothing };

/// The content of a regular file of at most `limit` bytes, to be wiped by the caller if it is secret.
/// permission_denied if others may do more.
[[nodiscard]] result<std::string> read_small_file(const std::string& path, others_may allowed,
                                                  std::size_t limit = max_file_size);

/// A file on its way: under another name in its folder until it is put in its place. Lives on the stack of
/// one call; whatever has not been put in place is gone after it.
class new_file {
 public:
  /// Writes `text` to the disk. `mode` is exact, whatever the umask says.
  new_file(std::string path, std::string_view text, mode_t mode);
  new_file(const new_file&) = delete;
  new_file& operator=(const new_file&) = delete;
  ~new_file();

  /// Fails, file_exists, if there is one already; and if it could not be written.
  [[nodiscard]] result<void> put_in_place();
  /// Removes what was put in place.
  void take_back() noexcept;
  /// The name survives a crash of the machine. Files in one folder need it once.
  void sync_folder() const noexcept;

 private:
  [[nodiscard]] result<void> write(int fd, std::string_view text, mode_t mode) const;
  [[nodiscard]] error failed(int why) const;

  std::string path_;
  std::string temporary_;  // empty: there is none
  result<void> written_{};
};

}  // namespace monocoque::auth
