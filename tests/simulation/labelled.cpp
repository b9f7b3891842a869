#include "tests/simulation/labelled.hpp"

#include "tests/simulation/chance.hpp"

#include <cstring>

namespace monocoque::simulation {

namespace {

constexpr std::size_t label_size = 2 * sizeof(std::uint32_t);

/// What a message looks like.
class shape {
 public:
  explicit shape(label what) : dice_((std::uint64_t{what.sender} << 32) + what.number) {
    frames_ = dice_.happens(700) ? 1 : 1 + dice_.below(4);
  }
  [[nodiscard]] std::size_t frames() const noexcept { return frames_; }
  std::string next_frame() {
    const std::size_t size = dice_.happens(20) ? dice_.below(100'000) : dice_.magnitude(2'000);
    std::string made(size, '\0');
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
      const std::uint64_t some = dice_.next();
      std::memcpy(made.data() + at, &some, std::min(sizeof some, size - at));
    }
    return made;
  }

 private:
  chance dice_;
  std::size_t frames_;
};

std::string head_of(label what, std::string_view topic) {
  std::string head(topic);
  head.append(reinterpret_cast<const char*>(&what.sender), sizeof what.sender);
  head.append(reinterpret_cast<const char*>(&what.number), sizeof what.number);
  return head;
}

}  // namespace

message compose(label what, std::string_view topic) {
  shape looks(what);
  message made(bytes::copy(head_of(what, topic) + looks.next_frame()));
  for (std::size_t i = 1; i < looks.frames(); ++i) made.push_back(std::string_view(looks.next_frame()));
  return made;
}

std::optional<label> recognise(const message& got, std::size_t first, std::string_view topic) {
  if (got.size() <= first) return std::nullopt;
  const std::string_view head = got[first].view();
  if (!head.starts_with(topic) || head.size() < topic.size() + label_size) return std::nullopt;
  label found;
  std::memcpy(&found.sender, head.data() + topic.size(), sizeof found.sender);
  std::memcpy(&found.number, head.data() + topic.size() + sizeof found.sender, sizeof found.number);
  shape looks(found);
  if (got.size() != first + looks.frames()) return std::nullopt;
  if (head.substr(topic.size() + label_size) != looks.next_frame()) return std::nullopt;
  for (std::size_t i = 1; i < looks.frames(); ++i) {
    if (got[first + i].view() != looks.next_frame()) return std::nullopt;
  }
  return found;
}

std::size_t wire_size(label what) {
  shape looks(what);
  std::size_t size = label_size;
  for (std::size_t i = 0; i < looks.frames(); ++i) size += 2 + looks.next_frame().size();
  return size;
}

std::string to_text(label what) { return std::to_string(what.sender) + "/" + std::to_string(what.number); }

}  // namespace monocoque::simulation
