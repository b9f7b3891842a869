#pragma once

#include <vector>

namespace monocoque::base {

/// So that the next push_back cannot fail. Throws std::bad_alloc.
template <class Item, class Allocator>
void make_room_for_one(std::vector<Item, Allocator>& in) {
  if (in.size() == in.capacity()) in.reserve(2 * in.size() + 4);
}

}  // namespace monocoque::base
