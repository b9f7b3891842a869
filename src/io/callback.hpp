#pragma once

namespace monocoque::io {

/// A function and the object it is for: what a completion calls. Never allocates; does not own `context`.
template <class... Args>
struct callback {
  using function_type = void (*)(void* context, Args...) noexcept;

  function_type function = nullptr;
  void* context = nullptr;

  void operator()(Args... args) const noexcept { function(context, args...); }
  explicit operator bool() const noexcept { return function != nullptr; }
};

/// `bind_callback<&link::on_read>(this)`: the member function must be noexcept.
template <auto Member, class Object, class... Args>
[[nodiscard]] constexpr auto bind_member(Object* object, void (Object::*)(Args...) noexcept) noexcept {
  return callback<Args...>{
      [](void* context, Args... args) noexcept { (static_cast<Object*>(context)->*Member)(args...); },
      object};
}
template <auto Member, class Object>
[[nodiscard]] constexpr auto bind_callback(Object* object) noexcept {
  return bind_member<Member>(object, Member);
}

}  // namespace monocoque::io
