#include "measure/board.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <sys/mman.h>
#include <system_error>

namespace bench {

namespace {

template <std::size_t Size>
void put_text(std::array<char, Size>& into, std::string_view text) {
  const std::size_t size = std::min(text.size(), Size - 1);
  std::copy_n(text.begin(), size, into.begin());
  into[size] = '\0';
}

}  // namespace

void process_board::fail(std::string_view why) {
  put_text(reason, why);
  failed = true;
}

void board::announce(std::string_view where) {
  put_text(endpoint, where);
  bound = true;
}

shared_board::shared_board() {
  void* memory = mmap(nullptr, sizeof(board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  // The mapping is zeroed, which is what the default values are; constructing it would touch every page.
  board_ = static_cast<board*>(memory);
}

shared_board::~shared_board() { munmap(board_, sizeof(board)); }

}  // namespace bench
