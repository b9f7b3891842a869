#include <monocoque/prometheus.hpp>

#include <monocoque/version.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace monocoque {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// How many bytes the UTF-8 character at the front of `text` has; 0 if there is none.
std::size_t character_size(std::string_view text) noexcept {
  const auto octet = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = octet(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xc2 && lead < 0xe0   ? 2
                           : (lead & 0xf0U) == 0xe0      ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0U) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what is beyond the last character.
  const unsigned char second = octet(1);
  const bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return wrong ? 0 : size;
}

void append_escaped(std::string& out, std::string_view value) {
  while (!value.empty()) {
    const std::size_t size = character_size(value);
    if (size == 0) {
      out.append(replacement);
    } else if (value[0] == '\n') {
      out.append("\\n");
    } else if (value[0] == '"' || value[0] == '\\') {
      out.append("\\").push_back(value[0]);
    } else {
      out.append(value.substr(0, size));
    }
    value.remove_prefix(size == 0 ? 1 : size);
  }
}

/// Labels without the braces.
class label_set {
 public:
  label_set& add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_.push_back(',');
    text_.append(name).append("=\"");
    append_escaped(text_, value);
    text_.push_back('"');
    return *this;
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

std::string label_of(event_kind kind) {
  std::string label(name_of(kind));
  std::ranges::replace(label, ' ', '_');
  return label;
}

label_set labels_of(const socket_stats& socket) {
  return label_set().add("socket", std::to_string(socket.id)).add("type", name_of(socket.type));
}

label_set labels_of(const socket_stats& socket, const peer_stats& peer) {
  label_set labels = labels_of(socket);
  labels.add("peer", std::to_string(peer.id)).add("endpoint", peer.endpoint);
  if (!peer.peer) return labels;
  const bytes& identity = peer.peer->routing_id;
  labels.add("address", peer.peer->address);
  return labels.add("identity", {reinterpret_cast<const char*>(identity.data()), identity.size()});
}

/// The text as it grows: the samples of a family must follow each other.
class exposition {
 public:
  exposition(const context_stats& stats, peer_samples peers) : stats_(stats), peers_(peers) {}

  void begin(std::string_view name, std::string_view kind, std::string_view help) {
    name_ = name;
    out_.append("# HELP ").append(name).append(" ").append(help);
    out_.append("\n# TYPE ").append(name).append(" ").append(kind).append("\n");
  }

  template <class Number>
  void sample(const label_set& labels, Number value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(name_);
    if (!labels.text().empty()) out_.append("{").append(labels.text()).append("}");
    out_.append(" ").append(digits.data(), end).append("\n");
  }

  /// A family with `figure(socket)` of each socket.
  template <class Figure>
  void of_sockets(std::string_view name, std::string_view kind, std::string_view help, Figure figure) {
    begin(name, kind, help);
    for (const socket_stats& each : stats_.sockets) sample(labels_of(each), figure(each));
  }

  /// Two families with `figure(socket)` of each socket and `figure(peer)` of each peer.
  template <class Figure>
  void of_all(std::string_view what, std::string_view kind, std::string_view help, Figure figure) {
    of_sockets("monocoque_socket_" + std::string(what), kind, std::string(help) + ", of all peers.", figure);
    if (peers_ == peer_samples::no) return;
    const std::string name = "monocoque_peer_" + std::string(what);
    begin(name, kind, std::string(help) + ", of one peer.");
    for_each_peer([&](const socket_stats& socket, const peer_stats& peer) {
      sample(labels_of(socket, peer), figure(peer));
    });
  }

  template <class Visit>
  void for_each_peer(Visit visit) {
    for (const socket_stats& socket : stats_.sockets) {
      for (const peer_stats& peer : socket.peers) visit(socket, peer);
    }
  }

