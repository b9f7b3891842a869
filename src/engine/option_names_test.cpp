#include <monocoque/option_names.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace monocoque {
namespace {

using namespace std::chrono_literals;

socket_options with(std::string_view name, std::string_view value) {
  socket_options options;
  set_option(options, name, value);
  return options;
}

std::string complaint_about(std::string_view name, std::string_view value) {
  socket_options options;
  const result<void> set = set_option(as_result, options, name, value);
  if (set) return "it was accepted";
  EXPECT_EQ(set.error(), errc::invalid_argument);
  return std::string(set.error().detail());
}

TEST(set_option, reads_times_with_their_unit) {
  EXPECT_EQ(with("linger", "250ms").linger, 250ms);
  EXPECT_EQ(with("linger", "30s").linger, 30s);
  EXPECT_EQ(with("linger", "5min").linger, 5min);
  EXPECT_EQ(with("linger", "1h").linger, 1h);
  EXPECT_EQ(with("linger", "0").linger, 0ms);
  EXPECT_EQ(with("send_timeout", "infinite").send_timeout, infinite);
  EXPECT_EQ(with("reconnect_interval", "-1").reconnect_interval, -1ms);
  EXPECT_EQ(with("tcp_keepalive_idle", "2min").tcp_keepalive_idle, 120s);
  EXPECT_EQ(with("tcp_keepalive_idle", "system").tcp_keepalive_idle, std::nullopt);
  const std::string wrong = "option linger must be a time, such as 250ms, 30s, 5min, 1h or infinite, not '";
  for (const char* text :
       {"250", "soon", "", "1.5s", "s", "10 s", "9223372036854775807h", "99999999999999999999ms"})
    EXPECT_EQ(complaint_about("linger", text), wrong + text + "'");
  EXPECT_NE(complaint_about("tcp_keepalive_idle", "1500ms"), "it was accepted");
  EXPECT_NE(complaint_about("tcp_keepalive_idle", "infinite"), "it was accepted");
}

TEST(set_option, reads_numbers_with_k_M_and_G) {
  EXPECT_EQ(with("send_high_water_mark", "10").send_high_water_mark, 10);
  EXPECT_EQ(with("send_byte_limit", "64k").send_byte_limit, 65'536U);
  EXPECT_EQ(with("max_message_size", "16M").max_message_size, 16 * 1024 * 1024);
  EXPECT_EQ(with("max_unfinished_bytes", "2G").max_unfinished_bytes, 2'147'483'648U);
  EXPECT_EQ(with("max_message_size", "-1").max_message_size, -1);
  EXPECT_EQ(with("tcp_keepalive_count", "3").tcp_keepalive_count, 3);
  const std::string wrong = "must be a number, such as 1000, 64k, 16M or 1G, not '";
  for (const char* text : {"2G", "ten", "", "1K", "1 k", "0x10", "1e3"})
    EXPECT_EQ(complaint_about("send_high_water_mark", text),
              "option send_high_water_mark " + wrong + text + "'");
  EXPECT_EQ(complaint_about("send_byte_limit", "-1"), "option send_byte_limit " + wrong + "-1'");
}

TEST(set_option, reads_names_of_values) {
  EXPECT_TRUE(with("immediate", "on").immediate);
  EXPECT_FALSE(with("immediate", "off").immediate);
  EXPECT_EQ(with("tcp_keepalive", "on").tcp_keepalive, true);
  EXPECT_EQ(with("when_full", "drop_oldest").when_full, full_policy::drop_oldest);
  EXPECT_EQ(with("report_subscriptions", "verboser").report_subscriptions, subscription_reports::verboser);
  const reconnect_stops stops = with("reconnect_stop", "refused,disconnected").reconnect_stop;
  EXPECT_TRUE(stops.refused && stops.disconnected && !stops.handshake_failed);
  EXPECT_FALSE(with("reconnect_stop", "none").reconnect_stop.refused);
  EXPECT_EQ(complaint_about("immediate", "yes"), "option immediate must be off or on, not 'yes'");
  EXPECT_EQ(complaint_about("tcp_keepalive", "maybe"),
            "option tcp_keepalive must be system, or off or on, not 'maybe'");
  EXPECT_EQ(complaint_about("when_full", "drop"),
            "option when_full must be of_pattern, wait, drop_newest, drop_oldest or disconnect, not 'drop'");
  for (const char* text : {"", "refused,", "refused,none", "all"})
    EXPECT_NE(complaint_about("reconnect_stop", text), "it was accepted") << text;
}

TEST(set_option, reads_text_with_any_octet) {
  EXPECT_EQ(with("routing_id", "a\\x00\\xFf\\\\b").routing_id.view(), std::string_view("a\0\xff\\b", 5));
  EXPECT_EQ(with("hello_message", "").hello_message.size(), 0U);
  EXPECT_EQ(with("bind_to_device", "eth0").bind_to_device, "eth0");
  for (const char* text : {"\\", "\\x", "\\x0", "\\x0g", "\\n"})
    EXPECT_NE(complaint_about("routing_id", text), "it was accepted") << text;
  socket_options options = with("metadata", "X-Zone:north:1");
  set_option(options, "metadata", "X-Rack:7");
  EXPECT_EQ(options.metadata.at("X-Zone"), "north:1");
  EXPECT_EQ(options.metadata.size(), 2U);
  EXPECT_NE(complaint_about("metadata", "X-Zone"), "it was accepted");
}

TEST(set_option, takes_a_dash_for_an_underscore) {
  EXPECT_EQ(with("heartbeat-interval", "1s").heartbeat_interval, 1s);
}

TEST(set_option, says_which_names_are_like_one_that_there_is_not) {
  EXPECT_EQ(complaint_about("hearbeat_intervall", "1s"),
            "there is no option 'hearbeat_intervall'; is it heartbeat_interval?");
  EXPECT_EQ(complaint_about("heartbeat", "1s"),
            "there is no option 'heartbeat'; is it heartbeat_interval, heartbeat_timeout or heartbeat_ttl?");
  EXPECT_EQ(complaint_about("colour", "red"), "there is no option 'colour'");
  EXPECT_EQ(complaint_about("", ""), "there is no option ''");
}

TEST(describe_options, tells_a_default_that_is_read_as_the_default) {
  for (const option_description& each : describe_options()) {
    EXPECT_FALSE(each.meaning.empty() || each.form.empty()) << each.name;
    if (each.default_value == "none") continue;
    socket_options options;
    EXPECT_TRUE(set_option(as_result, options, each.name, each.default_value))
        << each.name << " " << each.default_value;
    for (const socket_type type : each.types) EXPECT_TRUE(check_options(type, options)) << each.name;
  }
}

TEST(describe_options, tells_which_types_have_an_option) {
  const std::vector<option_description> all = describe_options();
  const auto types_of = [&](std::string_view name) {
    return std::ranges::find(all, name, &option_description::name)->types;
  };
  EXPECT_EQ(types_of("req_relaxed"), std::vector{socket_type::req});
  EXPECT_EQ(types_of("invert_matching"),
            (std::vector{socket_type::pub, socket_type::sub, socket_type::xpub}));
  EXPECT_EQ(types_of("linger").size(), socket_type_count);
}

}  // namespace
}  // namespace monocoque
