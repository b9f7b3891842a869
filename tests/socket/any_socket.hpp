#pragma once

#include "tests/socket/support.hpp"

#include <monocoque/monocoque.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace monocoque::test {

/// A socket of any type, for tests that go through a table of types. What a type does not have throws
/// std::logic_error.
class any_socket {
 public:
  virtual ~any_socket() = default;
  [[nodiscard]] static std::unique_ptr<any_socket> make(socket_type type, context& owner,
                                                        socket_options options = {});

  [[nodiscard]] virtual monocoque::socket& base() noexcept = 0;
  virtual void send(message what) = 0;
  [[nodiscard]] virtual message receive() = 0;
  virtual task<> async_send(message what) = 0;
  [[nodiscard]] virtual task<message> async_receive() = 0;
  virtual void subscribe(std::string_view topic) = 0;
};

template <class Socket>
class typed_socket final : public any_socket {
 public:
  typed_socket(context& owner, socket_options options) : socket_(owner, std::move(options)) {}

  [[nodiscard]] monocoque::socket& base() noexcept override { return socket_; }

  void send([[maybe_unused]] message what) override {
    if constexpr (requires { socket_.send(std::move(what)); }) {
      socket_.send_for(as_result, what, patience).value();
    } else {
      throw std::logic_error("this type does not send");
    }
  }
  [[nodiscard]] message receive() override {
    if constexpr (requires { socket_.receive(); }) {
      return must_receive(socket_);
    } else {
      throw std::logic_error("this type does not receive");
    }
  }
  task<> async_send([[maybe_unused]] message what) override {
    if constexpr (requires { socket_.async_send(std::move(what)); }) {
      co_await socket_.async_send(std::move(what));
    } else {
      throw std::logic_error("this type does not send");
    }
  }
  [[nodiscard]] task<message> async_receive() override {
    if constexpr (requires { socket_.async_receive(); }) {
      std::optional<message> received = co_await socket_.async_receive_for(patience);
      if (!received) throw std::runtime_error("nothing received");
      co_return *std::move(received);
    } else {
      throw std::logic_error("this type does not receive");
      co_return message();
    }
  }
  void subscribe([[maybe_unused]] std::string_view topic) override {
    if constexpr (requires { socket_.subscribe(topic); }) {
      socket_.subscribe(topic);
    } else {
      throw std::logic_error("this type does not subscribe");
    }
  }

 private:
  Socket socket_;
};

inline std::unique_ptr<any_socket> any_socket::make(socket_type type, context& owner,
                                                    socket_options options) {
  const auto made = [&]<class Socket>(std::type_identity<Socket>) -> std::unique_ptr<any_socket> {
    return std::make_unique<typed_socket<Socket>>(owner, std::move(options));
  };
  switch (type) {
    case socket_type::pair: return made(std::type_identity<monocoque::pair>());
    case socket_type::pub: return made(std::type_identity<pub>());
    case socket_type::sub: return made(std::type_identity<sub>());
    case socket_type::req: return made(std::type_identity<req>());
    case socket_type::rep: return made(std::type_identity<rep>());
    case socket_type::dealer: return made(std::type_identity<dealer>());
    case socket_type::router: return made(std::type_identity<router>());
    case socket_type::pull: return made(std::type_identity<pull>());
    case socket_type::push: return made(std::type_identity<push>());
    case socket_type::xpub: return made(std::type_identity<xpub>());
    case socket_type::xsub: return made(std::type_identity<xsub>());
    case socket_type::stream: return made(std::type_identity<stream>());
    case socket_type::server: return made(std::type_identity<server>());
    case socket_type::client: return made(std::type_identity<client>());
    case socket_type::gather: return made(std::type_identity<gather>());
    case socket_type::scatter: return made(std::type_identity<scatter>());
    case socket_type::peer: return made(std::type_identity<peer>());
    case socket_type::channel: return made(std::type_identity<channel>());
    case socket_type::radio: return made(std::type_identity<radio>());
    case socket_type::dish: return made(std::type_identity<dish>());
    case socket_type::dgram: return made(std::type_identity<dgram>());
    default: break;
  }
  throw std::logic_error("no such type");
}

}  // namespace monocoque::test
