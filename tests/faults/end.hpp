#pragma once

#include <monocoque/socket_type.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque::test {

using frames = std::vector<std::string>;

enum class library { monocoque, libzmq };
[[nodiscard]] std::string_view name_of(library which) noexcept;

/// Zero: the library's default.
struct end_options {
  std::chrono::milliseconds heartbeat{0};
  std::chrono::milliseconds heartbeat_timeout{0};
  std::chrono::milliseconds connect_timeout{0};
};

/// One socket of either library, in a context of its own: retries a lost connection every few milliseconds,
/// and drops what is unsent when it goes. A REQ may ask again before it was answered, and takes only the
/// answer to its last question. Failures throw. One thread at a time.
class end {
 public:
  virtual ~end() = default;
  [[nodiscard]] static std::unique_ptr<end> make(library which, socket_type type, end_options options = {});

  /// The resolved endpoint. Waits for an address that a moment ago was another's.
  virtual std::string bind(const std::string& endpoint) = 0;
  virtual void connect(const std::string& endpoint) = 0;
  virtual void subscribe(const std::string& topic) = 0;
  /// False if it could not be sent within `timeout`.
  [[nodiscard]] virtual bool send_for(const frames& message, std::chrono::milliseconds timeout) = 0;
  [[nodiscard]] virtual std::optional<frames> receive_for(std::chrono::milliseconds timeout) = 0;
};

}  // namespace monocoque::test
