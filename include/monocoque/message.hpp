#pragma once

#include <monocoque/bytes.hpp>
#include <monocoque/detail/frame_block.hpp>
#include <monocoque/detail/packed_frames.hpp>
#include <monocoque/detail/peer_ref.hpp>
#include <monocoque/frame_view.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque {

/// What is known of the peer that sent a message. Shared by all messages of one connection; immutable.
struct peer_info {
  std::string address;      ///< its endpoint as seen from here: "tcp://127.0.0.1:40312", "ipc://..."
  bytes routing_id;         ///< the identity it announced, empty if none (RFC 23, "Identity")
  std::string socket_type;  ///< "DEALER", as announced; empty for ZMTP 1.0 peers
  std::string mechanism;    ///< "NULL", "PLAIN", "CURVE"; empty over inproc
  std::string user_id;      ///< who it is, as whoever let it in says (authentication.hpp, RFC 27); else empty
  int zmtp_major = 3;       ///< protocol version spoken with it; 0: none, it is a peer of a STREAM
  int zmtp_minor = 1;
  std::map<std::string, std::string> metadata;  ///< as sent, names in the peer's spelling; and what
                                                ///< whoever let it in has added
  std::string host;     ///< the IP address in `address`, of tcp: "127.0.0.1"; else empty
  int descriptor = -1;  ///< of the connection, a number to tell it apart by (event.hpp); -1 over inproc
};

/// One or more frames. A message of one frame costs no allocation beyond its payload's; small payloads none
/// at all. Further frames are kept in memory that a thread uses again and again. A received message of up to
/// seven frames and 71 bytes, two for each frame included, is kept as it came: `span` and `view` read it
/// where it lies, and `bytes` are made of its frames when they are first asked for. A default-constructed
/// message has one empty frame (as an empty ZeroMQ message does). A value type: distinct messages may be used
/// from distinct threads, and one from several if none of them changes it.
class message {
 public:
  message() noexcept = default;
  message(std::string_view text) : only_(bytes::copy(text)) {}                      // NOLINT
  message(const char* text) : only_(bytes::copy(std::string_view(text))) {}         // NOLINT
  message(const std::string& text) : only_(bytes::copy(std::string_view(text))) {}  // NOLINT
  message(std::string&& text) : only_(bytes::adopt(std::move(text))) {}             // NOLINT
  message(std::span<const std::byte> data) : only_(bytes::copy(data)) {}            // NOLINT
  message(bytes payload) noexcept : only_(std::move(payload)) {}                    // NOLINT

