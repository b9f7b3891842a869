#pragma once

#include <monocoque/socket.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace monocoque {

/// Of a call on a socket object that has given its socket away.
[[nodiscard]] inline error moved_from(std::string_view doing = {}) {
  return error(make_error_code(errc::closed), "this object was moved from").with_doing(std::string(doing));
}

/// The sends and receives of a socket whatever its type: for the proxy, which is told only at run time what
/// it joins.
struct socket_access {
  static receive_result_operation async_receive(socket& from) { return from.async_receive(as_result); }
  static send_result_operation async_send(socket& to, message what) {
    return to.async_send(as_result, std::move(what));
  }
  static result<void> try_send(socket& to, message& what) { return to.try_send(as_result, what); }

  [[nodiscard]] static bool receives(socket_type type) noexcept {
    return type != socket_type::push && type != socket_type::pub && type != socket_type::scatter &&
           type != socket_type::radio;
  }
  [[nodiscard]] static bool sends(socket_type type) noexcept {
    return type != socket_type::pull && type != socket_type::sub && type != socket_type::gather &&
           type != socket_type::dish;
  }
};

}  // namespace monocoque
