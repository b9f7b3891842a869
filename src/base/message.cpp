#include <monocoque/message.hpp>

#include <stdexcept>
#include <utility>

namespace monocoque {

message message::of(std::initializer_list<std::string_view> frames) {
  message made;
  bool first = true;
  for (const std::string_view frame : frames) {
    if (std::exchange(first, false)) {
      made.first_ = bytes::copy(frame);
    } else {
      made.push_back(frame);
    }
  }
  return made;
}

message::message(const message& other)
    : first_(other.first_),
      rest_(other.rest_ ? std::make_unique<std::vector<bytes>>(*other.rest_) : nullptr),
      peer_(other.peer_) {}

message& message::operator=(const message& other) {
  if (this != &other) *this = message(other);
  return *this;
}

std::size_t message::byte_count() const noexcept {
  std::size_t total = first_.size();
  if (rest_) {
    for (const bytes& frame : *rest_) total += frame.size();
  }
  return total;
}

const bytes& message::at(std::size_t index) const {
  if (index >= size()) {
    throw std::out_of_range("message::at: frame " + std::to_string(index) + " of " + std::to_string(size()));
  }
  return (*this)[index];
}

message& message::push_back(bytes frame) & {
  if (!rest_) rest_ = std::make_unique<std::vector<bytes>>();
  rest_->push_back(std::move(frame));
  return *this;
}

message& message::push_front(bytes frame) & {
  if (!rest_) rest_ = std::make_unique<std::vector<bytes>>();
  rest_->insert(rest_->begin(), std::exchange(first_, std::move(frame)));
  return *this;
}

bytes message::pop_front() {
  if (!rest_) return std::exchange(first_, bytes());
  bytes taken = std::exchange(first_, std::move(rest_->front()));
  rest_->erase(rest_->begin());
  if (rest_->empty()) rest_.reset();
  return taken;
}

message& message::append(std::string_view tail) & {
  bytes& last = rest_ ? rest_->back() : first_;
  std::string joined;
  joined.reserve(last.size() + tail.size());
  joined.append(last.view()).append(tail);
  last = bytes::adopt(std::move(joined));
  return *this;
}

void message::compact() {
  const auto detach = [](bytes& frame) {
    if (!frame.is_inline()) frame = bytes::copy(frame.span());
  };
  detach(first_);
  if (rest_) {
    for (bytes& frame : *rest_) detach(frame);
  }
}

bool operator==(const message& left, const message& right) noexcept {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!(left[i] == right[i])) return false;
  }
  return true;
}

}  // namespace monocoque
