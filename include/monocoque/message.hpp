#pragma once

#include <monocoque/bytes.hpp>
#include <monocoque/detail/peer_ref.hpp>

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

/// What is known of the peer that sent a message. Shared by all messages of one connection; immutable.
struct peer_info {
  std::string address;      ///< its endpoint as seen from here: "tcp://127.0.0.1:40312", "ipc://..."
  bytes routing_id;         ///< the identity it announced, empty if none (RFC 23, "Identity")
  std::string socket_type;  ///< "DEALER", as announced; empty for ZMTP 1.0 peers
  std::string mechanism;    ///< "NULL"; empty over inproc
  int zmtp_major = 3;       ///< protocol version spoken with it
  int zmtp_minor = 1;
  std::map<std::string, std::string> metadata;  ///< as sent, names in the peer's spelling
};

/// One or more frames. A message of one frame costs no allocation beyond its payload's; small payloads none
/// at all. A default-constructed message has one empty frame (as an empty ZeroMQ message does). A value type;
/// distinct messages may be used from distinct threads.
class message {
 public:
  message() noexcept = default;
  message(std::string_view text) : first_(bytes::copy(text)) {}                      // NOLINT
  message(const char* text) : first_(bytes::copy(std::string_view(text))) {}         // NOLINT
  message(const std::string& text) : first_(bytes::copy(std::string_view(text))) {}  // NOLINT
  message(std::string&& text) : first_(bytes::adopt(std::move(text))) {}             // NOLINT
  message(std::span<const std::byte> data) : first_(bytes::copy(data)) {}            // NOLINT
  message(bytes payload) noexcept : first_(std::move(payload)) {}                    // NOLINT

  /// A message of several frames: `message::of({"topic", "body"})`.
  [[nodiscard]] static message of(std::initializer_list<std::string_view> frames);

  message(const message& other);
  message(message&& other) noexcept = default;
  message& operator=(const message& other);
  message& operator=(message&& other) noexcept = default;
  ~message() = default;

  /// Number of frames, at least 1.
  [[nodiscard]] std::size_t size() const noexcept { return rest_ ? rest_->size() + 1 : 1; }
  /// Bytes in all frames together.
  [[nodiscard]] std::size_t byte_count() const noexcept;

  /// Frame `index`, which must be below size(). `at` throws std::out_of_range instead.
  [[nodiscard]] const bytes& operator[](std::size_t index) const noexcept {
    return index == 0 ? first_ : (*rest_)[index - 1];
  }
  [[nodiscard]] const bytes& at(std::size_t index) const;
  [[nodiscard]] const bytes& front() const noexcept { return first_; }
  [[nodiscard]] const bytes& back() const noexcept { return rest_ ? rest_->back() : first_; }

  /// The first frame as text: what most single-frame programs want.
  [[nodiscard]] std::string_view view() const noexcept { return first_.view(); }
  [[nodiscard]] std::string str() const { return first_.str(); }

  /// Adds a frame at the end.
  message& push_back(bytes frame) &;
  message&& push_back(bytes frame) && { return std::move(push_back(std::move(frame))); }
  message& push_back(std::string_view frame) & { return push_back(bytes::copy(frame)); }
  message&& push_back(std::string_view frame) && { return std::move(push_back(bytes::copy(frame))); }
  message& push_back(const char* frame) & { return push_back(std::string_view(frame)); }
  message&& push_back(const char* frame) && { return std::move(push_back(std::string_view(frame))); }
  /// Adds a frame in front.
  message& push_front(bytes frame) &;
  message& push_front(std::string_view frame) & { return push_front(bytes::copy(frame)); }
  message& push_front(const char* frame) & { return push_front(std::string_view(frame)); }
  /// Takes the first frame out. The last frame left is replaced by an empty one.
  bytes pop_front();

  /// Appends bytes to the last frame (copies that frame).
  message& append(std::string_view tail) &;
  message&& append(std::string_view tail) && { return std::move(append(tail)); }

  /// Replaces frames that share a larger block of memory by copies of their own, so that keeping this message
  /// for long keeps nothing else alive.
  void compact();

  /// Who sent it; null on a message that was not received.
  [[nodiscard]] const peer_info* peer() const noexcept { return peer_.get(); }
  /// For the engine, which makes received messages in place.
  void set_peer(detail::peer_ref peer) noexcept { peer_ = std::move(peer); }
  [[nodiscard]] bytes& first_frame() noexcept { return first_; }
  /// Back to what a default-constructed one is.
  void clear() noexcept {
    first_.clear();
    rest_.reset();
    peer_ = {};
  }

  friend bool operator==(const message& left, const message& right) noexcept;

 private:
  bytes first_;
  std::unique_ptr<std::vector<bytes>> rest_;
  detail::peer_ref peer_;
};

}  // namespace monocoque

#pragma GCC visibility pop