  [[nodiscard]] const context_stats& stats() const noexcept { return stats_; }
  [[nodiscard]] bool with_peers() const noexcept { return peers_ == peer_samples::yes; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  const context_stats& stats_;
  const peer_samples peers_;
  std::string name_;
  std::string out_;
};

constexpr std::string_view counter = "counter";
constexpr std::string_view gauge = "gauge";

void write_traffic(exposition& to) {
  to.of_all("sent_messages_total", counter, "Messages sent", [](const auto& of) { return of.sent.messages; });
  to.of_all("sent_bytes_total", counter, "Bytes of messages sent",
            [](const auto& of) { return of.sent.bytes; });
  to.of_all("received_messages_total", counter, "Messages received",
            [](const auto& of) { return of.received.messages; });
  to.of_all("received_bytes_total", counter, "Bytes of messages received",
            [](const auto& of) { return of.received.bytes; });
  to.of_all("reconnects_total", counter, "Connections made again after one was lost",
            [](const auto& of) { return of.reconnects; });
}

void write_queues(exposition& to) {
  to.of_all("send_queue_messages", gauge, "Messages that wait to be sent",
            [](const auto& of) { return of.send_queue.messages; });
  to.of_all("send_queue_bytes", gauge, "Bytes of messages that wait to be sent",
            [](const auto& of) { return of.send_queue.bytes; });
  to.of_all("receive_queue_messages", gauge, "Messages that the application has not taken",
            [](const auto& of) { return of.receive_queue.messages; });
  to.of_all("receive_queue_bytes", gauge, "Bytes of messages that the application has not taken",
            [](const auto& of) { return of.receive_queue.bytes; });
  to.of_all("memory_bytes", gauge, "Bytes held in queues and for messages that have not come whole",
            [](const auto& of) { return of.memory_held(); });
}

/// Sockets show every reason from the start, peers those that there were.
void write_drops(exposition& to) {
  to.begin("monocoque_socket_dropped_messages_total", counter, "Messages dropped, of all peers, by reason.");
  const auto reason = [](std::size_t index) { return label_of(static_cast<drop_reason>(index)); };
  for (const socket_stats& each : to.stats().sockets) {
    for (std::size_t i = 0; i < drop_reason_count; ++i)
      to.sample(labels_of(each).add("reason", reason(i)), each.dropped.by_reason[i]);
  }
  if (!to.with_peers()) return;
  to.begin("monocoque_peer_dropped_messages_total", counter, "Messages dropped, of one peer, by reason.");
  to.for_each_peer([&](const socket_stats& socket, const peer_stats& peer) {
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
      if (peer.dropped.by_reason[i] == 0) continue;
      to.sample(labels_of(socket, peer).add("reason", reason(i)), peer.dropped.by_reason[i]);
    }
  });
}

void write_connections(exposition& to) {
  to.of_sockets("monocoque_socket_connected_peers", gauge, "Peers whose handshake is done.",
                [](const socket_stats& of) { return of.connected_peers; });
  to.begin("monocoque_socket_events_total", counter, "Events of connections and queues, by kind.");
  for (const socket_stats& each : to.stats().sockets) {
    for (std::size_t i = 0; i < event_kind_count; ++i) {
      const auto kind = static_cast<event_kind>(i);
      if (kind == event_kind::dropped) continue;
      to.sample(labels_of(each).add("event", label_of(kind)), each.events.at(i));
    }
  }
  if (!to.with_peers()) return;
  to.begin("monocoque_peer_connected", gauge,
           "1 while there is a connection whose handshake is done, else 0.");
  to.for_each_peer([&](const socket_stats& socket, const peer_stats& peer) {
    to.sample(labels_of(socket, peer), peer.connected ? 1 : 0);
  });
  to.begin("monocoque_peer_round_trip_seconds", gauge, "How long the last heartbeat took there and back.");
  to.for_each_peer([&](const socket_stats& socket, const peer_stats& peer) {
    if (peer.round_trip.count() == 0) return;
    to.sample(labels_of(socket, peer), std::chrono::duration<double>(peer.round_trip).count());
  });
}

void write_context(exposition& to) {
  to.begin("monocoque_info", gauge, "1, with the version of the library.");
  to.sample(label_set().add("version", version_text), 1);
  to.begin("monocoque_slab_memory_bytes", gauge, "Bytes of send and receive memory, held or kept for reuse.");
  to.sample(label_set().add("state", "in_use"), to.stats().slab_bytes_in_use);
  to.sample(label_set().add("state", "spare"), to.stats().slab_bytes_spare);
}

}  // namespace

std::string to_prometheus(const context_stats& stats, peer_samples peers) {
  exposition text(stats, peers);
  write_context(text);
  write_connections(text);
  write_traffic(text);
  write_queues(text);
  write_drops(text);
  return text.take();
}

}  // namespace monocoque
