#pragma once

#include <gtest/gtest.h>
#include <zmq.h>

#include <string>
#include <vector>

/// What the tests of zmq.h share. It sees <zmq.h> alone.
namespace monocoque::test {

/// Milliseconds after which a blocking call counts as one that hangs.
inline constexpr int patience = 20'000;
/// Any port of the loopback interface.
inline constexpr const char* any_port = "tcp://127.0.0.1:*";

using frames = std::vector<std::string>;

/// 0 if a function of zmq.h has succeeded, or else its error number. To be called at once.
[[nodiscard]] int error_of(int answer);
[[nodiscard]] int error_of(const void* answer);

/// The answer of zmq_setsockopt for an int, and what zmq_getsockopt has to say of one.
int set(void* socket, int option, int value);
int set(void* socket, int option, const std::string& value);
[[nodiscard]] int get(void* socket, int option);
[[nodiscard]] std::string get_text(void* socket, int option);
/// What zmq_bind made of an endpoint, or what is wrong with it.
std::string bind_to(void* socket, const std::string& endpoint);

/// Whether that was sent, each as a frame.
bool send(void* socket, const frames& message, int flags = 0);
bool send(void* socket, const std::string& frame, int flags = 0);
/// The next frame, or an error's text in parentheses; the rest of its message stays.
[[nodiscard]] std::string receive(void* socket, int flags = 0);
/// The next message, or an error's text as the last frame.
[[nodiscard]] frames receive_all(void* socket, int flags = 0);

/// A context, terminated in the end, and sockets, closed before. Sockets do not linger, and their blocking
/// calls end when patience does.
class zmq_test : public testing::Test {
 protected:
  zmq_test();
  ~zmq_test() override;

  [[nodiscard]] void* context() const { return context_; }
  [[nodiscard]] void* socket(int type);
  /// Before the end of the test.
  void close(void* socket);
  /// Somebody else has closed it.
  void forget(void* socket);
  /// The test has terminated the context.
  void forget_context() { context_ = nullptr; }

 private:
  void* context_;
  std::vector<void*> open_;
};

}  // namespace monocoque::test
