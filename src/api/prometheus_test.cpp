#include <monocoque/prometheus.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace monocoque {
namespace {

context_stats one_socket() {
  socket_stats socket{.id = 3, .type = socket_type::push};
  socket.sent = {5, 600};
  socket.dropped[drop_reason::closed] = 2;
  socket.connected_peers = 1;
  socket.send_queue = {1, 70};
  socket.partial_bytes = 30;
  peer_stats peer{.id = 7, .endpoint = "tcp://127.0.0.1:5555"};
  peer_info who;
  who.address = "tcp://127.0.0.1:40312";
  who.routing_id = bytes::copy("a\"b\\c\nd\xff\xc3\xa9");
  peer.peer = std::make_shared<const peer_info>(std::move(who));
  peer.sent = {4, 500};
  peer.dropped[drop_reason::closed] = 2;
  peer.round_trip = std::chrono::microseconds(1500);
  socket.peers.push_back(std::move(peer));
  context_stats all;
  all.sockets.push_back(std::move(socket));
  return all;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(prometheus, has_a_sample_for_each_figure_with_its_kind) {
  const std::string text = to_prometheus(one_socket());
  EXPECT_TRUE(has_line(text, "# TYPE monocoque_socket_sent_messages_total counter"));
  EXPECT_TRUE(has_line(text, "# HELP monocoque_socket_sent_messages_total Messages sent, of all peers."));
  EXPECT_TRUE(has_line(text, "monocoque_socket_sent_messages_total{socket=\"3\",type=\"PUSH\"} 5"));
  EXPECT_TRUE(has_line(text, "monocoque_socket_sent_bytes_total{socket=\"3\",type=\"PUSH\"} 600"));
  EXPECT_TRUE(has_line(text, "monocoque_socket_memory_bytes{socket=\"3\",type=\"PUSH\"} 100"));
  EXPECT_TRUE(has_line(text, "# TYPE monocoque_socket_connected_peers gauge"));
  EXPECT_TRUE(has_line(
      text, "monocoque_socket_dropped_messages_total{socket=\"3\",type=\"PUSH\",reason=\"closed\"} 2"));
  EXPECT_TRUE(has_line(
      text, "monocoque_socket_dropped_messages_total{socket=\"3\",type=\"PUSH\",reason=\"full\"} 0"));
  EXPECT_TRUE(
      has_line(text, "monocoque_socket_events_total{socket=\"3\",type=\"PUSH\",event=\"handshake_done\"} 0"));
}

TEST(prometheus, escapes_what_a_peer_chose) {
  const std::string text = to_prometheus(one_socket());
  const std::string labels =
      "{socket=\"3\",type=\"PUSH\",peer=\"7\",endpoint=\"tcp://127.0.0.1:5555\","
      "address=\"tcp://127.0.0.1:40312\",identity=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\xc3\xa9\"}";
  EXPECT_TRUE(has_line(text, "monocoque_peer_sent_messages_total" + labels + " 4")) << text;
  EXPECT_TRUE(has_line(text, "monocoque_peer_round_trip_seconds" + labels + " 0.0015")) << text;
}

TEST(prometheus, leaves_peers_out_if_it_is_told_to) {
  EXPECT_EQ(to_prometheus(one_socket(), peer_samples::no).find("monocoque_peer"), std::string::npos);
}

TEST(prometheus, keeps_the_samples_of_a_family_together) {
  context_stats two = one_socket();
  two.sockets.push_back(two.sockets.front());
  two.sockets.back().id = 4;
  const std::string text = to_prometheus(two);
  const auto first = text.find("monocoque_socket_sent_messages_total{socket=\"3\"");
  const auto second = text.find("monocoque_socket_sent_messages_total{socket=\"4\"");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_EQ(text.substr(first, second - first).find("# TYPE"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
}

}  // namespace
}  // namespace monocoque
