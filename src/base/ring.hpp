#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace monocoque::base {

/// A queue with two ends in one piece of memory, which is taken with the first element and doubled when it is
/// full. An empty one that never held anything owns nothing: a std::deque has half a kilobyte then, and every
/// idle connection has several queues. What it has it keeps, until `release`.
///
/// Element 0 is the front. Adding to it moves the elements when it grows, so references last until then.
template <class T>
class ring {
  static_assert(std::is_nothrow_move_constructible_v<T>);

 public:
  ring() noexcept = default;
  ~ring() { release(); }
  ring(ring&& other) noexcept { swap(other); }
  ring& operator=(ring&&) = delete;
  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;
  void swap(ring& other) noexcept {
    std::swap(room_, other.room_);
    std::swap(front_, other.front_);
    std::swap(head_, other.head_);
    std::swap(capacity_, other.capacity_);
    std::swap(size_, other.size_);
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Elements that there is memory for.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] T& operator[](std::size_t index) noexcept { return *place(index); }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return *place(index); }
  [[nodiscard]] T& front() noexcept { return *front_; }
  [[nodiscard]] const T& front() const noexcept { return *front_; }
  [[nodiscard]] T& back() noexcept { return *place(size_ - 1); }
  [[nodiscard]] const T& back() const noexcept { return *place(size_ - 1); }

  /// Throws std::bad_alloc, and has then changed nothing.
  void push_back(T element) {
    if (size_ == capacity_) grow();
    std::construct_at(place(size_), std::move(element));
    ++size_;
  }
  /// So many fit without taking memory. Throws as push_back.
  void reserve(std::size_t elements) {
    if (elements > capacity_) grow_to(static_cast<std::uint32_t>(std::bit_ceil(elements)));
  }
  void push_front(T element) {
    if (size_ == capacity_) grow();
    std::construct_at(place(capacity_ - 1), std::move(element));
    turn(capacity_ - 1);
    ++size_;
  }
  void pop_front() noexcept {
    std::destroy_at(front_);
    turn(1);
    --size_;
  }
  void pop_back() noexcept { std::destroy_at(place(--size_)); }
  void clear() noexcept {
    if constexpr (std::is_trivially_destructible_v<T>) {
      size_ = 0;
    } else {
      while (size_ > 0) pop_front();
    }
    head_ = 0;
    front_ = room_;
  }
  /// Clears, and gives the memory back.
  void release() noexcept {
    clear();
    if (room_ != nullptr) std::allocator<T>().deallocate(room_, capacity_);
    room_ = front_ = nullptr;
    capacity_ = 0;
  }

 private:
  static constexpr std::uint32_t first_capacity = 2;

  [[nodiscard]] T* place(std::size_t index) const noexcept {
    return room_ + ((head_ + index) & (capacity_ - 1));  // the capacity is a power of two
  }
  void turn(std::uint32_t by) noexcept {
    head_ = (head_ + by) & (capacity_ - 1);
    front_ = room_ + head_;
  }
  void grow() { grow_to(capacity_ == 0 ? first_capacity : 2 * capacity_); }
  void grow_to(std::uint32_t wanted) {
    T* const larger = std::allocator<T>().allocate(wanted);
    for (std::size_t i = 0; i < size_; ++i) {
      T* const old = place(i);
      std::construct_at(larger + i, std::move(*old));
      std::destroy_at(old);
    }
    if (room_ != nullptr) std::allocator<T>().deallocate(room_, capacity_);
    room_ = front_ = larger;
    head_ = 0;
    capacity_ = wanted;
  }

  T* room_ = nullptr;
  T* front_ = nullptr;  // room_ + head_, for those who ask again and again
  std::uint32_t head_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace monocoque::base
