#pragma once

namespace monocoque::io {

/// What an object needs to be in an intrusive_list. Not copied or moved while linked.
struct list_hook {
  list_hook* previous = nullptr;
  list_hook* next = nullptr;

  list_hook() = default;
  list_hook(const list_hook&) = delete;
  list_hook& operator=(const list_hook&) = delete;

  [[nodiscard]] bool linked() const noexcept { return next != nullptr; }
  void unlink() noexcept {
    previous->next = next;
    next->previous = previous;
    previous = next = nullptr;
  }
};

/// A queue of objects that are owned elsewhere. An object leaves it by `unlink` without knowing which list it
/// is in. One thread.
template <class Item>
class intrusive_list {
 public:
  intrusive_list() noexcept { reset(); }
  intrusive_list(const intrusive_list&) = delete;
  intrusive_list& operator=(const intrusive_list&) = delete;

  [[nodiscard]] bool empty() const noexcept { return head_.next == &head_; }
  [[nodiscard]] Item& front() noexcept { return static_cast<Item&>(*head_.next); }

  void push_back(Item& item) noexcept {
    list_hook& hook = item;
    hook.previous = head_.previous;
    hook.next = &head_;
    head_.previous->next = &hook;
    head_.previous = &hook;
  }
  Item& pop_front() noexcept {
    Item& item = front();
    static_cast<list_hook&>(item).unlink();
    return item;
  }
  /// Appends all that `other` holds and leaves it empty.
  void splice_back(intrusive_list& other) noexcept {
    if (other.empty()) return;
    list_hook* first = other.head_.next;
    list_hook* last = other.head_.previous;
    other.reset();
    first->previous = head_.previous;
    head_.previous->next = first;
    last->next = &head_;
    head_.previous = last;
  }

 private:
  void reset() noexcept { head_.next = head_.previous = &head_; }

  list_hook head_;
};

}  // namespace monocoque::io
