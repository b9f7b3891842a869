#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

/// What tests of several rooms share. Test programs only.
namespace monocoque::base {

/// A new folder in the system's folder for such things, removed with all that is in it. Throws
/// std::runtime_error if there can be none.
class temporary_folder {
 public:
  temporary_folder() : path_((std::filesystem::temp_directory_path() / "monocoque-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp " + path_);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string ipc(const std::string& name) const { return "ipc://" + file(name); }

 private:
  std::string path_;
};

}  // namespace monocoque::base
