#include "tests/capi/library.hpp"

#include <zmq.h>

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace monocoque::test {
namespace {

bool find_out() {
  Dl_info found{};
  if (dladdr(dlsym(RTLD_DEFAULT, "zmq_version"), &found) == 0) throw std::runtime_error(dlerror());
  const bool ours = std::filesystem::equivalent(std::filesystem::path(found.dli_fname).parent_path(),
                                                MONOCOQUE_TEST_OUR_LIBRARY);
  // ctest asks for ours with a driver; the wrong library would pass most tests, too.
  if (ours != (std::getenv("MONOCOQUE_IO") != nullptr))
    throw std::runtime_error("runs with " + std::string(found.dli_fname));
  return !ours;
}

}  // namespace

bool is_debians_libzmq() {
  static const bool answer = find_out();
  return answer;
}

}  // namespace monocoque::test