  /// A message of several frames, copied from text or bytes: `message::of({"topic", "body"})`.
  [[nodiscard]] static message of(std::initializer_list<frame_view> frames) {
    return of(std::span(frames.begin(), frames.size()));
  }
  [[nodiscard]] static message of(std::span<const frame_view> frames);
  /// One of frames of these sizes, each written by `fill(std::size_t index, std::span<std::byte>)`.
  template <std::invocable<std::size_t, std::span<std::byte>> Fill>
  [[nodiscard]] static message make(std::span<const std::size_t> sizes, Fill&& fill) {
    message made;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      bytes frame = bytes::make(sizes[i], [&](std::span<std::byte> into) { fill(i, into); });
      if (i == 0) {
        made.only_ = std::move(frame);
      } else {
        made.push_back(std::move(frame));
      }
    }
    return made;
  }

  message(const message& other);
  message(message&& other) noexcept = default;
  message& operator=(const message& other);
  message& operator=(message&& other) noexcept = default;
  ~message() = default;

  /// Number of frames, at least 1.
  [[nodiscard]] std::size_t size() const noexcept {
    const auto place = place_.now();
    if (place.is_one()) return 1;
    return place.is_packed() ? place.layout().count() : place.block()->count();
  }
  /// All frames, in order. Valid until the message is changed or moved. Throws std::bad_alloc, as do all that
  /// answer with `bytes`.
  [[nodiscard]] std::span<const bytes> frames() const {
    return place_.now().is_one() ? std::span<const bytes>(&only_, 1) : several();
  }
  /// Bytes in all frames together.
  [[nodiscard]] std::size_t byte_count() const noexcept {
    return has_several() ? byte_count_of_several() : only_.size();
  }

  /// What is in frame `index`, which must be below size(). The cheapest way to read a frame. Valid until the
  /// message is changed or moved.
  [[nodiscard]] std::span<const std::byte> span(std::size_t index) const noexcept {
    const auto place = place_.now();
    if (place.is_one()) return only_.span();
    return place.is_packed() ? place.layout().payload(run(), index) : place.block()->data()[index].span();
  }
  /// The same as text.
  [[nodiscard]] std::string_view view(std::size_t index) const noexcept {
    const std::span<const std::byte> found = span(index);
    return {reinterpret_cast<const char*>(found.data()), found.size()};
  }

  /// Frame `index`, which must be below size(). `at` throws std::out_of_range instead.
  [[nodiscard]] const bytes& operator[](std::size_t index) const {
    return place_.now().is_one() ? only_ : several()[index];
  }
  [[nodiscard]] const bytes& at(std::size_t index) const;
  [[nodiscard]] const bytes& front() const { return place_.now().is_one() ? only_ : several().front(); }
  [[nodiscard]] const bytes& back() const { return place_.now().is_one() ? only_ : several().back(); }

  /// The first frame as text: what most single-frame programs want.
  [[nodiscard]] std::string_view view() const noexcept { return view(0); }
  [[nodiscard]] std::string str() const { return std::string(view()); }

  /// Adds a frame at the end.
  message& push_back(bytes&& frame) & {
    if (!has_room_behind()) return push_back_slowly(std::move(frame));
    place_.now().block()->add_behind(std::move(frame));
    return *this;
  }
  message& push_back(const bytes& frame) & { return push_back(bytes(frame)); }
  message& push_back(std::string_view frame) & {
    if (!has_room_behind()) return push_back_slowly(bytes::copy(frame));
    place_.now().block()->add_behind(std::as_bytes(std::span(frame)));
    return *this;
  }
  message& push_back(const char* frame) & { return push_back(std::string_view(frame)); }
  message&& push_back(bytes&& frame) && { return std::move(push_back(std::move(frame))); }
  message&& push_back(const bytes& frame) && { return std::move(push_back(frame)); }
  message&& push_back(std::string_view frame) && { return std::move(push_back(frame)); }
  message&& push_back(const char* frame) && { return std::move(push_back(frame)); }
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

  // For the engine, which makes received messages in place, of an empty one: its only frame, or all of
  // several, packed or in a block, another each time that one is full.
  void set_peer(detail::peer_ref peer) noexcept { peer_ = std::move(peer); }
  [[nodiscard]] const detail::peer_ref& peer_reference() const noexcept { return peer_; }
  [[nodiscard]] detail::peer_ref take_peer() noexcept { return std::exchange(peer_, {}); }
  [[nodiscard]] bytes& only_frame() noexcept { return only_; }
  [[nodiscard]] const bytes& only_frame() const noexcept { return only_; }
  [[nodiscard]] bool has_several() const noexcept { return !place_.now().is_one(); }
  /// sizeof(bytes) bytes may be read.
  void set_packed(const std::byte* run, const detail::packed_shape& shape) noexcept {
    only_.set_inline(run, shape.size());
    place_.set(shape.layout());
  }
  /// The wire bytes of packed frames, of which sizeof(bytes) may be read; empty if the frames are not packed.
  [[nodiscard]] std::span<const std::byte> packed() const noexcept {
    return place_.now().is_packed() ? only_.span() : std::span<const std::byte>();
  }
  [[nodiscard]] detail::frame_block& begin_several() {
    place_.set(detail::frame_block::make(1, usual_frames));
    return *place_.now().block();
  }
  [[nodiscard]] detail::frame_block& enlarge_several() { return enlarge_several(1); }
  /// Back to what a default-constructed one is.
  void clear() noexcept {
    only_.clear();
    place_.reset();
    peer_ = {};
  }

  friend bool operator==(const message& left, const message& right) noexcept;

 private:
  /// What a block has room for at first, beside a place for one that is put in front.
  static constexpr std::size_t usual_frames = 7;

  [[nodiscard]] bool has_room_behind() const noexcept {
    const auto place = place_.now();
    return !place.is_one() && !place.is_packed() && place.block()->has_room_behind();
  }
  message& push_back_slowly(bytes&& frame);
  [[nodiscard]] std::size_t byte_count_of_several() const noexcept;
  /// Of packed frames.
  [[nodiscard]] const std::byte* run() const noexcept { return reinterpret_cast<const std::byte*>(&only_); }
  /// The block with all frames, of a message that has several; packed ones are put into it.
  [[nodiscard]] detail::frame_block& block() const {
    const auto place = place_.now();
    return place.is_packed() ? unpack(place.layout()) : *place.block();
  }
  [[nodiscard]] std::span<const bytes> several() const { return block().frames(); }
  detail::frame_block& unpack(detail::packed_layout layout) const;
  detail::frame_block& enlarge_several(std::size_t in_front);
  /// As `frames`, to be changed.
  [[nodiscard]] std::span<bytes> own_frames() {
    return has_several() ? block().frames() : std::span<bytes>(&only_, 1);
  }

  bytes only_;  // or the run of packed frames, which stays until the message is changed or moved
  detail::frame_place place_;
  detail::peer_ref peer_;
};

}  // namespace monocoque

#pragma GCC visibility pop
