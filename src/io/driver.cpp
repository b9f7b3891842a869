#include "io/driver.hpp"

#include <cstdlib>
#include <string>

namespace monocoque::io {

namespace {

result<std::optional<driver_kind>> kind_from_environment() {
  const char* text = std::getenv("MONOCOQUE_IO");
  if (text == nullptr || *text == '\0') return std::optional<driver_kind>{};
  for (const driver_kind kind : {driver_kind::uring, driver_kind::epoll}) {
    if (name_of(kind) == text) return std::optional{kind};
  }
  return error(errc::invalid_argument)
      .with_detail("MONOCOQUE_IO is '" + std::string(text) + "'; it can be uring or epoll");
}

}  // namespace

std::string_view name_of(driver_kind kind) noexcept { return kind == driver_kind::uring ? "uring" : "epoll"; }

#ifndef MONOCOQUE_WITH_URING
result<std::unique_ptr<driver>> make_uring_driver(std::shared_ptr<base::slab_pool>) {
  return error(errc::not_supported).with_detail("io_uring is not built in (MONOCOQUE_WITH_URING)");
}
#endif

result<std::unique_ptr<driver>> make_driver(const loop_options& options,
                                            const std::shared_ptr<base::slab_pool>& slabs) {
  std::optional<driver_kind> kind = options.driver;
  if (!kind) {
    auto asked = kind_from_environment();
    if (!asked) return std::move(asked).error();
    kind = *asked ? *asked : options.otherwise;
  }
  if (kind == driver_kind::epoll) return make_epoll_driver(slabs);
  auto made = make_uring_driver(slabs);
  if (made || kind) return made;
  return make_epoll_driver(slabs);
}

}  // namespace monocoque::io
